"""Scripts to a pack: played through in several processes, each session kept under its content's name.

Law: a session depends on its script and on the sounds alone, so any number of processes, and any number
of interruptions, give the same bytes; the pack holds the sessions in the order of their scripts.
Source: docs/data.md.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import soundfile

from hocket.audio.pcm import to_int16
from hocket.core.units import USER_RATE_HZ
from hocket.data.pack import PackWriter, SessionTicks
from hocket.data.script import Script
from hocket.data.simulation import Played, Studio, play

VERSION: Final = 9  # of what playing a script gives: raise it when rules, mix or ears change
LANES: Final = "lanes"
SOUND: Final = ".flac"

StudioOf: TypeAlias = Callable[[], Studio]  # picklable; called once in every process
_studio: Studio | None = None


def synthesise(
    scripts: Sequence[Script],
    studio_of: StudioOf,
    *,
    out: Path,
    cache: Path,
    about: Mapping[str, Any],
    jobs: int = 1,
    lanes: bool = False,
    made: Callable[[int], None] = lambda n_ticks: None,
) -> None:
    """Play the scripts through and write the pack; ``made`` is told the ticks of each session.

    ``lanes`` writes both lanes of every session beside the pack's arrays: ``lanes/<id>.flac`` is the
    user's, ``lanes/<id>.agent.flac`` the agent's.
    """
    cache.mkdir(parents=True, exist_ok=True)
    paths = [cache / f"{content_key(script)}.npz" for script in scripts]
    for path, script in _played(scripts, paths, studio_of, jobs):
        assert path.exists()
        made(script.n_ticks)
    counted: Counter[str] = Counter()
    with PackWriter(out) as writer:
        for path, script in zip(paths, scripts, strict=True):
            ticks = _load(path)
            writer.add(ticks)
            counted.update(mark["kind"] for mark in ticks.about["marks"])
            if lanes:
                _write_lanes(path, out / LANES, script.id)
        writer.finish({**about, "marks": dict(sorted(counted.items()))})


def _write_lanes(path: Path, folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    both_S2, _ = soundfile.read(path.with_suffix(SOUND), dtype="int16")
    soundfile.write(folder / f"{name}{SOUND}", both_S2[:, 0], USER_RATE_HZ)
    soundfile.write(folder / f"{name}.agent{SOUND}", both_S2[:, 1], USER_RATE_HZ)


def content_key(script: Script) -> str:
    """Sixteen hex digits that stand for all that a session is made from."""
    text = json.dumps([VERSION, script.as_json()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _played(
    scripts: Sequence[Script], paths: Sequence[Path], studio_of: StudioOf, jobs: int
) -> Iterator[tuple[Path, Script]]:
    """Make what is not there yet, in order."""
    if jobs <= 1:
        _open(studio_of)
        yield from zip(map(_make, scripts, paths), scripts, strict=True)
        return
    # Forked children would share the graphs' threads; spawned ones load their own.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(studio_of,)
    ) as pool:
        yield from zip(pool.map(_make, scripts, paths), scripts, strict=True)


def _open(studio_of: StudioOf) -> None:
    global _studio
    _studio = studio_of()


def _make(script: Script, path: Path) -> Path:
    if not path.exists():
        assert _studio is not None
        _save(path, play(script, _studio))
    return path


def _save(path: Path, played: Played) -> None:
    arrays = {
        field.name: getattr(played.ticks, field.name)
        for field in fields(SessionTicks)
        if field.name != "about"
    }
    arrays["features"] = arrays["features"].astype(np.float16)
    part = path.with_name(f"{path.stem}.{os.getpid()}.part")
    both_S2 = np.stack([to_int16(played.user), to_int16(played.agent)], axis=1)
    soundfile.write(part.with_suffix(SOUND), both_S2, USER_RATE_HZ)
    part.with_suffix(SOUND).replace(path.with_suffix(SOUND))
    # Written last: where the ticks are, the lanes are.
    np.savez(part.with_suffix(".npz"), about=np.array(json.dumps(played.ticks.about)), **arrays)
    part.with_suffix(".npz").replace(path)


def _load(path: Path) -> SessionTicks:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return SessionTicks(about=json.loads(str(arrays.pop("about"))), **arrays)

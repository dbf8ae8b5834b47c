"""Packed ticks: what a model sees and what it should do, tick by tick, on disk and mapped to memory.

Law: a pack is written once, session after session, and never changed; ``about.json`` comes last, so a
folder without it is half-written and refused. Arrays are raw ``.npy``: training maps them.
Source: docs/decisions/ for the sizes; model.md section 1 for what a tick holds.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from hocket.core.errors import BadInput

VERSION: Final = 1
ABOUT: Final = "about.json"
SESSIONS: Final = "sessions.jsonl"

Array: TypeAlias = NDArray[Any]

# Arrays with one row a tick: name -> (type, shape of a row).
TICK_ARRAYS: Final[Mapping[str, tuple[type[np.generic], tuple[int, ...]]]] = {
    "features": (np.float16, (4, 576)),  # the ears' features
    "dmel": (np.uint8, (8, 80)),  # levels 0..15 of the user's sound, a row each 25 ms
    "level_db": (np.float16, ()),  # of the user's sound
    "played_db": (np.float16, ()),  # of what was played of us, -90 in silence
    "played_share": (np.float16, ()),  # share of the tick in which we sounded
    "played_dmel": (np.uint8, (80,)),  # levels 0..15 of what was played of us, mean of the tick
    "floor": (np.uint8, ()),  # the action taken in this tick, an index into FLOORS
    "target": (np.float16, (5,)),  # what it should be: a distribution over FLOORS
    "weight": (np.float16, ()),  # of the floor loss; 0 leaves the tick out
    "user_ahead": (np.float16, (4,)),  # share of speech in the next 200, 400, 600, 800 ms, in turn
    "agent_ahead": (np.float16, (4,)),
}
# Ragged arrays: tokens of all ticks joined; ``<name>_end`` says where each tick's end.
RAGGED: Final = ("input", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTicks:
    """The T ticks of one session. Rows as in ``TICK_ARRAYS``."""

    about: Mapping[str, Any]  # id, split, voices, behaviours, seed; ``marks``: what happened when
    features: Array
    dmel: Array
    level_db: Array
    played_db: Array
    played_share: Array
    played_dmel: Array
    floor: Array
    target: Array
    weight: Array
    user_ahead: Array
    agent_ahead: Array
    input_ids: Array  # uint16 [N], tokens of SmolLM2's vocabulary
    input_kinds: Array  # uint8 [N]: AGREED, TENTATIVE, TYPED or EVENT
    input_end: Array  # int64 [T]: tokens of tick k are input_ids[input_end[k - 1]:input_end[k]]
    text_ids: Array  # uint16 [M]: what the agent should write
    text_end: Array  # int64 [T]

    def __len__(self) -> int:
        return len(self.floor)


class PackWriter:
    """Collects sessions in a folder, in a ``with``; ``finish`` makes it a pack. One writer a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ABOUT).unlink(missing_ok=True)
        self._folder = folder
        self._n_ticks: list[int] = []
        self._raw = {name: (folder / f"{name}.raw").open("wb") for name in _stored()}
        self._sessions = (folder / SESSIONS).open("w", encoding="utf-8")
        self._tokens = dict.fromkeys(RAGGED, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._sessions, *self._raw.values()):
            stream.close()

    def add(self, session: SessionTicks) -> None:
        """Append one session.

        Raises:
            ValueError: an array has the wrong shape.
        """
        n = len(session)
        for name, (kind, shape) in _stored().items():
            array = np.asarray(getattr(session, name))
            if name in TICK_ARRAYS and array.shape != (n, *shape):
                raise ValueError(f"expected {name} {(n, *shape)}, got {array.shape}")
            if name.endswith("_end"):
                array = array + self._tokens[name.removesuffix("_end")]
            self._raw[name].write(np.ascontiguousarray(array, dtype=kind).tobytes())
        self._tokens["input"] += len(session.input_ids)
        self._tokens["text"] += len(session.text_ids)
        self._n_ticks.append(n)
        self._sessions.write(json.dumps({**session.about, "ticks": n}) + "\n")

    def finish(self, about: Mapping[str, Any]) -> None:
        """Make it a pack. ``about`` is its card: recipe, seeds, hours, voices, licences."""
        self.__exit__()
        for name, (kind, shape) in _stored().items():
            raw = self._folder / f"{name}.raw"
            flat = np.fromfile(raw, dtype=kind)
            array = open_memmap(
                self._folder / f"{name}.npy",
                mode="w+",
                dtype=kind,
                shape=(flat.size // max(1, int(np.prod(shape))), *shape),
            )
            array[...] = flat.reshape(array.shape)
            array.flush()
            raw.unlink()
        head = {"pack": VERSION, "sessions": len(self._n_ticks), "ticks": sum(self._n_ticks)}
        (self._folder / ABOUT).write_text(json.dumps({**head, **about}, indent=1) + "\n")


class Pack:
    """A pack, mapped to memory: ``len`` sessions, each a ``SessionTicks`` of views.

    Raises:
        BadInput: the folder is no finished pack of this version.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.about: Mapping[str, Any] = json.loads((folder / ABOUT).read_text())
        except (OSError, ValueError) as error:
            raise BadInput(f"expected a finished pack in {folder}, got {error}") from None
        version = self.about.get("pack") if isinstance(self.about, dict) else None
        if version != VERSION:
            raise BadInput(f"expected pack version {VERSION} in {folder}, got {version}")
        try:
            lines = (folder / SESSIONS).read_text(encoding="utf-8").splitlines()
            self.sessions: list[Mapping[str, Any]] = [json.loads(line) for line in lines]
        except (OSError, ValueError) as error:
            raise BadInput(f"expected the sessions of a pack in {folder}, got {error}") from None
        self._start = np.cumsum([0, *(int(about["ticks"]) for about in self.sessions)])
        self._arrays = {name: _mapped(folder / f"{name}.npy") for name in _stored()}

    def __len__(self) -> int:
        return len(self.sessions)

    def __iter__(self) -> Iterator[SessionTicks]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> SessionTicks:
        """Session ``i``; arrays are views of the files, except the ends of ragged ones."""
        start, stop = int(self._start[i]), int(self._start[i + 1])
        parts = {name: self._arrays[name][start:stop] for name in TICK_ARRAYS}
        for ragged in RAGGED:
            end = self._arrays[f"{ragged}_end"]
            first = int(end[start - 1]) if start else 0
            last = int(end[stop - 1]) if stop else 0
            parts[f"{ragged}_end"] = end[start:stop] - first
            for name in _tokens_of(ragged):
                parts[name] = self._arrays[name][first:last]
        return SessionTicks(about=self.sessions[i], **parts)


class Packs:
    """Several packs as one: their sessions in a row.

    Raises:
        BadInput: a folder is no finished pack of this version.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._packs = [Pack(folder) for folder in folders]
        self._start = np.cumsum([0, *map(len, self._packs)])

    def __len__(self) -> int:
        return int(self._start[-1])

    def __iter__(self) -> Iterator[SessionTicks]:
        return (session for pack in self._packs for session in pack)

    def __getitem__(self, i: int) -> SessionTicks:
        """Session ``i`` of all."""
        if not 0 <= i < len(self):
            raise IndexError(f"expected a session below {len(self)}, got {i}")
        which = int(np.searchsorted(self._start, i, side="right")) - 1
        return self._packs[which][i - int(self._start[which])]


def _tokens_of(ragged: str) -> tuple[str, ...]:
    return ("input_ids", "input_kinds") if ragged == "input" else ("text_ids",)


def _stored() -> dict[str, tuple[type[np.generic], tuple[int, ...]]]:
    tokens: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
        "input_ids": (np.uint16, ()),
        "input_kinds": (np.uint8, ()),
        "input_end": (np.int64, ()),
        "text_ids": (np.uint16, ()),
        "text_end": (np.int64, ()),
    }
    return {**TICK_ARRAYS, **tokens}


def _mapped(path: Path) -> Array:
    # numpy refuses to map an empty file.
    array: Array = np.load(path, mmap_mode="r" if path.stat().st_size > 256 else None)
    return array


assert {field.name for field in fields(SessionTicks)} == {"about", *_stored()}

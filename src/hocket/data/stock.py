"""Fills the sound bank with made voices: who says what, said in parallel.

Law: the plan is a pure function of a seed; what the bank has is not said again, so a run that was
stopped goes on where it was, and a longer plan begins with the shorter one's sounds where it can.
Held-out voices say texts that no training voice says.
Source: docs/data.md. ``python -m hocket.data.stock BANK --engine flite`` runs it.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rich.progress import track

from hocket.core.errors import BadInput
from hocket.data import formant_voices, kokoro
from hocket.data.bank import BankWriter, utterance_id
from hocket.data.spans import Float32
from hocket.data.splits import BLENDS, Split, split_of
from hocket.data.texts import Kind, lines
from hocket.weights.store import path_of

VERSION: Final = 1  # of how texts become sound: a new one makes all sounds anew
SLOWEST, FASTEST = 0.85, 1.25
# How many of a kind a voice says.
COUNTS: Final = {
    Kind.BACKCHANNEL: 5,
    Kind.INTERRUPTION: 10,
    Kind.TIC: 2,
    Kind.SIDE: 10,
    Kind.TURN: 13,
}
HELD_OUT_TIMES: Final = 2  # there are few held-out voices, so they say more
FLITE_PITCHES: Final = (0.88, 1.0, 1.15)
BLENDED_WITH: Final = 7  # places on: another accent or sex for most


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One sound to be made."""

    kind: str
    text: str
    voice: str  # engine/name, or engine/name@pitch
    rate: float
    pitch: float
    seed: int

    @property
    def id(self) -> str:
        """What the sound will be known by."""
        return utterance_id(version=VERSION, **asdict(self))

    @property
    def engine(self) -> str:
        """The engine of the voice."""
        return self.voice.split("/")[0]


def voices_of(engine: str) -> list[str]:
    """The voices that an engine has here.

    Raises:
        BadInput: no such engine, or it is not installed.
    """
    if engine == kokoro.ENGINE:
        names = kokoro.voices(_kokoro_folder())
    elif not formant_voices.installed(engine):
        raise BadInput(f"expected an installed engine, got {engine}")
    elif engine == formant_voices.FLITE:
        names = [f"{n}@{p}" for n in ("awb", "kal16", "rms", "slt") for p in FLITE_PITCHES]
    else:
        names = [f"{name}@{pitch}" for name, pitch in formant_voices.ESPEAK_VOICES.items()]
    return [f"{engine}/{name}" for name in names]


def blends_of(voices: Sequence[str]) -> list[str]:
    """Voices between two of Kokoro's that are for training, as many as there are of these."""
    own = [v for v in voices if v.startswith(kokoro.ENGINE) and split_of(v) is Split.TRAIN]
    others = [*own[BLENDED_WITH:], *own[:BLENDED_WITH]]
    pairs = zip(own, others, strict=True)
    return [f"{a}{BLENDS}{b.partition('/')[2]}" for a, b in pairs if a != b]


def plan(
    voices: Sequence[str], *, seed: int, share: float = 1.0, dialogues: Path | None = None
) -> list[Request]:
    """Who says what; ``share`` scales the counts.

    Kinds and voices come evenly mixed, so that a bank that is not full yet can be used.
    """
    found: list[tuple[float, Request]] = []
    for kind, count in COUNTS.items():
        for held_out in (False, True):
            group = [v for v in voices if (split_of(v) is not Split.TRAIN) is held_out]
            n = max(1, round(count * share * (HELD_OUT_TIMES if held_out else 1)))
            texts = lines(kind, n * len(group), seed=seed, held_out=held_out, dialogues=dialogues)
            found += [
                (i / len(texts), request(kind, line.text, group[i % len(group)], seed))
                for i, line in enumerate(texts)
            ]
    return [request for _, request in sorted(found, key=lambda at: at[0])]


def request(kind: Kind, text: str, voice: str, seed: int) -> Request:
    """A text to be said by a voice at a rate and a pitch of its own, drawn by all of these."""
    own = int(utterance_id(kind=kind, text=text, voice=voice, seed=seed)[:8], 16)
    rng = np.random.default_rng(own)
    pitch = float(voice.partition("@")[2] or 1.0) * rng.uniform(0.96, 1.04)
    rate = rng.uniform(SLOWEST, FASTEST)
    return Request(
        kind=kind, text=text, voice=voice, rate=round(rate, 3), pitch=round(pitch, 3), seed=own
    )


def say(request: Request) -> Float32:
    """The sound of a request, float32 [S] at 16 kHz.

    Raises:
        BadInput: the engine refused.
        ModelFileError: a voice is missing.
    """
    name = request.voice.split("/")[1].partition("@")[0]
    if request.engine == kokoro.ENGINE:
        return _kokoro().say(request.text, name=name, rate=request.rate, seed=request.seed)
    engine = (
        formant_voices.flite if request.engine == formant_voices.FLITE else formant_voices.espeak_ng
    )
    return engine(
        request.text, name=name, rate=request.rate, pitch=request.pitch, seed=request.seed
    )


def stock(folder: Path, requests: Sequence[Request], *, jobs: int = 2) -> int:
    """Say what the bank in ``folder`` lacks of the requests; returns how many sounds were added."""
    with BankWriter(folder) as bank:
        missing = [r for r in requests if r.id not in bank.known]
        added = 0
        sounds: Iterable[tuple[Request, Float32]] = _said(missing, jobs)
        if missing:
            sounds = track(sounds, "filling the bank", total=len(missing))
        for request, sound_S in sounds:
            utterance = bank.add(
                sound_S,
                trim=True,
                id=request.id,
                kind=str(request.kind),
                text=request.text,
                voice=request.voice,
                engine=request.engine,
                split=str(split_of(request.voice)),
                complete=True,
            )
            added += utterance is not None
    return added


def _said(requests: Sequence[Request], jobs: int) -> Iterator[tuple[Request, Float32]]:
    """Requests with their sounds, in order."""
    if jobs == 1:
        yield from ((r, say(r)) for r in requests)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from zip(requests, pool.map(say, requests), strict=True)


def _kokoro_folder() -> Path:
    return path_of(f"kokoro-82m/{kokoro.MODEL}").parent


@lru_cache(maxsize=1)
def _kokoro() -> kokoro.Kokoro:
    return kokoro.Kokoro(_kokoro_folder())


def main(
    folder: Path,
    engine: Annotated[list[str], typer.Option(help="kokoro, flite or espeak-ng.")],
    dialogues: Annotated[Path | None, typer.Option(help="dialogues.jsonl.gz")] = None,
    seed: int = 1,
    share: Annotated[float, typer.Option(help="Of the usual number of sounds a voice.")] = 1.0,
    blends: Annotated[
        bool, typer.Option("--blends", help="Voices between Kokoro's instead of its own.")
    ] = False,
    jobs: int = 2,
) -> None:
    """Fill the sound bank in FOLDER with made voices."""
    voices = [voice for name in engine for voice in voices_of(name)]
    voices = blends_of(voices) if blends else voices
    stock(folder, plan(voices, seed=seed, share=share, dialogues=dialogues), jobs=jobs)


if __name__ == "__main__":
    typer.run(main)

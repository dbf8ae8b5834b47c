"""From a scene's sounds to samples: the bench's own bank, and sounds made by rule.

Law: a sound is the same samples whatever else is in the bank; what the bank has is not said again.
Source: data/stock.py and data/readers.py say and hear; the texts are the bench's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from hocket.audio.levels import from_db
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import LEVEL_DB, Bank, levelled
from hocket.data.library import Library
from hocket.data.meetings import stock_meetings
from hocket.data.mix import at_level
from hocket.data.readers import stock_readers
from hocket.data.spans import Float32, Spans, quietest_sample
from hocket.data.splits import READER, Split, split_of
from hocket.data.stock import stock
from hocket.evaluation import made_sounds
from hocket.evaluation.scenes.scene import Scene, Sound
from hocket.weights.store import data_folder

EDGE: Final = USER_RATE_HZ // 100  # kept in front of the first audible sample
TAIL: Final = USER_RATE_HZ // 10  # and behind the last
MADE: Final = "made/"
MEETINGS_DONE: Final = "meetings.done"


def bench_bank() -> Path:
    """``bench-bank`` in the data folder."""
    return data_folder() / "bench-bank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A sound as it leaves the mouth: float32 [S] at 16 kHz, and its spans of sound in samples."""

    samples_S: Float32
    spans: Spans


def fill(folder: Path, scenes: Iterable[Scene], *, jobs: int = 1) -> int:
    """Say what the bank lacks of these scenes' texts; returns how many sounds were added.

    Raises:
        BadInput: an engine refused.
        ModelFileError: a voice is missing.
    """
    requests = {s.request.id: s.request for scene in scenes for s in scene.sounds if s.request}
    return stock(folder, [requests[key] for key in sorted(requests)], jobs=jobs)


def fill_people(
    folder: Path, split: Split, *, readers: Path | None, meetings: Path | None, jobs: int = 1
) -> int:
    """Put the recorded people of a split into the bank, as far as the folders are there.

    The meetings are put in whole, since one file annotates them all; scenes take their split's.
    """
    added = 0
    if readers is not None:
        paths = sorted(readers.glob("*.flac"))
        own = [p for p in paths if split_of(f"{READER}/{p.name.split('-')[0]}") is split]
        added += stock_readers(folder, own, jobs=jobs)
    # Hearing the meetings' cuts takes minutes and begins anew each time: it is done once.
    if meetings is not None and not (folder / MEETINGS_DONE).exists():
        added += stock_meetings(folder, meetings)
        (folder / MEETINGS_DONE).touch()
    return added


class SceneSounds:
    """Sounds of scenes of one split, by what they are made from."""

    def __init__(self, bank: Bank, *, split: str, rooms: Path | None = None) -> None:
        self._bank = bank
        self._by_id = {u.id: u for u in bank}
        self._library = Library(bank, split=split, rooms=rooms)

    def render(self, sound: Sound) -> Rendered:
        """A sound at its level, from 10 ms before its first audible sample on.

        Raises:
            BadInput: the bank lacks it.
        """
        samples_S, spans = self._raw(sound)
        if sound.piece is not None:
            samples_S, spans = _piece(samples_S, spans, *sound.piece)
        if sound.stretch_s and len(spans) > 1:
            samples_S, spans = _stretched(samples_S, spans, sound.stretch_s)
        first, behind = max(spans[0][0] - EDGE, 0), min(spans[-1][1] + TAIL, len(samples_S))
        cut_S = _with_edges(samples_S[first:behind]) * np.float32(from_db(sound.gain_db))
        return Rendered(samples_S=cut_S, spans=tuple((a - first, b - first) for a, b in spans))

    def speech(self, source: str) -> Float32:
        """An utterance of the bank as it lies there, float32 [S] at 16 kHz.

        Raises:
            BadInput: the bank lacks it.
        """
        if source not in self._by_id:
            raise BadInput(f"expected utterance {source} in the bench's bank: fill it first")
        return self._bank.samples(self._by_id[source])

    def spans(self, source: str) -> Spans:
        """Its spans of speech."""
        return self._by_id[source].spans

    def noise(self, name: str, n_samples: int, seed: int) -> Float32:
        """A noise that goes on, float32 [n_samples] at the level of speech: recorded or made."""
        if name in made_sounds.STEADY:
            noise_S = np.resize(made_sounds.made(name, seed), n_samples)
        else:
            noise_S = self._library.noise(name, n_samples, seed)
        return at_level(noise_S, LEVEL_DB)

    def _raw(self, sound: Sound) -> tuple[Float32, Spans]:
        if not sound.source.startswith(MADE):
            samples_S = self.speech(sound.source)
            return samples_S, self.spans(sound.source)
        made_S = made_sounds.made(sound.source.removeprefix(MADE), sound.seed)
        found = levelled(made_S, trim=False)
        assert found is not None  # a made sound has a peak of 0.9
        return found


def _piece(samples_S: Float32, spans: Spans, first: int, behind: int) -> tuple[Float32, Spans]:
    inside = tuple((a - first, b - first) for a, b in spans if a >= first and b <= behind)
    if not inside:
        raise BadInput(f"expected speech from sample {first} to {behind} of a recording, got none")
    return samples_S[first:behind], inside


def _stretched(samples_S: Float32, spans: Spans, stretch_s: float) -> tuple[Float32, Spans]:
    """Silence put into the quietest place of the longest silence."""
    gaps = [start - end for (_, end), (start, _) in pairwise(spans)]
    at = int(np.argmax(gaps))
    n = round(stretch_s * USER_RATE_HZ)
    cut = quietest_sample(samples_S, spans[at][1], spans[at + 1][0])
    before, after = _with_edges(samples_S[:cut]), _with_edges(samples_S[cut:])
    moved = (*spans[: at + 1], *((a + n, b + n) for a, b in spans[at + 1 :]))
    return np.concatenate([before, np.zeros(n, np.float32), after]), moved


def _with_edges(samples_S: Float32) -> Float32:
    """A copy with 5 ms of fade at both ends."""
    n = min(USER_RATE_HZ // 200, len(samples_S) // 2)
    faded_S = samples_S.copy()
    if n:
        ramp_S = np.linspace(0, 1, n, dtype=np.float32)
        faded_S[:n] *= ramp_S
        faded_S[-n:] *= ramp_S[::-1]
    return faded_S

"""The agent's lane read back by an offline recogniser, and kept beside the lane as ``heard.json``.

Law: only what sounds is listened to, because the recogniser invents words on silence: the runs are put
close together, in pieces it can hear at once, and its word times are carried back. What is kept
belongs to the lane's very bytes; a changed lane is listened to again. Behind a word that breaks off the
recogniser may loop ("that, that, that ..."): then each run is heard by itself, and what still loops counts
once.
Source: faster-whisper base, int8, greedy; parts.md, "Invents text on near-silence: gate it".
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import soundfile
from pydantic import BaseModel, ConfigDict, ValidationError

from hocket.audio.resample import resample
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.evaluation.lanes import Float32, HeardLane, Stretch, Word, heard_lane
from hocket.transports.atomic import PartFile
from hocket.weights.store import path_of

VERSION: Final = 1  # of what is kept; a new one listens again
RECOGNISER: Final = "whisper-base"
LANE: Final = "agent.flac"
HEARD: Final = "heard.json"
PIECE: Final = 26 * USER_RATE_HZ  # the recogniser hears 30 s at once
BETWEEN: Final = USER_RATE_HZ * 7 // 10  # silence put between two runs
AROUND: Final = USER_RATE_HZ // 10  # of the lane kept on each side of a run
LOOP: Final = 6  # times in a row that nobody says a word

Said: TypeAlias = tuple[str, float, float]  # a word, from and to in seconds of its piece


class Heard(BaseModel):
    """``heard.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    sha256: str  # of agent.flac
    recogniser: str  # "" if nobody listened for words
    lane: HeardLane

    def fits(self, sha256: str, *, words: bool) -> bool:
        """Whether it is of that lane, and has words if they are wanted."""
        enough = self.recogniser == RECOGNISER or not words
        looped = loops([word.text for word in self.lane.words or ()])
        return enough and not looped and (self.version, self.sha256) == (VERSION, sha256)


def hear(folder: Path, *, words: bool) -> HeardLane:
    """The agent's lane of a run's folder, from ``heard.json`` if that fits, else measured and kept.

    Raises:
        BadInput: there is no sound in ``agent.flac``.
        ModelFileError: words are wanted and the recogniser's files are unknown.
        StorageError: the folder cannot be written.
    """
    try:
        digest = hashlib.sha256((folder / LANE).read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(f"expected a lane in {folder / LANE}, got: {error}") from error
    kept = _kept(folder / HEARD)
    if kept is not None and kept.fits(digest, words=words):
        return kept.lane
    lane = measure(folder / LANE, words=words)
    heard = Heard(version=VERSION, sha256=digest, recogniser=RECOGNISER if words else "", lane=lane)
    file = PartFile(folder / HEARD)
    file.write(heard.model_dump_json().encode())
    file.commit()
    return lane


def measure(path: Path, *, words: bool) -> HeardLane:
    """Spans of a lane's file, and its words if wanted. Raises BadInput for no sound."""
    try:
        samples_S, rate_hz = soundfile.read(path, dtype="float32")
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadInput(f"expected a lane in {path}, got: {error}") from error
    lane = heard_lane(samples_S, int(rate_hz))
    if not words:
        return lane
    sound_S = resample(samples_S, int(rate_hz), USER_RATE_HZ)
    return lane.model_copy(update={"words": tuple(words_of(sound_S, lane.runs))})


def words_of(sound_S: Float32, runs: Sequence[Stretch]) -> Iterator[Word]:
    """What the recogniser hears in the runs of a lane [S] at 16 kHz, in order."""
    for piece in packed(runs):
        heard = _heard(piece, sound_S)
        if not loops([text for text, *_ in heard]):
            yield from piece.carried_back(heard)
            continue
        for run in piece.runs:
            alone = Piece()
            alone.add(run)
            yield from alone.carried_back(unlooped(_heard(alone, sound_S)))


def loops(words: Sequence[str]) -> bool:
    """Whether a word stands so often in a row as nobody says it."""
    return any(len(same) >= LOOP for same in _rows(words))


def unlooped(heard: Sequence[Said]) -> list[Said]:
    """The words; one that loops once."""
    kept: list[Said] = []
    for same in _rows([text for text, *_ in heard]):
        kept += [heard[i] for i in (same[:1] if len(same) >= LOOP else same)]
    return kept


def _rows(words: Sequence[str]) -> list[list[int]]:
    """Places of words, the same ones that follow each other together."""
    bare = [word.strip(".,?!- ").lower() for word in words]
    return [[i for i, _ in same] for _, same in groupby(enumerate(bare), key=lambda at: at[1])]


def _heard(piece: "Piece", sound_S: Float32) -> list[Said]:
    return [each for each in _transcribe(piece.sound(sound_S)) if each[0]]


# -- packing ------------------------------------------------------------------------------------


class Piece:
    """Runs to be heard at once, each with where it begins in the piece."""

    def __init__(self) -> None:
        self.runs: list[Stretch] = []
        self.at: list[int] = []
        self.length = BETWEEN

    def add(self, run: Stretch) -> None:
        """Put a run at the end."""
        self.runs.append(run)
        self.at.append(self.length)
        self.length += run[1] - run[0] + BETWEEN

    def sound(self, lane_S: Float32) -> Float32:
        """The piece's samples, cut from the lane."""
        out = np.zeros(self.length, np.float32)
        for (first, behind), at in zip(self.runs, self.at, strict=True):
            start, stop = max(0, first - AROUND), min(len(lane_S), behind + AROUND)
            out[at + start - first : at + stop - first] = lane_S[start:stop]
        return out

    def carried_back(self, words: Iterable[Said]) -> Iterator[Word]:
        """Words with their seconds in the piece as words of the lane, inside their runs.

        A word belongs to the run that lies nearest to its middle.
        """
        ends = [at + run[1] - run[0] for at, run in zip(self.at, self.runs, strict=True)]
        for text, start_s, end_s in words:
            start, end = round(start_s * USER_RATE_HZ), round(end_s * USER_RATE_HZ)
            middle = (start + end) // 2
            off = [max(a - middle, middle - b, 0) for a, b in zip(self.at, ends, strict=True)]
            nearest = off.index(min(off))
            first, behind = self.runs[nearest]
            shift = first - self.at[nearest]
            begin = min(max(start + shift, first), behind - 1)
            yield Word(text=text, start=begin, end=min(max(end + shift, begin + 1), behind))


def packed(runs: Sequence[Stretch]) -> list[Piece]:
    """Runs in pieces of at most 26 s; a longer run is cut, for nobody speaks so long in one breath."""
    pieces: list[Piece] = []
    longest = PIECE - 2 * BETWEEN
    for first, behind in runs:
        for start in range(first, behind, longest):
            part = (start, min(start + longest, behind))
            if not pieces or pieces[-1].length + part[1] - part[0] + BETWEEN > PIECE:
                pieces.append(Piece())
            pieces[-1].add(part)
    return pieces


# -- the recogniser -----------------------------------------------------------------------------


def _transcribe(sound_S: Float32) -> list[Said]:
    segments, _ = _recogniser().transcribe(
        sound_S,
        language="en",
        beam_size=1,
        temperature=0.0,
        word_timestamps=True,
        condition_on_previous_text=False,
    )
    return [
        (str(word.word).strip(), float(word.start), float(word.end))
        for segment in segments
        for word in segment.words or ()
    ]


@lru_cache(maxsize=1)
def _recogniser() -> Any:
    from faster_whisper import WhisperModel  # evaluation only, and slow to import

    folder = path_of("whisper-base/model.bin").parent
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)


def _kept(path: Path) -> Heard | None:
    try:
        return Heard.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None

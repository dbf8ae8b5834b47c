"""Who may play in the bench: held-out voices, and real people cut from recordings.

Law: nobody is here who may be trained on. A reading is cut only in silences, and the end of a piece
counts as the end of a turn only where the recogniser heard the end of a sentence; inside a piece no
sentence ends before a silence, so every silence in it is a pause.
Source: data/splits.py; LibriSpeech and AMI by the bench's own bank (sounds.py fills it).
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank, HeardWord, Utterance
from hocket.data.formant_voices import ESPEAK, FLITE
from hocket.data.kokoro import ENGINE as KOKORO
from hocket.data.readers import END_MARKS, NEVER_LAST
from hocket.data.splits import MEETING, READER, ROOM, Split, split_of
from hocket.data.stock import voices_of
from hocket.weights.store import path_of

SENTENCE_GAP_S: Final = 0.3  # of silence behind a sentence, to cut there
PIECE_S: Final = (1.0, 14.0)
WORD_PROBABILITY_MIN: Final = 0.4
MOST_WORDS_A_S: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a reading: samples of its utterance, and whether a sentence ends with it."""

    utterance: Utterance
    first: int
    behind: int
    finished: bool
    text: str

    @property
    def length_s(self) -> float:
        """How long it lasts, in seconds."""
        return (self.behind - self.first) / USER_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Voices of one split, by name; pieces of readings; cuts of meetings; recordings of rooms."""

    voices: tuple[str, ...]
    readings: tuple[tuple[Piece, ...], ...] = ()  # by reader
    meetings: tuple[Utterance, ...] = ()
    noises: tuple[str, ...] = ()  # recorded
    missing: tuple[str, ...] = ()  # what is not there, in words for the report

    def cuts(self, kind: str) -> tuple[Utterance, ...]:
        """The meetings' cuts of a kind."""
        return tuple(u for u in self.meetings if u.kind == kind)


def people_of(split: Split, *, bank: Path | None = None, rooms: Path | None = None) -> People:
    """Everybody of a held-out split who is here. ``bank`` is where recorded people lie, if any do.

    Raises:
        BadInput: the split is no held-out one, or no voice of it is installed.
    """
    if split is Split.TRAIN:
        raise BadInput("expected a held-out split for the bench, got train")
    found, missing = _voices(split)
    if not found:
        raise BadInput(f"expected a voice of the {split} split, found none: {'; '.join(missing)}")
    stored = Bank(bank).select(split=split) if bank is not None else []
    readings = tuple(pieces for u in stored if u.engine == READER and (pieces := pieces_of(u)))
    meetings = tuple(u for u in stored if u.engine == MEETING)
    files = sorted(path.stem for path in rooms.glob("noise*.wav")) if rooms else []
    noises = tuple(name for name in files if split_of(f"{ROOM}/{name}") is split)
    for name, there in {
        "readers": readings,
        "meetings": meetings,
        "recorded noises": noises,
    }.items():
        missing += [] if there else [f"no {name}"]
    return People(
        voices=tuple(found),
        readings=readings,
        meetings=meetings,
        noises=noises,
        missing=tuple(missing),
    )


def _voices(split: Split) -> tuple[list[str], list[str]]:
    found: list[str] = []
    missing: list[str] = []
    for engine in (KOKORO, FLITE, ESPEAK):
        try:
            voices = voices_of(engine)
        except BadInput:
            voices = []
        if engine == KOKORO and not path_of(f"{KOKORO}-82m/kokoro-v1.0.int8.onnx").is_file():
            voices = []
        missing += [] if voices else [f"no {engine}"]
        found += [voice for voice in voices if split_of(voice) is split]
    return found, missing


def pieces_of(reading: Utterance) -> tuple[Piece, ...]:
    """A reading cut behind its sentences, in the silences there; no piece is too short or long."""
    words, spans = reading.words, reading.spans
    cuts: list[tuple[int, int]] = []  # (sample, number of words before it)
    for (_, end), (start, _) in pairwise(spans):
        before = sum(_middle(word) < (start + end) / 2 for word in words)
        if start - end >= SENTENCE_GAP_S * USER_RATE_HZ and before and _ends(words[before - 1]):
            cuts.append(((start + end) // 2, before))
    edges = [(0, 0), *cuts, (reading.n_samples, len(words))]
    pieces = []
    for (first, a), (behind, b) in pairwise(edges):
        finished = reading.complete if behind == reading.n_samples else True
        text = " ".join(word.text for word in words[a:b])
        pieces.append(
            Piece(utterance=reading, first=first, behind=behind, finished=finished, text=text)
        )
    return tuple(p for p in pieces if PIECE_S[0] <= p.length_s <= PIECE_S[1] and _plausible(p))


def _plausible(piece: Piece) -> bool:
    """Whether the words may be what was said: a recogniser in a loop writes many a second."""
    return 0 < len(piece.text.split()) <= MOST_WORDS_A_S * piece.length_s


def _middle(word: HeardWord) -> float:
    return (word.start_s + word.end_s) / 2 * USER_RATE_HZ


def _ends(word: HeardWord) -> bool:
    """Whether a sentence surely ends with a word."""
    plain = word.text.strip(".?!,;:\"'").lower()
    marked = word.text.rstrip("\"'")[-1:] in tuple(END_MARKS)
    return marked and plain not in NEVER_LAST and word.probability >= WORD_PROBABILITY_MIN

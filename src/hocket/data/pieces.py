"""Readings cut into turns: behind a sentence, in a silence, where a person might have been answered.

Law: a reading is cut only in silences, and the end of a piece counts as the end of a turn only where
the recogniser heard the end of a sentence; inside a piece no sentence surely ends before a silence, so
every silence in it is a pause.
Source: word times and end marks of the offline recogniser (readers.py): weak evidence, but for all
engines the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import HeardWord, Utterance
from hocket.data.readers import END_MARKS, NEVER_LAST
from hocket.data.splits import READER

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

    @property
    def id(self) -> str:
        """The reading's id and the piece's samples."""
        return f"{self.utterance.id}@{self.first}-{self.behind}"


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


def in_pieces(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Utterances in order, every reading in its pieces, each an utterance of its own."""
    found: list[Utterance] = []
    for each in utterances:
        found += map(_as_utterance, pieces_of(each)) if each.engine == READER else [each]
    return found


def _as_utterance(piece: Piece) -> Utterance:
    whole, first, behind = piece.utterance, piece.first, piece.behind
    inside = tuple((a - first, b - first) for a, b in whole.spans if a >= first and b <= behind)
    return replace(
        whole,
        id=piece.id,
        text=piece.text,
        n_samples=behind - first,
        spans=inside,
        complete=piece.finished,
        words=(),
        offset_samples=whole.offset_samples + first,
    )


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

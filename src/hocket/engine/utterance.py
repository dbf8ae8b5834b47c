"""Running words as the phoneme ids of one or more runs of Piper. Pure but for espeak-ng's part.

Law: each id knows its word (or none), so durations of ids become times of words.

Piper's own form, read from its published configuration: ``^`` first, ``$`` last, the pad 0 after
every id but the last; pause marks are phonemes; one sentence a run.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hocket.engine.phonemes import Clause, clauses
from hocket.engine.spoken_text import SpokenWord

MAX_IDS: Final = 400  # attention grows with the square of this; ~200 phonemes, ~13 s
NO_WORD: Final = -1

IdMap = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One run of the text graph: ids, the word of each id, and the mark that ends it."""

    ids: tuple[int, ...]
    words: tuple[int, ...]  # index into the phrase's words, or NO_WORD; as long as ``ids``
    mark: str


def utterances(words: Sequence[SpokenWord], id_map: IdMap) -> Iterator[Utterance]:
    """The runs that say ``words``, in order; words without sound are in none of them."""
    builder = _Builder(id_map)
    first = 0
    for clause in clauses(words):
        yield from _add_clause(builder, clause, first)
        first += len(clause.words)
    yield from builder.finish("")


def _add_clause(builder: "_Builder", clause: Clause, first: int) -> Iterator[Utterance]:
    for offset, (phonemes, joined) in enumerate(zip(clause.phonemes, clause.joined, strict=True)):
        if builder.full:
            yield from builder.finish("")
        builder.add_word(phonemes, first + offset, joined=joined)
    builder.add_mark(clause.mark)
    if clause.ends_sentence:
        yield from builder.finish(clause.mark)


class _Builder:
    """Collects the ids of the run under way."""

    def __init__(self, id_map: IdMap) -> None:
        self._id_map = id_map
        self._ids: list[int] = []
        self._words: list[int] = []
        self._mark = ""

    @property
    def full(self) -> bool:
        """Whether the next word should start a new run."""
        return len(self._ids) * 2 >= MAX_IDS

    def add_word(self, phonemes: str, word: int, *, joined: bool) -> None:
        """Append a word's sounds, after a space unless it runs into the word before."""
        ids = [(i, NO_WORD if c == " " else word) for c in phonemes for i in self._of(c)]
        if not ids:
            return
        if self._ids and not joined:
            self._append(self._id_map[" "], NO_WORD)
        for i, owner in ids:
            self._append([i], owner)
        self._mark = ""

    def add_mark(self, mark: str) -> None:
        """Append a pause mark; a mark before any sound, or after another mark, says nothing."""
        if mark and self._ids and not self._mark:
            self._append(self._id_map[mark], NO_WORD)
            self._mark = mark

    def finish(self, mark: str) -> Iterator[Utterance]:
        """The run so far, if it has any sound; then start afresh."""
        if self._ids:
            yield self._padded(mark or self._mark)
        self._ids, self._words, self._mark = [], [], ""

    def _append(self, ids: Sequence[int], word: int) -> None:
        self._ids.extend(ids)
        self._words.extend([word] * len(ids))

    def _of(self, character: str) -> list[int]:
        """Ids of an IPA character; one that the voice never learnt is taken apart or left out."""
        if character in self._id_map:
            return list(self._id_map[character])
        parts = unicodedata.normalize("NFD", character)
        return [i for part in parts if part in self._id_map for i in self._id_map[part]]

    def _padded(self, mark: str) -> Utterance:
        """A pad belongs to the word of the id before it: it carries the rest of that sound."""
        pad = self._id_map["_"][0]
        ids = [i for each in (*self._id_map["^"], *self._ids) for i in (each, pad)]
        words = [word for each in (NO_WORD, *self._words) for word in (each, each)]
        return Utterance(ids=(*ids, *self._id_map["$"]), words=(*words, NO_WORD), mark=mark)

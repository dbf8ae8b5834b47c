"""Successive hypotheses of a growing window to words that are final, and an open tail.

Law: a word is agreed when two successive hypotheses hold it after the same agreed words; while the user
speaks on, the last word of the first may be half a word ("cat" of "capital"), so both must be sure of it.
What is agreed is never taken back. Words are compared without case and punctuation. Pure: no sound, no
models. Source: LocalAgreement-2 (Liu et al., Interspeech 2020, arXiv 2005.11185).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

Ids = tuple[int, ...]
# Of 1,239 last words that two hypotheses held, 10 % were wrong where the two log probabilities sum to less
# than -1, 2 % from there on, 1 % from here on (docs/decisions/0030).
SURE_LOG_P: Final = -0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a hypothesis."""

    text: str
    ids: Ids  # the tokens that spell it
    tick: int  # of its first sighting: its end, within 0.2 s
    log_p: float = 0.0  # natural, of its least likely token

    @property
    def key(self) -> str:
        """What is compared: letters and digits in lower case."""
        return key(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What one comparison gave."""

    newly: tuple[Word, ...]
    tail: tuple[Word, ...]


def key(text: str) -> str:
    """``text`` without case and punctuation."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def agree(previous: Sequence[Word], current: Sequence[Word], *, going_on: bool) -> Agreed:
    """Compare two tails that follow the same agreed words.

    ``going_on``: the user speaks on, so that the previous window may have ended in mid-word. A word
    sighted before keeps the tick of its first sighting.
    """
    aged = tuple(
        replace(word, tick=old.tick) if old.key == word.key else word
        for old, word in zip(previous, current, strict=False)
    ) + tuple(current[len(previous) :])
    n = 0
    while n < min(len(previous), len(aged)) and previous[n].key == aged[n].key:
        n += 1
    if going_on and 0 < n == len(previous):
        n -= previous[-1].log_p + aged[n - 1].log_p < SURE_LOG_P
    return Agreed(newly=aged[:n], tail=aged[n:])


def end_of(agreed: Sequence[str], words: Sequence[str]) -> int:
    """How many of ``words`` say again what was ``agreed``.

    A prefix of the same letters if there is one, so that "twenty three" meets "twentythree"; else
    the prefix that the cheapest edit of words leads to. Ties go to the prefix that ends with the
    last agreed word, then to the one of equal length.
    """
    if not agreed:
        return 0
    ends = [*accumulate(words, initial="")]
    if (letters := "".join(agreed)) in ends:
        return ends.index(letters)
    costs = _edits(agreed, words)

    def badness(n: int) -> tuple[float, bool, int]:
        return costs[n], n == 0 or words[n - 1] != agreed[-1], abs(n - len(agreed))

    return min(range(len(costs)), key=badness)


def contradicts(words: Sequence[str], agreed: Sequence[str]) -> bool:
    """Whether ``words``, which stand where the ``agreed`` ones did, hold less than half of them."""
    if "".join(words) == "".join(agreed):
        return False
    return 2 * len(set(words) & set(agreed)) < len(set(agreed))


def start_of(words: Sequence[str], agreed: Sequence[str], *, expected: int) -> int | None:
    """Which agreed word the hypothesis of a window cut in front begins with.

    None unless three words in a row (or all there are up to the end of ``agreed``) are found there;
    of several such places the one nearest to ``expected``. The first word may differ: the cut may
    have left a piece of it.
    """

    def fits(n: int, piece: int) -> bool:
        there = tuple(agreed[n + piece : n + piece + 3])
        return len(there) > 0 and tuple(words[piece : piece + len(there)]) == there

    for piece in (0, 1):
        places = [n for n in range(len(agreed)) if fits(n, piece)]
        if places:
            return min(places, key=lambda n: abs(n - expected))
    return None


def repeats(words: Sequence[str], *, times: int = 4) -> bool:
    """Whether one to four words stand ``times`` times in a row: a decoder that runs in a circle."""
    return any(
        all(words[i + j] == words[i + j + n] for j in range(n * (times - 1)))
        for n in (1, 2, 3, 4)
        for i in range(len(words) - n * times + 1)
    )


def _edits(source: Sequence[str], target: Sequence[str]) -> list[float]:
    """Edit distance of ``source`` to every prefix of ``target``; half for words that begin alike."""
    row = [float(n) for n in range(len(target) + 1)]
    for i, left in enumerate(source, 1):
        above, row = row, [float(i)]
        for j, right in enumerate(target, 1):
            swap = 0.0 if left == right else 0.5 if left[:3] == right[:3] else 1.0
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + swap))
    return row

"""Splits running plan text into phrases that the voice prepares one at a time. Pure.

Law: joining the phrases with single spaces gives back the words of the text, in order, all of them.

A phrase is short because preparing it costs ~1 ms a phoneme in one tick (benchmarks/voice.py), and
it ends where a speaker would: at a sentence's end, else at a pause, else before a joining word.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from hocket.engine.spoken_text import SENTENCE_MARKS, SpokenWord, spoken_words

MAX_WORDS: Final = 8
MAX_PHONEMES: Final = 40
STRETCH_WORDS: Final = 10  # a sentence may run this far rather than leave a word or two behind
STRETCH_PHONEMES: Final = 48
MIN_WORDS: Final = 3  # before a pause or a joint; a sentence may be shorter: "Yes."
PHONEMES_A_DIGIT: Final = 4
PHONEMES_A_SPELT_LETTER: Final = 3
VOWELS: Final = frozenset("aeiouy")

STRONG_JOINTS: Final = frozenset(
    {"and", "but", "or", "so", "because", "that", "which", "who", "when", "where", "while"}
    | {"if", "though", "although", "then", "than"}
)
WEAK_JOINTS: Final = frozenset(
    {"to", "in", "on", "at", "for", "with", "from", "of", "by", "about", "into", "over"}
    | {"after", "before", "as", "like", "without", "between"}
)
DETERMINERS: Final = frozenset({"the", "a", "an", "my", "your", "our", "his", "her", "its"})
LEANING: Final = STRONG_JOINTS | WEAK_JOINTS | DETERMINERS  # no phrase should end on one


def phrases(text: str) -> Iterator[str]:
    """All phrases of a finished text, in order."""
    rest = text
    while rest:
        phrase, rest = take_phrase(rest)
        if phrase:
            yield phrase


def take_phrase(text: str, *, more: bool = False) -> tuple[str, str]:
    """The first phrase of a text, and the rest of the text.

    With ``more`` the text is still growing: its last word may be half written, and the phrase is
    empty, the rest the whole text, until it is clear where the first phrase ends.
    """
    words = text.split(maxsplit=STRETCH_WORDS + 1)
    whole = words[: STRETCH_WORDS + 1]
    if more and len(words) == len(whole) and whole and not text[-1].isspace():
        whole = whole[:-1]
    n_words = _first_length(spoken_words(" ".join(whole)), more=more)
    if n_words == 0:
        return "", text if more else ""
    rest = text.split(maxsplit=n_words)[n_words:]
    return " ".join(whole[:n_words]), _tail(text, rest)


def _tail(text: str, rest: Sequence[str]) -> str:
    """What is left of the text, its trailing space kept: it says that the last word is whole."""
    if not rest:
        return ""
    return rest[0] + " " if text[-1].isspace() and not rest[0][-1].isspace() else rest[0]


def _first_length(words: Sequence[SpokenWord], *, more: bool) -> int:
    """How many words the first phrase has; 0 if that is not known yet."""
    sizes = list(accumulate(_phonemes(word.spoken) for word in words))
    stretch = _fitting(sizes, STRETCH_WORDS, STRETCH_PHONEMES)
    for index, word in enumerate(words[:stretch]):
        if word.mark and word.mark in SENTENCE_MARKS:
            return index + 1
    fit = _fitting(sizes, MAX_WORDS, MAX_PHONEMES)
    if len(words) <= (stretch if more else fit):
        return _last_pause(words, fit) if more else len(words)
    return _last_pause(words, fit) or _last_joint(words, fit) or max(fit, 1)


def _fitting(sizes: Sequence[int], max_words: int, max_phonemes: int) -> int:
    return sum(size <= max_phonemes for size in sizes[:max_words])


def _last_pause(words: Sequence[SpokenWord], fit: int) -> int:
    ends = [index + 1 for index, word in enumerate(words[:fit]) if word.mark]
    return max((end for end in ends if end >= MIN_WORDS), default=0)


def _last_joint(words: Sequence[SpokenWord], fit: int) -> int:
    """The last place before a joining word; else the last that leaves no article hanging."""
    names = [word.spoken.lower() for word in words]
    places = [
        n for n in range(MIN_WORDS, fit + 1) if n < len(names) and names[n - 1] not in LEANING
    ]
    for joints in (STRONG_JOINTS, WEAK_JOINTS):
        found = [n for n in places if names[n] in joints]
        if found:
            return found[-1]
    return places[-1] if places else 0


def _phonemes(spoken: str) -> int:
    """A fair guess: a letter is about one phoneme, spelt out three; a digit is about four."""
    digits = sum(character.isdigit() for character in spoken)
    return PHONEMES_A_DIGIT * digits + sum(_letters(word) for word in spoken.split())


def _letters(word: str) -> int:
    letters = sum(character.isalpha() for character in word)
    spelt = word.isupper() or VOWELS.isdisjoint(word.lower())
    return PHONEMES_A_SPELT_LETTER * letters if spelt and letters > 1 else letters

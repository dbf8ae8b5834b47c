"""What the agent's words amount to: fillers, acknowledgments, and whether an answer holds its content.

Law: both sides of a comparison are spelled the same way first (no case, no punctuation, numbers in
words), so "42" meets "forty-two". An opening that says nothing is no content; what content is not
known to be empty counts as content.
Source: metrics.md, "gap to the first content word", "relevance".
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from hocket.evaluation.lanes import Word

Slots: TypeAlias = tuple[tuple[str, ...], ...]  # every group must be met by one of its words

FILLERS: Final = (
    *("sure", "sure thing", "of course", "certainly", "absolutely", "okay", "ok", "alright"),
    *("all right", "right", "well", "so", "hm", "hmm", "mm", "um", "uh", "er", "ah", "oh", "yeah"),
    *("let me see", "let's see", "let me think", "let me check", "let me look", "let us see"),
    *("one moment", "one second", "just a moment", "just a second", "a moment", "hold on"),
    *("give me a moment", "give me a second", "good question", "great question", "got it"),
    *("that's a good question", "that's a great question", "i see", "you know", "please wait"),
    *("no problem", "you bet", "gladly", "happy to help", "i'd be happy to help"),
)
ACKNOWLEDGMENTS: Final = frozenset(
    (
        *("mm", "mhm", "mhmm", "mmhm", "mmhmm", "hm", "hmm", "hmmm", "uh", "huh", "uhhuh", "ah"),
        *("aha", "oh", "ooh", "yeah", "yes", "yep", "yup", "right", "okay", "ok", "sure", "wow"),
        *("really", "great", "good", "nice", "exactly", "true", "alright", "cool", "i", "see"),
        *("got", "it", "go", "on", "no", "way"),
    )
)

_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+")
_ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS: Final = (
    *("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
)


def tokens(text: str) -> tuple[str, ...]:
    """A text's words in lower case without punctuation, its numbers spelled."""
    plain = text.lower().replace("’", "'").replace(",", "")
    return tuple(word for token in _TOKEN.findall(plain) for word in _spelled(token))


def _spelled(token: str) -> tuple[str, ...]:
    """Numbers below 100 as words, years as two pairs, others digit by digit."""
    if not token.isdigit():
        return (token,)
    if len(token) <= 2 and (token == "0" or token[0] != "0"):
        number = int(token)
        if number < len(_ONES):
            return (_ONES[number],)
        ten, one = divmod(number, 10)
        return (_TENS[ten], _ONES[one]) if one else (_TENS[ten],)
    if len(token) == 4 and 1100 <= int(token) < 2100 and token[2] != "0":
        return (*_spelled(token[:2]), *_spelled(token[2:]))
    return tuple(_ONES[int(digit)] for digit in token)


_FILLER_TOKENS: Final = sorted((tokens(filler) for filler in FILLERS), key=len, reverse=True)


def content_from(words: Sequence[Word]) -> int | None:
    """Index of the first word that is no opening filler; None when all are fillers."""
    spelled = [tokens(word.text) for word in words]
    flat = [(token, i) for i, parts in enumerate(spelled) for token in parts]
    at = 0
    while at < len(flat):
        rest = tuple(token for token, _ in flat[at : at + 6])
        filler = next((f for f in _FILLER_TOKENS if rest[: len(f)] == f), None)
        if filler is None:
            return flat[at][1]
        at += len(filler)
    return None


def is_acknowledgment(words: Iterable[Word]) -> bool:
    """Whether there are words, and all of them only say "go on"."""
    spoken = [token for word in words for token in tokens(word.text)]
    return bool(spoken) and all(token in ACKNOWLEDGMENTS for token in spoken)


def met_at(slots: Slots, words: Sequence[Word]) -> int | None:
    """Start sample of the word with which the last group is met; None if a group is not.

    Groups are met anywhere, in any order; an alternative of several words must stand together.
    """
    flat = [(token, word.start) for word in words for token in tokens(word.text)]
    said = [token for token, _ in flat]
    met = 0
    for group in slots:
        places = [_find(tokens(alternative), said) for alternative in group]
        found = [flat[place][1] for place in places if place is not None]
        if not found:
            return None
        met = max(met, min(found))
    return met


def _find(wanted: tuple[str, ...], said: Sequence[str]) -> int | None:
    n = len(wanted)
    return next(
        (i for i in range(len(said) - n + 1) if n and tuple(said[i : i + n]) == wanted), None
    )

"""Users who think while they speak: fillers, pauses, restarts and corrections, put in by rule.

Law: a pause stands inside a phrase, before the word that is sought; the same filler never comes twice in
a row. Equal seeds and conversations give equal lines; the agent's stay.
Source: Shriberg, Preliminaries to a Theory of Speech Disfluencies (1994).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hocket.data.conversations import Conversation, Kind
from hocket.data.spoken_text import ONES, TENS, listed
from hocket.data.texts import HESITATION
from hocket.engine.spoken_numbers import MONTHS

_HESITATING: Final = 1 / 3  # of the user's lines of so many words
_RESTARTING: Final = 0.07
_CORRECTING: Final = 0.07
MIN_DISFLUENT_WORDS: Final = 6
_PAUSES: Final = (  # inside a line; {} is the pause
    *("{}", "{}", "{} um {}", "{} uh {}", ", um, {}", ", uh {}", "{} er {}", ", you know {}"),
    *(", like {}", "{} hm {}", ", let me think {}", ", um {}", ", let's see {}"),
)
_STARTS: Final = ("Um, ", "So, um, ", "Uh, ", "Well, ", "Hm, ", "Okay, so, ", "Er, ", "Let's see, ")
_CORRECTIONS: Final = (
    *("no, sorry", "no, wait", "I mean", "sorry", "no", "well, no", "or rather", "actually, no"),
)
_SOUGHT_BEHIND: Final = frozenset(
    listed(
        "a an the for to at on in from with about of and or but my some by around near called is"
    )
)
_NEVER_SOUGHT: Final = _SOUGHT_BEHIND | {"it", "me", "them", "that", "there", "you", "him", "her"}
_LOWERED: Final = frozenset(
    listed(
        "a an can could would will do does is are what where when which how who please find show get let "
        "the my that it this we it's that's there are any in on at for yes yeah no okay sounds great good"
    )
)
_SWAPS: Final = (
    *(listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"), MONTHS),
    *(listed("two three four five six seven"), listed("first second third fourth fifth sixth")),
    *(listed("morning afternoon evening"), listed("small medium large")),
    *(listed("today tomorrow"), listed("seventh eighth ninth tenth eleventh twelfth")),
)
_NUMBER_WORDS: Final = frozenset((*ONES, *TENS, "hundred", "thousand", "million", "point"))


def with_disfluencies(conversation: Conversation, seed: int = 0) -> Conversation:
    """The conversation as somebody says it who thinks while speaking; the agent's lines stay."""
    digest = hashlib.sha256(conversation.id.encode()).digest()
    rng = np.random.default_rng((seed, int.from_bytes(digest[:8], "big")))
    lines, last = [], frozenset[str]()
    for line in conversation.lines:
        if line.kind is Kind.USER and len(line.text.split()) >= MIN_DISFLUENT_WORDS:
            text, last = _disfluent(line.text, last, rng)
            line = replace(line, text=text)
        lines.append(line)
    return replace(conversation, lines=tuple(lines))


def _disfluent(
    text: str, last: frozenset[str], rng: np.random.Generator
) -> tuple[str, frozenset[str]]:
    """The line, perhaps with a disfluency, and the words of the filler that came last."""
    dice = rng.random()
    if dice < _HESITATING:
        return _hesitant(text, last, rng)
    if dice < _HESITATING + _RESTARTING:
        return _restarted(text, rng), last
    if dice < _HESITATING + _RESTARTING + _CORRECTING:
        return _corrected(text, rng), last
    return text, last


def _hesitant(
    text: str, last: frozenset[str], rng: np.random.Generator
) -> tuple[str, frozenset[str]]:
    """A pause where a word is sought, or a filler at the beginning."""
    words = text.split()
    places = _places(words)
    inside = bool(places) and rng.random() < 0.75
    fillers = [f for f in (_PAUSES if inside else _STARTS) if not _heard(f) & last]
    filler = fillers[int(rng.integers(len(fillers)))]
    if not inside:
        return filler + _lowered(text), _heard(filler)
    at = int(rng.choice(places))
    pause = filler.format(*[HESITATION] * 2)
    before = " ".join(words[:at]) + ("" if pause[0] == "," else " ")
    return f"{before}{pause} {' '.join(words[at:])}", _heard(filler) or last


def _heard(filler: str) -> frozenset[str]:
    """Its words; a bare pause has none."""
    return frozenset(re.findall(r"[a-z']+", filler.lower()))


def _places(words: Sequence[str]) -> list[int]:
    """Behind a word that another has to follow: there a speaker stops to find it."""
    return [
        at
        for at in range(2, len(words))
        if words[at - 1] in _SOUGHT_BEHIND and words[at].lower().rstrip(".,?!") not in _NEVER_SOUGHT
    ]


def _restarted(text: str, rng: np.random.Generator) -> str:
    """One or two words said twice, with a pause between."""
    words = text.split()
    n = int(rng.integers(1, 3))
    places = [at for at in (n, *_places(words)) if at >= n and words[at - 1][-1].isalpha()]
    places = [at for at in places if all(word[-1].isalpha() for word in words[at - n : at])]
    if not places:
        return text
    at = int(rng.choice(places))
    again = _lowered(" ".join(words[at - n :]))
    return f"{' '.join(words[:at])} {HESITATION} {again}"


def _corrected(text: str, rng: np.random.Generator) -> str:
    """Another value said first, then taken back for the right one."""
    words = text.split()
    found = [(at, swap) for at in range(1, len(words)) if (swap := _swaps(words, at))]
    if not found:
        return text
    at, others = found[int(rng.integers(len(found)))]
    wrong = others[int(rng.integers(len(others)))]
    sorry = _CORRECTIONS[int(rng.integers(len(_CORRECTIONS)))]
    # The word before is said again with it: "on Monday, no, sorry … on Tuesday".
    again = " ".join(words[at - 1 :] if words[at - 1] in _SOUGHT_BEHIND else words[at:])
    return f"{' '.join(words[:at])} {wrong}, {sorry} {HESITATION} {again}"


def _swaps(words: Sequence[str], at: int) -> list[str]:
    """What could have been said instead of a word, or nothing."""
    word = words[at].rstrip(".,?!")
    if words[at - 1].lower().split("-")[-1] in _NUMBER_WORDS:
        return []  # the end of a longer number
    return next(([o for o in group if o != word] for group in _SWAPS if word in group), [])


def _lowered(text: str) -> str:
    """In lower case where the first word is no name."""
    first = text.split()[0].rstrip(",").lower()
    return text[0].lower() + text[1:] if first in _LOWERED else text

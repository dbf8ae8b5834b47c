"""What is kept in mind of a conversation that is too long to be kept whole: what users say of themselves.

Law: text in, text out. Sentences are kept word for word, in the order in which they were said. Where room
is short, what was told plainly (names, "my ... is", "remember") outlives what was mentioned, and the newer
the older.
"""

import re
from collections.abc import Iterable
from typing import Final

ROOM_WORDS: Final = 120  # about 160 tokens, a tenth of what a tick's append attends to
LEAST_WORDS: Final = 3
_SENTENCE: Final = re.compile(r"[^.!?]+[.!?]*")
_TOLD: Final = re.compile(
    r"\bmy name\b|\bcall me\b|\b(?:is|are) called\b|\bremember\b|\bdon't forget\b|\ballergic\b"
    r"|\b(?:my|our)\b(?: \S+){1,4} (?:is|are|was|were)\b|\bi live\b|\bi work\b",
    re.IGNORECASE,
)
_MENTIONED: Final = re.compile(
    r"\b(?:my|mine|our|ours|i'm|i am|i've|i have|i was|i like|we're|we are|we have|we've)\b",
    re.IGNORECASE,
)


def remembered(kept: tuple[str, ...], said: Iterable[str]) -> tuple[str, ...]:
    """What is kept, with what is worth it of more that was said, as far as there is room."""
    sentences = [s.strip() for text in said for s in _SENTENCE.findall(text)]
    every = [*kept, *(s for s in dict.fromkeys(sentences) if s not in kept and _worth(s))]
    left = ROOM_WORDS
    chosen: set[int] = set()
    for place in sorted(range(len(every)), key=lambda i: (-_worth(every[i]), -i)):
        words = len(every[place].split())
        if words <= left:
            chosen.add(place)
            left -= words
    return tuple(text for place, text in enumerate(every) if place in chosen)


def _worth(sentence: str) -> int:
    """2 for what is told of a user's life, 1 for what is mentioned of it, 0 for all else and questions."""
    if sentence.endswith("?") or len(sentence.split()) < LEAST_WORDS:
        return 0
    return 2 if _TOLD.search(sentence) else 1 if _MENTIONED.search(sentence) else 0

"""Words that take the floor from the agent at once, whatever the model thinks of them.

Law: a stop phrase counts only as the whole utterance or at its end, so that "don't stop talking about
it now that we started" keeps the agent going. Precision over recall: the engine still yields by itself.
"""

import re

STOP = re.compile(
    r"(?:^|[.!?,] |\b(?:please|okay|ok|hey|now|and) )"
    r"(?:stop(?: (?:it|talking|speaking|now|please))?|be quiet|shut up|quiet please|silence)"
    r"(?: please| now)?[.!]*$"
)


def asks_to_stop(words: tuple[str, ...]) -> bool:
    """Whether the user's latest words (heard and tentative, in order) end in a stop phrase."""
    return STOP.search(" ".join(words[-8:]).lower()) is not None

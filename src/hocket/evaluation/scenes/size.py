"""How large a set is. Law: quick is for a look, ordinary rests each rate on 60 events, full on 200."""

from enum import StrEnum


class Size(StrEnum):
    """Sizes of scene sets."""

    QUICK = "quick"
    ORDINARY = "ordinary"
    FULL = "full"

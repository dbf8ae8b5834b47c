"""The floor: who has the right to speak, and the permit that the policy grants for it.

The five actions and the permit are words that every package above shares, so they live here.
"""

from dataclasses import dataclass
from enum import StrEnum


class Floor(StrEnum):
    """What the agent does with the floor in one tick. The order is the model's class order."""

    LISTEN = "listen"
    SPEAK = "speak"
    HOLD = "hold"  # voice paused, plan kept
    YIELD = "yield"  # plan dropped
    BACKCHANNEL = "backchannel"  # a short "mm-hm" that leaves the floor with the user


FLOORS = tuple(Floor)
SOUNDING = frozenset({Floor.SPEAK, Floor.BACKCHANNEL})
SILENT = frozenset(FLOORS) - SOUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The policy's answer for one tick: which floor actions are allowed, and why.

    ``rule`` is a stable id (``reserved.user-speaking``), ``reason`` says the same in words.
    """

    allowed: frozenset[Floor]
    rule: str
    reason: str

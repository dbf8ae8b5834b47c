"""Modes and switches: how far the person lets the agent go."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Mode(StrEnum):
    """Chosen by the person, shown all the time."""

    RESERVED = "reserved"  # never makes sound while the user speaks
    RESPONSIVE = "responsive"  # may backchannel; stops when interrupted
    PROACTIVE = "proactive"  # may also interject


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Capabilities one by one; ``None`` leaves the choice to the mode."""

    backchannel: bool | None = None
    interject: bool | None = None
    timers: bool | None = None
    camera: bool | None = None
    delegation: bool | None = None
    tools: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What mode and switches together let the agent do unasked."""

    backchannel: bool
    interject: bool


# What a mode turns on when the person left the switch alone.
MANNERS: Final = {
    Mode.RESERVED: Manner(backchannel=False, interject=False),
    Mode.RESPONSIVE: Manner(backchannel=True, interject=False),
    Mode.PROACTIVE: Manner(backchannel=True, interject=True),
}


def manner_of(mode: Mode, switches: Switches) -> Manner:
    """Each switch if it is set, else the mode's own choice."""
    own = MANNERS[mode]
    return Manner(
        backchannel=own.backchannel if switches.backchannel is None else switches.backchannel,
        interject=own.interject if switches.interject is None else switches.interject,
    )

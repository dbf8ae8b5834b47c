"""Modes and switches: how far the person lets the agent go."""

from dataclasses import dataclass
from enum import StrEnum


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

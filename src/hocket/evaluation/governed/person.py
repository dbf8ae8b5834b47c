"""Who sits before a fuzzed session, behind which line: their sound, their buttons, what is late or lost.

Law: all of it is dealt from one seed before the session begins. A *patient* person, once they have asked
for silence, takes nothing back for 1.2 s: only their stops can be timed by the lane, for behind a hasty
one's the agent may rightly speak on. Where nothing else is said, half of all people are patient.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

import numpy as np

from hocket.core.units import TICK_S, TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.port import Float32
from hocket.protocol.events import (
    ModeChosen,
    Muted,
    OutsideEvent,
    ResponseAsked,
    StopPressed,
    TextTyped,
)
from hocket.protocol.modes import Mode, Switches

Timed: TypeAlias = tuple[float, OutsideEvent]

SILENCE: Final = np.zeros(TICK_USER_SAMPLES, np.float32)
LOUD: Final = (0.1 * np.sin(np.arange(TICK_USER_SAMPLES) * 0.1)).astype(np.float32)
BRIEF: Final = LOUD[: USER_RATE_HZ // 50]  # a chunk that is no whole tick
TYPED: Final = ("a", "yes\n", "hel\blo\n", "\b", "stop\n")
SWITCH: Final = (None, None, True, False)
PATIENCE_S: Final = 1.2  # longer than a run of the lane bridges (0.4 s) and than what is in flight
HEARTBEAT_S: Final = 1.5  # mean time between two things that a person does


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How reports come back and how long a stage takes."""

    report_every_s: float
    delay_s: float  # at most, of what the client says
    lost: float  # share of playback reports that never come
    unanswered: float  # share of stops that the client never answers
    jitter_s: float  # of the user's sound, at most
    compute_ms: float  # of a stage, at most; one in forty takes four times that


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One session's outside world."""

    mode: Mode
    switches: Switches
    patient: bool
    line: Line
    chunks: tuple[Float32, ...]  # about one a tick
    events: tuple[Timed, ...]
    hangs_up: bool  # closes the line instead of ending their sound
    words: float  # share of ticks in which the ears hear words


def person_of(seed: int, n_ticks: int) -> Person:
    """The person of a seed, for a session of about so many ticks."""
    die = Random(seed)
    patient = die.random() < 0.5
    events = _patient(die, n_ticks * TICK_S) if patient else _hasty(die, n_ticks * TICK_S)
    switches = Switches(backchannel=die.choice(SWITCH), interject=die.choice(SWITCH))
    return Person(
        mode=die.choice(tuple(Mode)),
        switches=switches,
        patient=patient,
        line=_line(die),
        chunks=tuple(_sound(die, n_ticks)),
        events=tuple(events),
        hangs_up=die.random() < 0.3,
        words=0.0 if patient else die.choice((0.0, 0.1, 0.3)),  # words, too, take a stop back
    )


def _line(die: Random) -> Line:
    return Line(
        report_every_s=die.choice((0.02, 0.1, 0.2, 0.5)),
        delay_s=die.choice((0.0, 0.1, 0.4)),
        lost=die.choice((0.0, 0.0, 0.3, 1.0)),
        unanswered=die.choice((0.0, 0.0, 0.3, 1.0)),
        jitter_s=die.choice((0.0, 0.05, 0.3)),
        compute_ms=die.choice((0.0, 30.0, 60.0, 90.0)),
    )


def _sound(die: Random, n_ticks: int) -> Iterator[Float32]:
    speaks = False
    for _ in range(n_ticks):
        speaks ^= die.random() < 0.15
        yield BRIEF if die.random() < 0.01 else LOUD if speaks else SILENCE


def _hasty(die: Random, length_s: float) -> Iterator[Timed]:
    at_s = 0.0
    while (at_s := at_s + die.expovariate(1 / HEARTBEAT_S)) < length_s:
        yield at_s, _whim(die) if die.random() < 0.6 else Muted(on=die.random() < 0.5)


def _patient(die: Random, length_s: float) -> Iterator[Timed]:
    at_s = 0.0
    while (at_s := at_s + die.expovariate(1 / HEARTBEAT_S)) < length_s:
        event = Muted(on=True) if die.random() < 0.3 else _whim(die)
        yield at_s, event
        if isinstance(event, Muted | StopPressed):
            at_s += PATIENCE_S + die.random()
            yield at_s, Muted(on=False) if isinstance(event, Muted) else TextTyped(text="so\n")


def _whim(die: Random) -> OutsideEvent:
    return die.choice(
        (
            StopPressed(),
            TextTyped(text=die.choice(TYPED)),
            ModeChosen(mode=die.choice(tuple(Mode))),
            ResponseAsked(),
        )
    )

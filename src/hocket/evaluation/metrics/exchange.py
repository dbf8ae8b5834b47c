"""A conversation as the selectivity panel sees it: what the user did when, and where the agent sounded.

Law: nothing but times; whoever can list them can be measured, ticks of 200 ms included. Times are
seconds and are taken to the nearest 1/16,000 s. ``Windows`` with ``TAU_VOICE`` are the public ones, in
which any silent tick is a yield and nothing is void for doubt; ours let a silence of up to 0.4 s pass.
A turn that begins over the agent's speech is an interruption and must be listed as one.
Source: tau-voice (arXiv 2603.13686) and its public description of the panel.

As JSON, for other implementations: ``{"id": str, "length_s": float, "user": [{"kind": "turn" |
"interruption" | "backchannel" | "tic" | "side" | "noise", "start_s": float, "end_s": float,
"answer_due": bool = true, "over_agent": bool = false,
"pauses": [[start_s, end_s]] = []}], "agent": [[start_s, end_s]],
"said_all_s": [float]}``; ``Exchange.model_validate`` reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from hocket.core.units import TICK_S
from hocket.evaluation.lanes import HOLD_S, Stretch, joined, samples, seconds
from hocket.evaluation.metrics.takes import CLAIMS, Take
from hocket.evaluation.truth import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How long what may take. A time is within a window if it is shorter."""

    hold_s: float = HOLD_S  # a silence that is no yield
    stop_s: float = 2.0  # to stop for a real interruption
    yield_s: float = 1.0  # to wrongly yield
    respond_s: float = 2.0  # after the end of a sound that wants no answer
    late_s: float = 2.5  # stops between yield_s and this are printed beside
    published: bool = False  # counts as the published code does, where that is another thing

    def reach_s(self, sound: "UserSound") -> float:
        """How long after a sound's onset a stop counts."""
        return self.stop_s if sound.claims else self.yield_s


OURS: Final = Windows()
TAU_VOICE: Final = Windows(hold_s=0.0, published=True)


class UserSound(BaseModel):
    """One sound of the user, in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    start_s: float
    end_s: float
    answer_due: bool = True  # of a turn or an interruption
    over_agent: bool = False  # was meant to fall on the agent's speech
    pauses: tuple[tuple[float, float], ...] = ()  # in which the user does not speak

    @property
    def start(self) -> int:
        """First sample."""
        return samples(self.start_s)

    @property
    def end(self) -> int:
        """The sample behind the last."""
        return samples(self.end_s)

    @property
    def heard(self) -> bool:
        """Whether it was made at all: a sound without length is one whose moment never came."""
        return self.end > self.start

    @property
    def claims(self) -> bool:
        """Whether the user takes the floor with it."""
        return self.kind in CLAIMS and self.heard

    def speaks_at(self, sample: int) -> bool:
        """Whether the user speaks at a sample: within the sound and in no pause of it."""
        paused = any(samples(first) <= sample < samples(last) for first, last in self.pauses)
        return self.start <= sample < self.end and not paused


class Exchange(BaseModel):
    """One conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    length_s: float
    user: tuple[UserSound, ...]
    agent: tuple[tuple[float, float], ...]  # where the agent sounds, in seconds
    said_all_s: tuple[float, ...] = ()  # stops at which the agent had nothing left to say

    @cached_property
    def spans(self) -> tuple[Stretch, ...]:
        """Where the agent sounds, in samples."""
        return tuple(sorted((samples(start), samples(end)) for start, end in self.agent))

    @cached_property
    def said_all(self) -> frozenset[int]:
        """The stops that say nothing, in samples."""
        return frozenset(samples(at) for at in self.said_all_s)

    @cached_property
    def claims(self) -> tuple[UserSound, ...]:
        """Turns and interruptions in order."""
        return tuple(sorted((s for s in self.user if s.claims), key=lambda sound: sound.start))

    def runs(self, windows: Windows) -> tuple[Stretch, ...]:
        """Spans joined over holds."""
        return joined(self.spans, samples(windows.hold_s))

    @classmethod
    def of(cls, take: Take) -> Self:
        """What a take has to say to the panel."""
        stops = [stop for _, stop in take.lane.runs if take.said_all(stop)]
        return cls(
            id=take.scene,
            length_s=seconds(take.length),
            user=tuple(
                UserSound(
                    kind=event.kind,
                    start_s=event.start_s,
                    end_s=event.end_s,
                    answer_due=event.finished,
                    over_agent=event.over_agent,
                    pauses=tuple((pause.start_s, pause.end_s) for pause in event.pauses),
                )
                for event in take.truth.events
            ),
            agent=tuple((seconds(a), seconds(b)) for a, b in take.lane.spans),
            said_all_s=tuple(seconds(stop) for stop in stops),
        )


def spans_of_ticks(
    speaking: Sequence[bool], *, tick_s: float = TICK_S
) -> tuple[tuple[float, float], ...]:
    """Whether one side speaks in each tick, as spans in seconds: joins what touches."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(speaking, np.int8), [0]])))
    return tuple((float(a) * tick_s, float(b) * tick_s) for a, b in edges.reshape(-1, 2))

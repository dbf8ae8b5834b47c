"""The shell of a fuzzed session: virtual time, in which everything may come between two stages.

Law: what is due first comes first, and what comes keeps its order on each side of the line. The client
is a loudspeaker that does at once what it is told and tells of it late, or never. Nothing is measured:
what a stage costs is drawn.
"""

from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from math import ceil
from random import Random
from typing import Final, TypeAlias, assert_never

import numpy as np

from hocket.core.units import tick_start_s
from hocket.engine.port import Float32
from hocket.engine.stages import Hear, Heard, Sound, Sounded, StageResult, Think, Thought
from hocket.engine.worker import Worker
from hocket.evaluation.governed.orders import Orders
from hocket.evaluation.governed.person import Person
from hocket.protocol.events import (
    AudioReceived,
    Closed,
    Finish,
    InputEnded,
    OutsideEvent,
    Play,
    PlaybackReported,
    PlaybackStopped,
    Record,
    StopPlayout,
)
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.session import Action, Session
from hocket.transports.playout import LanePlayer

SPIKE: Final = 4.0  # how much longer a rare stage takes


@dataclass(frozen=True, slots=True)
class _Look:
    """The client looks how far it has played."""


Due: TypeAlias = OutsideEvent | StageResult | _Look


@dataclass(slots=True, kw_only=True)
class Played:
    """What is left of a session."""

    lines: list[ScoreTick] = field(default_factory=list)
    totals: ScoreTotals | None = None
    heard: list[Float32] = field(
        default_factory=list
    )  # [3200] a tick: the lane that a replay needs
    pieces: list[Float32] = field(default_factory=list)
    orders: Orders

    @property
    def lane(self) -> Float32:
        """The agent's lane [S] at the voice's rate."""
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, np.float32)


class Wire:
    """Holds one session, from the first chunk to its totals."""

    def __init__(self, session: Session, worker: Worker, person: Person, *, seed: int) -> None:
        self._session, self._worker, self._line = session, worker, person.line
        self._seat = worker.open(seed=session.config.seed, instructions="")
        self._die = Random(seed)
        self._due: list[tuple[float, int, Due]] = []
        self._numbers = count()
        self._now = 0.0
        self._said_s = 0.0  # when the last thing that the client said arrives
        self.played = Played(orders=Orders(mode=person.mode, switches=person.switches))
        self._player = LanePlayer(
            rate_hz=session.config.voice_rate_hz, sink=self.played.pieces.append
        )
        self._plan(person)

    def run(self) -> Played:
        """Until the session finishes."""
        while self.played.totals is None:
            self._do(self._next())
        self._player.write_until(self._now + 1.0)  # all that was sent
        self._worker.close(self._seat)
        return self.played

    # -- what comes, and when -----------------------------------------------------------------

    def _plan(self, person: Person) -> None:
        at_s = 0.0
        for tick, chunk in enumerate(person.chunks):
            at_s = max(at_s, tick_start_s(tick + 1) + self._line.jitter_s * self._die.random() ** 3)
            self._at(at_s, AudioReceived(samples=chunk))
        self._at(at_s, Closed() if person.hangs_up else InputEnded())
        for event_s, event in person.events:
            self._at(event_s, event)
        self._at(self._line.report_every_s, _Look())

    def _at(self, at_s: float, due: Due) -> None:
        heappush(self._due, (at_s, next(self._numbers), due))

    def _next(self) -> list[Action]:
        deadline_s = self._session.next_deadline()
        if deadline_s is not None and (not self._due or deadline_s < self._due[0][0]):
            # The session rounds the present to 0.1 ms: a deadline of 5.28 + 1e-15 s has passed at 5.2801.
            self._now = max(self._now, ceil(deadline_s * 10_000 + 1e-6) / 10_000)
            return self._session.handle_deadline(now=self._now)
        at_s, _, due = heappop(self._due)
        self._now = max(self._now, at_s)
        if isinstance(due, _Look):
            self._look()
            return []
        self.played.orders.take(due)
        return self._session.receive(due, now=self._now)

    # -- what is asked for --------------------------------------------------------------------

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Hear() | Think() | Sound():
                    self._compute(action)
                case Play():
                    self._player.write_until(self._now)
                    self._player.play(action.samples, position=action.position, now=self._now)
                case StopPlayout(fade_ms=fade_ms):
                    self._player.write_until(self._now)
                    position = self._player.stop(now=self._now, fade_ms=fade_ms)
                    self._say(PlaybackStopped(position=position), self._line.unanswered)
                case Record(line=line):
                    self.played.lines.append(line)
                    self.played.orders.judge(line)
                case Finish(totals=totals):
                    self.played.totals = totals
                case _:
                    assert_never(action)

    def _compute(self, request: Hear | Think | Sound) -> None:
        if isinstance(request, Hear):
            self.played.heard.append(request.samples)
        ms = round(self._line.compute_ms * self._die.random(), 4)
        ms *= SPIKE if self._die.random() < 0.025 else 1.0
        result = _costing(self._worker.run(self._seat, request), ms)
        self._at(self._now + ms / 1000, result)

    def _look(self) -> None:
        self._player.write_until(self._now)
        position = self._player.played(now=self._now)
        if position > self._session.played_position:
            self._say(PlaybackReported(position=position), self._line.lost)
        self._at(self._now + self._line.report_every_s, _Look())

    def _say(self, event: OutsideEvent, lost: float) -> None:
        if self._die.random() < lost:
            return
        self._said_s = max(self._said_s, self._now + self._line.delay_s * self._die.random())
        self._at(self._said_s, event)


def _costing(result: StageResult, ms: float) -> Heard | Thought | Sounded:
    return replace(result, compute_ms=ms)

"""The shell of one session over a recording: feeds ticks, runs stages, plays, records.

Law: all waiting and all reading of clocks of ``hocket talk`` happens here. With a virtual clock a stage
takes what it is charged; with the real clock it takes what it takes.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from hocket.core.clock import Clock, VirtualClock
from hocket.core.units import tick_start_s
from hocket.engine.port import Float32
from hocket.engine.stages import Hear, Heard, Sound, Sounded, StageResult, Think, Thought
from hocket.engine.worker import Seat, Worker
from hocket.protocol.events import (
    AudioReceived,
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

STAGES: dict[type[StageResult], int] = {Heard: 0, Thought: 1, Sounded: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a stage costs in session time: its measured ms, or a constant (hear, think, sound)."""

    constant_ms: tuple[float, float, float] | None = None

    def __call__(self, result: StageResult) -> StageResult:
        """The result with the cost that counts."""
        if self.constant_ms is None:
            return result
        return replace(result, compute_ms=self.constant_ms[STAGES[type(result)]])


MEASURED = Charge()
CONSTANT = Charge(constant_ms=(40.0, 30.0, 30.0))  # about the medians of a speaking tick


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvent:
    """An event that reaches the session at a time of its own: typed text, a mute."""

    at_s: float
    event: OutsideEvent


class Conversation:
    """Drives one session from its first tick to its totals."""

    def __init__(
        self,
        *,
        session: Session,
        worker: Worker,
        player: LanePlayer,
        clock: Clock,
        charge: Charge = MEASURED,
        record: Callable[[ScoreTick], None],
    ) -> None:
        self._session, self._worker, self._player = session, worker, player
        self._clock, self._charge, self._record = clock, charge, record
        self._totals: ScoreTotals | None = None
        config = session.config
        self._seat: Seat = worker.open(seed=config.seed, instructions=config.instructions)

    def run(self, user_ticks: Iterable[Float32], events: Iterable[TimedEvent] = ()) -> ScoreTotals:
        """Feed the user's lane (float32 [<= 3200] a tick, in order) and ``events`` (in time order)."""
        try:
            timed = iter(sorted(events, key=lambda e: e.at_s))
            upcoming = next(timed, None)
            for tick, samples in enumerate(user_ticks):
                end_s = tick_start_s(tick + 1)
                while upcoming is not None and upcoming.at_s <= end_s:
                    self._wait_until(upcoming.at_s)
                    self._do(self._session.receive(upcoming.event, now=self._clock.now()))
                    upcoming = next(timed, None)
                self._wait_until(end_s)
                self._tell(AudioReceived(samples=samples))
                if self._totals is not None:
                    return self._totals
            self._tell(InputEnded())
            return self._tail()
        finally:
            self._worker.close(self._seat)

    def _tail(self) -> ScoreTotals:
        while self._totals is None:
            deadline = self._session.next_deadline()
            assert deadline is not None
            self._wait_until(deadline)
            self._report()
            self._do(self._session.handle_deadline(now=self._clock.now()))
        self._player.write_until(self._clock.now() + 0.05)  # the last fade
        return self._totals

    def _tell(self, event: OutsideEvent) -> None:
        self._report()
        self._do(self._session.receive(event, now=self._clock.now()))

    def _report(self) -> None:
        """Tell the session what has been played, as a client would with every tick."""
        now = self._clock.now()
        self._player.write_until(now)
        position = self._player.played(now=now)
        if position != self._session.played_position:
            self._do(self._session.receive(PlaybackReported(position=position), now=now))

    def _do(self, actions: list[Action]) -> None:
        todo = list(actions)
        while todo:
            action = todo.pop(0)
            now = self._clock.now()
            match action:
                case Hear() | Think() | Sound():
                    result = self._charge(self._worker.run(self._seat, action))
                    self._spend(result.compute_ms)
                    todo += self._session.receive(result, now=self._clock.now())
                case Play():
                    self._player.play(action.samples, position=action.position, now=now)
                case StopPlayout(fade_ms=fade_ms):
                    position = self._player.stop(now=now, fade_ms=fade_ms)
                    todo = [
                        *self._session.receive(PlaybackStopped(position=position), now=now),
                        *todo,
                    ]
                case Record(line=line):
                    self._record(line)
                case Finish(totals=totals):
                    self._totals = totals
                case _:
                    assert_never(action)

    # -- time ---------------------------------------------------------------------------------

    def _wait_until(self, when_s: float) -> None:
        if isinstance(self._clock, VirtualClock):
            self._clock.advance_to(max(when_s, self._clock.now()))
        elif (left := when_s - self._clock.now()) > 0:
            time.sleep(left)

    def _spend(self, ms: float) -> None:
        if isinstance(self._clock, VirtualClock):
            self._clock.advance_to(self._clock.now() + ms / 1000)

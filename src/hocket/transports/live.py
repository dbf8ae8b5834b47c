"""The shell of a live session: between a wire and the thread of the models.

Law: only data moves here. Events go in through ``tell`` on the event loop, in order; what the session
wants is done at once or handed to the stage lane; nothing waits for a slow peer (a wire's methods must
not block).
"""

import asyncio
from typing import Protocol, assert_never

from hocket.core.clock import Clock
from hocket.core.units import tick_start_s
from hocket.engine.stages import Hear, Sound, Think
from hocket.engine.worker import Seat
from hocket.protocol.events import Finish, OutsideEvent, Play, Record, StopPlayout
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.session import Action, Session
from hocket.transports.stage_lane import StageLane


class Wire(Protocol):
    """A connection as a session sees it. No method may block or wait."""

    def play(self, action: Play) -> None:
        """Sound to be played behind what is queued at the client."""
        ...

    def stop_playout(self, action: StopPlayout) -> None:
        """Fade out and drop the queue; ``PlaybackStopped`` is told back."""
        ...

    def record(self, line: ScoreTick) -> None:
        """A tick is over."""
        ...


class LiveSession:
    """One session on the running event loop, in the session time of ``clock``."""

    def __init__(
        self, *, session: Session, seat: Seat, lane: StageLane, clock: Clock, wire: Wire
    ) -> None:
        self.session = session
        self._seat, self._lane, self._clock, self._wire = seat, lane, clock, wire
        self._wake = asyncio.Event()
        self._computing: asyncio.Task[None] | None = None
        self._failed: BaseException | None = None
        self.totals: ScoreTotals | None = None

    def tell(self, event: OutsideEvent) -> None:
        """An event from outside, now.

        Raises:
            ProtocolViolation: the event cannot be true (a playback position never sent).
        """
        self._do(self.session.receive(event, now=self._clock.now()))
        self._wake.set()

    async def run(self) -> ScoreTotals:
        """Go on until the session is finished (``InputEnded`` was told) or this task is cancelled."""
        try:
            while self.totals is None:
                if self._failed is not None:
                    raise self._failed
                self._wake.clear()
                self._do(self.session.handle_deadline(now=self._clock.now()))
                deadline = self.session.next_deadline()
                wait_s = None if deadline is None else max(0.0, deadline - self._clock.now())
                await self._sleep(wait_s)
            return self.totals
        finally:
            if self._computing is not None:
                self._computing.cancel()

    async def _sleep(self, wait_s: float | None) -> None:
        if self.totals is not None:
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Hear() | Think() | Sound():
                    self._computing = asyncio.create_task(self._compute(action))
                case Play():
                    self._wire.play(action)
                case StopPlayout():
                    self._wire.stop_playout(action)
                case Record(line=line):
                    self._wire.record(line)
                case Finish(totals=totals):
                    self.totals = totals
                    self._wake.set()
                case _:
                    assert_never(action)

    async def _compute(self, request: Hear | Think | Sound) -> None:
        deadline_s = tick_start_s(request.tick + 2)
        try:
            result = await self._lane.run(self._seat, request, deadline_s=deadline_s)
            self._do(self.session.receive(result, now=self._clock.now()))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - handed to ``run``, the session's root
            self._failed = error
        self._wake.set()

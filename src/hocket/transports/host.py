"""What all live sessions of a server share: the model thread, the seats, the counters, the scores.

Law: a session is admitted before it costs anything and gives its seat back however it ends. Adapters
(native.py, realtime.py) know sockets; the host knows none.
"""

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hocket.core.clock import RealClock
from hocket.core.errors import Overloaded
from hocket.core.units import tick_start_s
from hocket.engine.port import Float32
from hocket.engine.worker import Seat
from hocket.protocol.modes import Mode
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.admission import Admission
from hocket.transports.intake import Intake
from hocket.transports.keeper import Keeper
from hocket.transports.live import LiveSession, Wire
from hocket.transports.metrics import Metrics
from hocket.transports.selftest import is_busy
from hocket.transports.stage_pool import StagePool

ENDS_WITHIN_S: Final = 5.0  # a closed session's last tick; longer means that the models hang
RECOVERS_WITHIN_S: Final = (
    10.0  # those that stay work off their lag at about twice the pace of time
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """Every threshold beside its reason."""

    model: str
    mode: Mode = Mode.RESPONSIVE
    scores: Path | None = None
    # A tab that was forgotten keeps a seat from somebody else.
    idle_s: float = 600.0
    # A wrong message is answered; a peer that sends only such is no client of ours.
    bad_messages: int = 20
    # A session that far behind answers nobody any more. One alone may catch up once the machine can.
    late_s: float = 2.0
    late_alone_s: float = 10.0
    # What one peer may leave unread (outbox.py).
    outbox_s: float = 10.0
    # Shutdown: a spoken sentence rarely takes longer than this.
    drain_s: float = 10.0


class Host:
    """One server's sessions."""

    def __init__(
        self,
        pool: StagePool,
        admission: Admission,
        settings: HostSettings,
        metrics: Metrics | None = None,
    ) -> None:
        self.pool, self.admission, self.settings = pool, admission, settings
        self.metrics = metrics or Metrics()
        self.draining = False
        self._sessions: dict[str, LiveSession] = {}
        self._leaving: set[object] = set()  # sessions in their last tick: soon there is room
        self._left = asyncio.Event()
        self._relieved_s = -math.inf
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hocket-disk")

    @property
    def voice_rate_hz(self) -> int:
        """Rate of every ``Play``."""
        return self.pool.worker.voice.rate_hz

    @property
    def running(self) -> int:
        """Sessions that hold a seat."""
        return self.admission.running

    @asynccontextmanager
    async def session(
        self,
        wire: Wire,
        *,
        mode: Mode | None = None,
        instructions: str = "",
        seed: int = 0,
        backlog_s: float = 5.0,
        sheds: bool = False,
    ) -> AsyncIterator["Running"]:
        """A session for the length of a ``with``; its time 0 is when the body begins.

        Raises:
            Overloaded: no head-room, or the server ends.
        """
        config = SessionConfig(
            model=self.settings.model,
            voice_rate_hz=self.voice_rate_hz,
            mode=mode or self.settings.mode,
            seed=seed,
            instructions=instructions,
            backlog_s=backlog_s,
        )
        async with self._place() as place, self._seat(config) as seat:
            running = Running(self._live(config, seat, wire, Intake(sheds=sheds)))
            self._sessions[running.live.id] = running.live
            self.metrics.opened()
            if self.draining:  # it began while this one's seat was made: nobody else will end it
                running.live.close()
            try:
                yield running
            finally:
                del self._sessions[running.live.id]
                self._leaving.add(place)
                await self._end(running)

    def observe(self, line: ScoreTick) -> None:
        """A tick of any session is over."""
        self.metrics.tick(line)
        self._relieve(line.clock_s[-1] - tick_start_s(line.tick + 2))
        if is_busy(line):
            self.admission.observe(line.compute_ms.total)

    def _relieve(self, late_s: float) -> None:
        """What was admitted does not fit after all: the youngest session gives way, then we look."""
        now, n = time.monotonic(), len(self._sessions)
        bearable_s = self.settings.late_s if n > 1 else self.settings.late_alone_s
        if late_s <= bearable_s or not n or now < self._relieved_s + RECOVERS_WITHIN_S:
            return
        self._relieved_s = now
        youngest = next(reversed(self._sessions.values()))
        why = f"expected ticks in time, got one {late_s:.1f} s late with {n} running"
        log.error("session %s gives way: %s", youngest.id, why)
        youngest.give_up(Overloaded(why))

    async def drain(self) -> None:
        """Admit nobody any more and let every sentence that is being spoken end."""
        self.draining = True
        limit_s = self.settings.drain_s
        await asyncio.gather(
            *(live.finish_sentence(limit_s=limit_s) for live in self._sessions.values())
        )

    def close(self) -> None:
        """Finish what is written to disk. The pool belongs to whoever made it."""
        self._disk.shutdown(wait=True)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[object]:
        """Room under the limit. What a reloaded page left a moment ago is waited for."""
        while self._leaving and self.admission.running >= self.admission.limit:
            self._left.clear()
            await self._left.wait()
        try:
            if self.draining:
                raise Overloaded("expected a server that goes on, got one that is ending")
            self.admission.enter()
        except Overloaded:
            self.metrics.refused()
            raise
        place = object()
        try:
            yield place
        finally:
            self.admission.leave()
            self._leaving.discard(place)
            self._left.set()

    @asynccontextmanager
    async def _seat(self, config: SessionConfig) -> AsyncIterator[Seat]:
        """The session's state inside the models."""
        seat = await self.pool.open(seed=config.seed, instructions=config.instructions)
        try:
            yield seat
        finally:
            await asyncio.shield(self.pool.close_seat(seat))

    def _live(self, config: SessionConfig, seat: Seat, wire: Wire, intake: Intake) -> LiveSession:
        name = f"{time.strftime('%Y%m%dT%H%M%S')}-{secrets.token_hex(4)}"
        return LiveSession(
            session=Session(config),
            seat=seat,
            pool=self.pool,
            clock=RealClock(),
            wire=wire,
            name=name,
            observer=_Observer(self, name, config, self._disk),
            intake=intake,
        )

    async def _end(self, running: "Running") -> None:
        how, live = "failed", running.live
        try:
            how = await running.end()
        finally:
            if live.observer is not None:
                live.observer.end(live.totals)
            self.metrics.closed(
                how, underruns=live.session.underruns, shed_samples=live.intake.shed_samples
            )


class Running:
    """A live session and the task that runs it."""

    def __init__(self, live: LiveSession) -> None:
        self.live = live
        self._task = asyncio.create_task(live.run())

    async def over(self) -> ScoreTotals:
        """Wait until the session ends by itself: drained, or broken.

        Raises:
            Overloaded: it gave way, for the machine cannot carry it.
            Exception: what a stage raised.
        """
        return await asyncio.shield(self._task)

    async def end(self) -> str:
        """Close the session and wait for its last tick; returns how it ended."""
        try:
            if not self._task.done():
                self.live.close()
                await asyncio.wait({self._task}, timeout=ENDS_WITHIN_S)
        finally:
            hung = self._task.cancel()
        if hung:
            log.error("session %s: its last tick took more than %s s", self.live.id, ENDS_WITHIN_S)
            return "hung"
        if self._task.cancelled() or (error := self._task.exception()) is None:
            return "closed"
        if isinstance(error, Overloaded):
            return "gave way"
        log.error("session %s: a stage failed", self.live.id, exc_info=error)
        return "failed"


class _Observer:
    """Books a session's ticks with the host and, if scores are kept, on disk."""

    def __init__(
        self, host: Host, name: str, config: SessionConfig, disk: ThreadPoolExecutor
    ) -> None:
        folder = host.settings.scores
        self._host = host
        self._keeper = None if folder is None else Keeper(folder, name, config, disk)

    def heard(self, samples: Float32) -> None:
        if self._keeper is not None:
            self._keeper.heard(samples)

    def record(self, line: ScoreTick) -> None:
        self._host.observe(line)
        if self._keeper is not None:
            self._keeper.record(line)

    def end(self, totals: ScoreTotals | None) -> None:
        if self._keeper is not None:
            self._keeper.end(totals)

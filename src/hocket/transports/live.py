"""The shell of a live session: between a wire and the thread of the models.

Law: only data moves here. Events go in through ``tell`` on the event loop, in order; what the session
wants is done at once or handed to the stage pool; nothing waits for a slow peer (a wire's methods must
not block).
"""

import asyncio
from collections import deque
from typing import Final, Protocol, assert_never

from hocket.audio.pcm import from_int16, to_int16
from hocket.core.clock import Clock
from hocket.core.errors import Overloaded
from hocket.core.units import tick_start_s
from hocket.engine.port import Float32
from hocket.engine.stages import Hear, Sound, Think
from hocket.engine.worker import Seat
from hocket.protocol.events import (
    AudioReceived,
    Closed,
    Finish,
    InputEnded,
    OutsideEvent,
    Play,
    Record,
    StopPlayout,
)
from hocket.protocol.floor import SOUNDING
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.session import Action, Session
from hocket.transports.intake import Intake
from hocket.transports.stage_pool import StagePool

SENTENCE_ENDS: Final = (".", "!", "?", ".”", "!”", "?”", '."', '!"', '?"')
DRAIN_LOOKS_S: Final = 0.02


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


class Observer(Protocol):
    """Whoever keeps account of a session beside its wire. No method may block or wait."""

    def heard(self, samples: Float32) -> None:
        """The 200 ms of user audio that a tick was given."""
        ...

    def record(self, line: ScoreTick) -> None:
        """A tick is over."""
        ...

    def end(self, totals: ScoreTotals | None) -> None:
        """The session is over; no totals if it broke."""
        ...


class LiveSession:
    """One session on the running event loop, in the session time of ``clock``."""

    def __init__(
        self,
        *,
        session: Session,
        seat: Seat,
        pool: StagePool,
        clock: Clock,
        wire: Wire,
        name: str = "",
        observer: Observer | None = None,
        intake: Intake | None = None,
    ) -> None:
        self.session, self.id = session, name
        self._seat, self._pool, self._clock, self._wire = seat, pool, clock, wire
        self.observer = observer
        self.intake = intake or Intake()
        self._wake = asyncio.Event()
        self._computing: asyncio.Task[None] | None = None
        self._failed: BaseException | None = None
        self._given_up: Overloaded | None = None
        self._sounding = False
        self._sentence_ends_s: deque[float] = deque(maxlen=64)
        self.totals: ScoreTotals | None = None

    @property
    def now_s(self) -> float:
        """The present in session seconds."""
        return self._clock.now()

    def hear(self, samples: Float32) -> None:
        """User audio, float32 mono at 16 kHz, any length, as it comes from the wire."""
        session = self.session
        # The lane is kept as 16-bit sound: the session hears exactly what a replay will.
        pcm = from_int16(to_int16(samples))
        for piece in self.intake.place(
            pcm,
            now=self._clock.now(),
            tick_start=tick_start_s(session.listening_tick),
            pending=session.pending_samples,
        ):
            self.tell(AudioReceived(samples=piece))

    def tell(self, event: OutsideEvent) -> None:
        """An event from outside, now. User audio goes through ``hear``.

        Raises:
            ProtocolViolation: the event cannot be true (a playback position never sent).
        """
        self._do(self.session.receive(event, now=self._clock.now()))
        self._wake.set()

    async def run(self) -> ScoreTotals:
        """Go on until the session is finished (see ``close``) or this task is cancelled.

        Raises:
            Overloaded: the session was given up.
            Exception: what a stage raised.
        """
        try:
            while self.totals is None:
                if self._failed is not None:
                    raise self._failed
                self._wake.clear()
                self._do(self.session.handle_deadline(now=self._clock.now()))
                deadline = self.session.next_deadline()
                wait_s = None if deadline is None else max(0.0, deadline - self._clock.now())
                await self._sleep(wait_s)
            if self._given_up is not None:
                raise self._given_up
            return self.totals
        finally:
            if self._computing is not None:
                self._computing.cancel()

    def close(self) -> None:
        """Nobody is there any more: ``run`` returns with the tick under way or the next one."""
        self.tell(Closed())

    def give_up(self, why: Overloaded) -> None:
        """Close, for the machine cannot carry this session any more; ``run`` raises ``why``."""
        if self.totals is None and self._given_up is None:
            self._given_up = why
            self.close()

    async def finish_sentence(self, *, limit_s: float) -> None:
        """Let the sentence that is being spoken end, for ``limit_s`` at most; then ``close``."""
        began_s = self._clock.now()
        self.tell(InputEnded())
        while self.totals is None and self._failed is None:
            now = self._clock.now()
            ends_s = next(
                (end for end in self._sentence_ends_s if end >= began_s), began_s + limit_s
            )
            silent = not self._sounding and now >= self.session.playing_until_s
            if silent or now >= min(ends_s, began_s + limit_s):
                break
            await asyncio.sleep(DRAIN_LOOKS_S)
        self.close()

    async def _sleep(self, wait_s: float | None) -> None:
        if self.totals is not None or self._failed is not None:
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
                    if isinstance(action, Hear) and self.observer is not None:
                        self.observer.heard(action.samples)
                    self._computing = asyncio.create_task(self._compute(action))
                case Play():
                    self._sentence_ends_s.extend(
                        word.end_s for word in action.words if word.text.endswith(SENTENCE_ENDS)
                    )
                    self._wire.play(action)
                case StopPlayout():
                    self._wire.stop_playout(action)
                case Record(line=line):
                    self._record(line)
                case Finish(totals=totals):
                    self.totals = totals
                    self._wake.set()
                case _:
                    assert_never(action)

    def _record(self, line: ScoreTick) -> None:
        self._sounding = line.floor in SOUNDING
        self._wire.record(line)
        if self.observer is not None:
            self.observer.record(line)

    async def _compute(self, request: Hear | Think | Sound) -> None:
        # Sessions began at different times: the pool orders by the event loop's clock.
        left_s = tick_start_s(request.tick + 2) - self._clock.now()
        due_s = asyncio.get_running_loop().time() + left_s
        try:
            result = await self._pool.run(self._seat, request, deadline_s=due_s)
            self._do(self.session.receive(result, now=self._clock.now()))
        except Exception as error:  # noqa: BLE001 - handed to ``run``, the session's root
            self._failed = error
        self._wake.set()

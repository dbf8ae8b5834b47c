import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from hocket.core.clock import RealClock
from hocket.core.errors import ProtocolViolation
from hocket.engine.fake import Decide
from hocket.protocol.events import Play, PlaybackReported, StopPlayout, StopPressed
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.session import Session
from hocket.transports.live import LiveSession
from hocket.transports.stage_pool import StagePool
from tests.session.driver import config
from tests.transports.serving import LOUD, answers, fake_worker, silent


@dataclass
class Tape:
    """A wire that keeps what it is given."""

    plays: list[Play] = field(default_factory=list)
    stops: list[StopPlayout] = field(default_factory=list)
    lines: list[ScoreTick] = field(default_factory=list)

    def play(self, action: Play) -> None:
        self.plays.append(action)

    def stop_playout(self, action: StopPlayout) -> None:
        self.stops.append(action)

    def record(self, line: ScoreTick) -> None:
        self.lines.append(line)

    @property
    def said(self) -> list[str]:
        return [word.text for play in self.plays for word in play.words]


Test = Callable[[LiveSession, Tape], Awaitable[None]]


def live(test: Test, decide: Decide = silent) -> tuple[Tape, ScoreTotals]:
    async def main() -> tuple[Tape, ScoreTotals]:
        tape = Tape()
        with StagePool(fake_worker(decide)) as pool:
            seat = await pool.open(seed=0, instructions="")
            session = LiveSession(
                session=Session(config()), seat=seat, pool=pool, clock=RealClock(), wire=tape
            )
            running = asyncio.create_task(session.run())
            async with asyncio.timeout(15):
                await test(session, tape)
                return tape, await running

    return asyncio.run(main())


async def until(fact: Callable[[], bool]) -> None:
    while not fact():
        await asyncio.sleep(0.005)


def test_ticks_come_at_the_pace_of_time_without_any_sound() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: len(tape.lines) == 5)
        assert 1.0 <= session.now_s < 1.4
        session.close()

    tape, totals = live(test)
    assert [line.tick for line in tape.lines[:5]] == [0, 1, 2, 3, 4]
    assert totals.deadline_misses == 0


def test_closing_ends_within_two_ticks_with_true_totals() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: len(tape.plays) == 3)
        closed_s = session.now_s
        session.close()
        await until(lambda: session.totals is not None)
        assert session.now_s - closed_s < 0.5

    tape, totals = live(test, answers())
    assert totals.ticks == len(tape.lines)
    assert totals.samples_sent == sum(len(play.samples) for play in tape.plays)


def test_the_sentence_under_way_is_finished_and_the_next_is_not() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: "One" in tape.said)
        await session.finish_sentence(limit_s=10)

    tape, totals = live(test, answers())
    ends_s = next(w.end_s for p in tape.plays for w in p.words if w.text == "three.")
    assert ends_s <= totals.ended_s < ends_s + 0.7
    assert "six." not in tape.said


def test_a_sentence_without_an_end_is_bounded() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: bool(tape.plays))
        began_s = session.now_s
        await session.finish_sentence(limit_s=0.5)
        assert session.now_s - began_s < 1.0

    live(test, answers("on " * 100))


def test_silence_is_not_waited_for() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: len(tape.lines) == 2)
        began_s = session.now_s
        await session.finish_sentence(limit_s=10)
        await until(lambda: session.totals is not None)
        assert session.now_s - began_s < 0.5

    live(test)


def test_stop_cuts_at_once() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: "One" in tape.said)
        session.tell(StopPressed())
        assert len(tape.stops) == 1
        sent = len(tape.plays)
        await until(lambda: tape.lines[-1].permit.rule == "stopped")
        assert len(tape.plays) == sent
        session.close()

    live(test, answers())


def test_a_report_that_cannot_be_true_is_refused_and_leaves_no_trace() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        with pytest.raises(ProtocolViolation):
            session.tell(PlaybackReported(position=10_000_000))
        await until(lambda: len(tape.lines) == 2)
        session.close()

    tape, _ = live(test)
    assert not [e for line in tape.lines for e in line.events if e.kind == "played"]


def test_the_session_hears_sixteen_bits_where_they_came() -> None:
    async def test(session: LiveSession, tape: Tape) -> None:
        await until(lambda: len(tape.lines) == 1)
        session.hear(np.full(160, 0.1234567, np.float32))  # 10 ms
        session.hear(LOUD)
        await until(lambda: len(tape.lines) == 3)
        session.close()

    tape, _ = live(test)
    levels = tape.lines[1].user.levels_db
    first = next(i for i, level in enumerate(levels) if level > -40)
    # Tick 1 began at 0.2 s; its sound came after tick 0's line, which waits 80 ms for its own.
    assert 5 <= first <= 15
    assert min(levels[first:]) > -40

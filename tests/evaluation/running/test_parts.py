"""Ticks, the long session and rounds of sessions, over fakes."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.engine.fake import FakeEars, FakeEngine, FakeVoice, decision
from hocket.engine.port import TickInput, TickOutput
from hocket.engine.worker import Worker
from hocket.evaluation.running import lane, memory, served, sessions, suite
from hocket.evaluation.running.costs import MINUTE_TICKS, minutes, tick_costs
from hocket.evaluation.running.lane import example, hold, repeated
from hocket.evaluation.running.sessions import Round, one_round, session_figures
from hocket.evaluation.running.soak import cost_ratio, soak
from hocket.evaluation.running.suite import LENGTHS, runtime_figures
from hocket.evaluation.scenes.size import Size
from hocket.protocol.floor import Floor, Permit
from hocket.protocol.score import ScoreTick
from hocket.transports.conversation import CONSTANT, Charge
from tests.transports.serving import Served, answers, fake_worker, serve


def talks(tick_input: TickInput, permit: Permit) -> TickOutput:
    return decision(Floor.SPEAK, "word " * 4)


def worker() -> Worker:
    return Worker(ears=FakeEars(), engine=FakeEngine(talks), voice=FakeVoice(rate_hz=8_000))


def test_a_recording_is_repeated_to_the_tick() -> None:
    ticks = list(repeated(example(), 40.0))  # it lasts 38 s
    assert len(ticks) == 200
    assert np.array_equal(ticks[190], ticks[0])


def test_an_installation_without_the_example_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "EXAMPLE", Path("nowhere.flac"))
    with pytest.raises(BadInput, match="nowhere"):
        example()


def test_costs_of_ticks_are_measured_and_told_by_stage() -> None:
    figures = tick_costs(worker(), repeated(example(), 2.0), warm_up=False)
    for stage in ("hear", "think", "voice", "total"):
        spread = [figures[f"{stage}_{q}_ms"] for q in ("p50", "p95", "p99", "max")]
        values = [figure.value for figure in spread if figure.value is not None]
        assert len(values) == 4
        assert values == sorted(values)
        assert 0 < values[0] < 200
    assert figures["deadline_misses"].n == figures["total_p50_ms"].n >= 10
    assert figures["output_gap_p95_ms"].n >= 8


def test_minutes_stand_for_scenes_and_none_of_their_ticks_is_lost() -> None:
    lines: list[ScoreTick] = []
    hold(worker(), repeated(example(), 3.0), lines.append, charge=CONSTANT)
    many = lines * (2 * MINUTE_TICKS // len(lines) + 1)
    pieces = minutes(many, worker())
    assert [name for name, _ in pieces] == [f"runtime/minute/{n:03d}" for n in range(3)]
    assert sum(len(score.ticks) for _, score in pieces) == len(many)


def test_a_steady_session_costs_the_same_at_its_end_and_misses_nothing() -> None:
    figures = soak(worker(), repeated(example(), 22.0), n_ticks=110, charge=CONSTANT)
    ratio, missed = figures["soak_cost_last_to_first"], figures["soak_deadline_misses"]
    assert (ratio.value, missed.value) == (1.0, 0.0)
    assert ratio.interval is not None
    assert (ratio.interval.low, ratio.interval.high) == (1.0, 1.0)
    assert missed.n >= 110
    assert figures["soak_rss_growth_mb"].n >= 110


def test_a_late_session_is_told() -> None:
    slow = Charge(constant_ms=(100.0, 100.0, 250.0))
    missed = soak(worker(), repeated(example(), 4.0), n_ticks=20, charge=slow)
    assert missed["soak_deadline_misses"].value == missed["soak_deadline_misses"].n


def test_costs_that_grow_with_the_session_show_in_the_ratio() -> None:
    rng = np.random.default_rng(0)
    noise_T = rng.uniform(0.9, 1.1, 1_000)
    growing = cost_ratio(np.linspace(50, 100, 1_000) * noise_T)
    steady = cost_ratio(50 * noise_T)
    assert growing.value is not None
    assert growing.interval is not None
    assert growing.value == pytest.approx(97.5 / 52.5, rel=0.05)
    assert growing.interval.low > 1.5
    assert steady.interval is not None
    assert steady.interval.low < 1 < steady.interval.high
    assert cost_ratio(np.ones(50)).value is None


def round_of(n: int, *, misses: int = 0, rss_mb: float | None = None, away: int = 0) -> Round:
    return Round(sessions=n, ticks=100 * n, misses=misses, gaps=0, turned_away=away, rss_mb=rss_mb)


def test_the_largest_round_without_a_miss_is_what_is_held() -> None:
    held = session_figures([round_of(1), round_of(2), round_of(3, misses=4)])["sessions_held"]
    assert (held.value, held.n) == (2.0, 600)
    assert held.note == "3 at once: 4 of 300 ticks late, 0 gaps heard"
    assert session_figures([round_of(1, misses=1)])["sessions_held"].value == 0.0
    assert session_figures([round_of(1), round_of(2, away=1)])["sessions_held"].value == 1.0
    assert session_figures([])["sessions_held"].value is None


def test_a_bound_that_was_reached_is_told() -> None:
    held = session_figures([round_of(1), round_of(2)])["sessions_held"]
    assert (held.value, held.note) == (2.0, "nobody tried more")


def test_memory_of_a_session_is_what_the_next_ones_add() -> None:
    done = [round_of(1, rss_mb=500.0), round_of(2, rss_mb=520.0), round_of(3, rss_mb=530.0)]
    assert session_figures(done)["rss_per_session_mb"].value == 15.0
    assert session_figures(done[:1])["rss_per_session_mb"].value is None
    assert session_figures([round_of(1), round_of(2)])["rss_per_session_mb"].value is None


def test_memory_of_this_process_is_told_and_that_of_nobody_is_not() -> None:
    mine = memory.rss_mb()
    assert mine is None or 10 < mine < 100_000
    assert memory.rss_mb(2**30) is None
    assert memory.open_files(2**30) is None


def test_two_users_speak_to_a_real_server_side_by_side() -> None:
    found: list[Round] = []

    async def test(running: Served) -> None:
        at = served.Server(f"127.0.0.1:{running.port}", os.getpid())
        found.append(await one_round(at, example(), n=2, seconds=1.2))

    serve(test, worker=fake_worker(answers(at_tick=1)))
    (done,) = found
    assert (done.sessions, done.turned_away) == (2, 0)
    assert done.held is (done.misses == 0)  # a busy machine may be late
    assert done.ticks >= 6


def test_a_server_that_is_full_turns_the_second_user_away() -> None:
    found: list[Round] = []

    async def test(running: Served) -> None:
        at = served.Server(f"127.0.0.1:{running.port}", os.getpid())
        found.append(await one_round(at, example(), n=2, seconds=0.8))

    serve(test, worker=fake_worker(), sessions=1)
    assert [(done.turned_away, done.held) for done in found] == [(1, False)]


def test_the_suite_is_its_three_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def two(model: str, recording: Path, *, seconds: float, most: int) -> list[Round]:
        assert (model, seconds, most) == ("fake", 1.0, 2)
        await asyncio.sleep(0)
        return [round_of(1), round_of(2)]

    monkeypatch.setattr(suite, "rounds", two)
    told: list[str] = []
    short = suite.Lengths(ticks_s=1, round_s=1.0, most_sessions=2, soak_s=2)
    figures = runtime_figures(worker(), Size.QUICK, lengths=short, progress=told.append)
    assert {"total_p99_ms", "soak_cost_last_to_first", "sessions_held"} <= figures.keys()
    assert len(told) == 3
    assert set(LENGTHS) == set(Size)


def test_a_server_is_known_by_its_first_line_and_ended_gently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = "import signal; print('http://127.0.0.1:9   one session', flush=True); signal.pause()"
    monkeypatch.setattr(served, "COMMAND", waits)

    async def look() -> served.Server:
        async with served.server("any", 1) as running:
            assert memory.open_files(running.pid) != 0
            return running

    ended = asyncio.run(look())
    assert ended.url == "127.0.0.1:9"
    assert ended.rss_mb() is None


def test_a_server_that_ends_at_once_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "COMMAND", "raise SystemExit(2)")

    async def look() -> None:
        async with served.server("any", 1):
            pytest.fail("it never ran")

    with pytest.raises(BadInput, match="ended at once"):
        asyncio.run(look())


@pytest.mark.models
def test_a_real_server_is_started_asked_and_ended() -> None:
    done = asyncio.run(sessions.rounds("cascade-vad", example(), seconds=4.0, most=1))
    assert [each.sessions for each in done] == [1]
    assert done[0].ticks >= 15
    assert done[0].turned_away == 0
    assert done[0].rss_mb is None or done[0].rss_mb > 100

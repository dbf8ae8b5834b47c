import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.core.errors import Overloaded
from hocket.transports.admission import BLOCK_TICKS, MARGIN, Admission, TickCost
from hocket.transports.selftest import tick_cost
from hocket.transports.stage_pool import StagePool
from tests.transports.serving import answers, fake_worker


@pytest.mark.parametrize(
    ("median_ms", "p95_ms", "sessions"),
    [(48, 120, 2), (80, 118, 1), (30, 60, 4), (150, 400, 1), (1, 2, 64), (0, 0, 64)],
)
def test_as_many_fit_as_one_dear_tick_and_the_others_ordinary_ones(
    median_ms: float, p95_ms: float, sessions: int
) -> None:
    assert TickCost(median_ms=median_ms, p95_ms=p95_ms).sessions() == sessions


@given(st.floats(0.1, 500), st.floats(0, 500), st.floats(0, 100))
def test_dearer_ticks_never_admit_more(median_ms: float, extra_ms: float, more_ms: float) -> None:
    cheap = TickCost(median_ms=median_ms, p95_ms=median_ms + extra_ms)
    dear = TickCost(median_ms=median_ms + more_ms, p95_ms=median_ms + extra_ms + more_ms)
    assert 1 <= dear.sessions() <= cheap.sessions()
    if cheap.sessions() > 1:
        fits = cheap.p95_ms + (cheap.sessions() - 1) * cheap.median_ms
        assert fits <= 200 * (1 - MARGIN) + 1e-6


def test_the_one_too_many_is_refused_with_the_figures_and_a_seat_given_back_is_free() -> None:
    admission = Admission(TickCost(median_ms=48, p95_ms=120))
    admission.enter()
    admission.enter()
    with pytest.raises(Overloaded, match=r"2 sessions running: a busy tick costs 48 ms .*170 of"):
        admission.enter()
    admission.leave()
    admission.enter()
    assert admission.running == 2


def test_a_fixed_number_overrules_what_is_measured() -> None:
    admission = Admission(TickCost(median_ms=150, p95_ms=190), fixed=2)
    admission.enter()
    admission.enter()
    with pytest.raises(Overloaded, match="--sessions 2"):
        admission.enter()


def test_two_threads_hold_twice_as_many_if_a_dear_tick_fits() -> None:
    assert TickCost(median_ms=80, p95_ms=118).sessions(threads=2) == 2
    assert TickCost(median_ms=48, p95_ms=120).sessions(threads=2) == 4
    assert TickCost(median_ms=80, p95_ms=171).sessions(threads=2) == 1


def test_ticks_with_cores_to_spare_count_as_what_they_would_cost_in_a_full_house() -> None:
    admission = Admission(TickCost.of([90.0], alone_ms=[60.0]), threads=2)
    admission.enter()
    for _ in range(20 * BLOCK_TICKS):
        admission.observe(60.0)
    assert admission.cost.median_ms == pytest.approx(90.0)
    admission.enter()
    for _ in range(20 * BLOCK_TICKS):
        admission.observe(60.0)
    assert admission.cost.median_ms == pytest.approx(60.0, rel=0.02)


def test_live_ticks_move_the_limit_slowly() -> None:
    admission = Admission(TickCost(median_ms=30, p95_ms=60))
    assert admission.limit == 4
    for _ in range(BLOCK_TICKS):
        admission.observe(120.0)
    assert admission.cost.median_ms == pytest.approx(48)
    assert admission.limit == 3
    for _ in range(20 * BLOCK_TICKS):
        admission.observe(120.0)
    assert admission.limit == 1
    for _ in range(40 * BLOCK_TICKS):
        admission.observe(20.0)
    assert admission.limit > 4


def test_the_self_test_holds_a_conversation_and_frees_its_seat() -> None:
    worker = fake_worker(answers(at_tick=10))
    with StagePool(worker, threads=2) as pool:
        cost = asyncio.run(tick_cost(pool))
    assert 0 < cost.median_ms <= cost.p95_ms < 200
    assert worker.seats == 0

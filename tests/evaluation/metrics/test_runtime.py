import pytest

from hocket.evaluation.metrics import runtime
from hocket.evaluation.metrics.takes import Take
from hocket.protocol.score import ScoreEvent
from tests.evaluation.metrics.hand_made import score, take, tick

LATE = ScoreEvent(kind="deadline_missed", detail={"late_ms": 12.0})


def scored() -> Take:
    ticks = [
        tick(
            i,
            sent=3200 if 10 <= i < 15 else 0,
            compute_ms=(10.0 + i, 1.0, 0.5),
            done_s=0.2 * i + (0.05 if i == 12 else 0.0),
            events=[LATE] if i == 99 else [],
        )
        for i in range(100)
    ]
    return take(score=score(*ticks))


def test_percentiles_are_over_ticks_and_by_stage() -> None:
    found = runtime.figures([scored()])
    assert found["hear_p50_ms"].value == 59.5
    assert found["hear_p95_ms"].value == 104.5
    assert found["hear_max_ms"].value == 109.0
    assert found["think_p99_ms"].value == 1.0
    assert found["total_max_ms"].value == 110.5
    assert found["total_max_ms"].n == 100


def test_missed_deadlines_are_a_share_of_ticks() -> None:
    assert runtime.figures([scored()])["deadline_misses"].value == 0.01


def test_output_gaps_are_between_ticks_that_both_sent_sound() -> None:
    assert runtime.output_gaps_ms(scored().score) == pytest.approx([200, 250, 150, 200])  # type: ignore[arg-type]
    found = runtime.figures([scored()])
    assert found["output_gap_max_ms"].value == pytest.approx(250)
    assert found["output_jitter_p95_ms"].value == pytest.approx(50)


def test_without_scores_there_are_no_figures() -> None:
    assert all(figure.value is None for figure in runtime.figures([take()]).values())

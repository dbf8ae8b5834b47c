import numpy as np
import pytest

from hocket.evaluation.cases import Case
from hocket.evaluation.intervals import Float
from hocket.evaluation.roc import (
    auc,
    auc_over_time,
    decide,
    events_of,
    roc_points,
    threshold_for,
    time_course,
)
from tests.evaluation.sessions import case, mark, shifted

KINDS = ("interruption", "backchannel", "noise", "tic", "side")


def sessions(n: int, decided_after_ticks: int = 3) -> tuple[list[Case], list[Float]]:
    """One event of each kind in every session; the score tells interruptions after a while."""
    rng = np.random.default_rng(n)
    cases, scores = [], []
    for i in range(n):
        onsets = 1 + 5 * np.arange(5) + rng.uniform(0, 1, 5)
        lengths = (2.0, 0.4, 0.5, 0.3, 1.5)
        marks = [mark(k, t, t + s) for k, t, s in zip(KINDS, onsets, lengths, strict=True)]
        score = rng.uniform(0, 0.4, 150)
        first = int(onsets[0] / 0.2) + decided_after_ticks
        score[first : first + 4] += 0.6
        cases.append(case(f"s{i}", 150, *marks))
        scores.append(score)
    return cases, scores


def test_auc_counts_pairs_and_ties_half() -> None:
    assert auc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 3.5 / 4
    assert auc(np.array([1.0]), np.array([1.0])) == 0.5
    assert np.isnan(auc(np.zeros(0), np.ones(3)))


def test_the_area_below_the_roc_is_the_auc() -> None:
    rng = np.random.default_rng(0)
    high, low = rng.integers(2, 9, 40) / 10, rng.integers(0, 7, 50) / 10
    false, true = roc_points(high, low)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(true, false) == pytest.approx(auc(high, low))


def test_events_are_told_apart_from_the_tick_in_which_the_score_knows() -> None:
    cases, scores = sessions(40)
    found, intervals = auc_over_time(events_of(cases, scores), seed=0)
    # highest score so far of uniform noise: interruptions and the rest alike until the third tick
    assert abs(found[2] - 0.5) < 0.15
    assert found[3:] == pytest.approx(1.0)
    assert intervals[1].low < found[1] < intervals[1].high


def test_a_threshold_keeps_false_yields_below_its_share() -> None:
    events = events_of(*sessions(40))
    for share in (0.0, 0.05, 0.1):
        threshold = threshold_for(events, share)
        assert decide(events, threshold).false_share <= share
    assert decide(events, np.nextafter(threshold_for(events, 0.1), 0)).false_share > 0.1


def test_time_to_decide_runs_from_the_onset_to_what_is_heard() -> None:
    events = events_of(*sessions(40, decided_after_ticks=3))
    found = decide(events, 0.5)
    assert (found.decided, found.n_interruptions, found.false_share) == (40, 40, 0)
    # three whole ticks, the rest of the first one, and 0.1 s of compute
    assert 0.7 < found.time_median_s < 0.9
    assert 0.7 < found.time_p90_s <= 0.9
    assert found.false_by_kind["side"] == (0, 40)


def test_who_never_decides_takes_for_ever() -> None:
    found = decide(events_of(*sessions(5)), 2.0)
    assert (found.decided, found.time_median_s) == (0, np.inf)


def test_a_yield_after_the_event_and_a_second_is_not_to_it() -> None:
    one = case("a", 40, mark("noise", 1.0, 1.5), mark("interruption", 5.0, 6.0))
    score = np.zeros(40)
    score[13] = 1.0  # 0.2 s after noise + 1 s
    assert decide(events_of([one], [score]), 0.5).false_by_kind["noise"] == (0, 1)
    score[12] = 1.0
    assert decide(events_of([one], [score]), 0.5).false_by_kind["noise"] == (1, 1)


def test_shifting_by_whole_ticks_changes_nothing() -> None:
    cases, scores = sessions(4)
    late = [np.concatenate([np.zeros(9), one]) for one in scores]
    a, b = events_of(cases, scores), events_of([shifted(one, 9) for one in cases], late)
    assert np.array_equal(a.judged_EJ, b.judged_EJ)
    assert a.offset_s_E == pytest.approx(b.offset_s_E)


def test_a_session_that_ends_early_leaves_no_figures_behind_its_end() -> None:
    one = case("a", 10, mark("tic", 1.0, 1.4))
    course = time_course(events_of([one], [np.full(10, 0.3)]), "tic")
    assert course[1, :5] == pytest.approx(0.3)
    assert np.isnan(course[:, 5:]).all()
    assert np.isnan(time_course(events_of([one], [np.zeros(10)]), "side")).all()

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.evaluation.cases import PAUSE, TURN_END, case_of, first_tick_after, ticks_heard_before
from hocket.evaluation.takeovers import (
    false_starts,
    gaps_s,
    judge,
    judged_ends,
    pause_peak,
    thresholds_of,
)
from tests.evaluation.sessions import case, inside, mark, random_case, shifted

HALF = np.array([0.5])


def test_a_decision_at_the_end_of_a_tick_is_heard_a_tenth_of_a_second_later() -> None:
    assert first_tick_after(3_199) == 0
    assert first_tick_after(3_200) == 1
    assert ticks_heard_before(4_800) == 0
    assert ticks_heard_before(4_801) == 1


def test_a_start_breaks_a_pause_only_if_decided_and_heard_inside_it() -> None:
    scores = np.array([0.9, 0.1, 0.8, 0.2, 0.7, 0.9])
    # inputs end at .2 .4 .6 .8 1.0 1.2 and are heard .1 later
    assert pause_peak(scores, mark(PAUSE, 0.3, 0.95)) == 0.8
    assert pause_peak(scores, mark(PAUSE, 0.6, 1.1)) == 0.2  # heard at 1.1 is too late
    assert pause_peak(scores, mark(PAUSE, 0.6, 1.11)) == 0.7
    assert pause_peak(scores, mark(PAUSE, 0.61, 0.85)) == -np.inf


def test_a_gap_runs_from_the_last_speech_sample_to_what_is_heard() -> None:
    scores = np.zeros(30)
    scores[12:] = 1.0  # decided at 2.6
    end = mark(TURN_END, 2.3, 6.0)
    assert gaps_s(scores, end, HALF)[0] == pytest.approx(0.4)


def test_early_starts_are_negative_and_never_clamped() -> None:
    end = mark(TURN_END, 2.3, 6.0)
    scores = np.zeros(30)
    scores[9] = 1.0  # decided at 2.0, heard at 2.1
    assert gaps_s(scores, end, HALF)[0] == pytest.approx(-0.2)
    scores[3:9] = 1.0  # the same run began at 0.8
    assert gaps_s(scores, end, HALF)[0] == pytest.approx(-1.4)
    scores[:3] = 1.0
    assert gaps_s(scores, end, HALF)[0] == pytest.approx(-2.0)


def test_a_start_that_was_given_up_before_the_end_is_not_its_answer() -> None:
    scores = np.zeros(30)
    scores[3:6] = 1.0
    assert gaps_s(scores, mark(TURN_END, 2.3, 6.0), HALF)[0] == np.inf


def test_an_answer_after_three_seconds_is_none() -> None:
    scores = np.zeros(40)
    scores[25:] = 1.0  # heard at 5.3
    assert gaps_s(scores, mark(TURN_END, 2.3, 7.0), HALF)[0] == pytest.approx(3.0)
    assert gaps_s(scores, mark(TURN_END, 2.29, 7.0), HALF)[0] == np.inf
    assert gaps_s(scores, mark(TURN_END, 2.3, 5.2), HALF)[0] == np.inf


def test_an_end_after_which_somebody_soon_goes_on_is_left_out_and_counted() -> None:
    one = case("a", 60, mark(TURN_END, 2.0, 3.1), mark(TURN_END, 6.0, 9.5))
    assert len(judged_ends(one)) == 1
    assert judge([one], [np.zeros(60)], HALF).ends_left_out == 1


def test_starts_in_running_speech_are_counted_once_a_run() -> None:
    scores = np.array([0.6, 0.6, 0.1, 0.7, 0.9, 0.2, 0.8])
    running = np.array([1, 1, 1, 1, 1, 1, 0], np.bool_)
    assert false_starts(scores, running, np.array([0.5, 0.65, 0.8, 0.95])).tolist() == [2, 1, 1, 0]


def test_running_speech_is_where_an_answer_would_be_heard_over_the_user() -> None:
    about = {"id": "a", "marks": [{"kind": "turn_end", "start_s": 1.0, "end_s": 1.6}]}
    ahead = np.array([0, 1, 1, 1, 0.4, 0, 0, 1, 1, 1])
    silent = np.ones(10, np.bool_)
    silent[9] = False
    found = case_of(about, ahead, silent).running_T
    assert np.flatnonzero(found).tolist() == [1, 2, 8]


def test_scores_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 60 scores of a"):
        judge([case("a", 60)], [np.zeros(59)], HALF)


@given(st.integers(0, 50), st.integers(1, 40))
def test_shifting_by_whole_ticks_changes_nothing(seed: int, ticks: int) -> None:
    one = random_case(seed)
    scores = np.random.default_rng(seed).uniform(size=len(one))
    thresholds = np.linspace(0.5, 1, 5)
    late = np.concatenate([np.zeros(ticks), scores])
    a, b = judge([one], [scores], thresholds), judge([shifted(one, ticks)], [late], thresholds)
    assert np.array_equal(a.broken_PN, b.broken_PN)
    assert np.array_equal(a.gaps_EN, b.gaps_EN)


@pytest.mark.parametrize("delay_ticks", [0, 1, 3])
def test_an_oracle_has_its_delay_as_gap_and_breaks_no_pause(delay_ticks: int) -> None:
    cases = [random_case(seed) for seed in range(20)]
    open_ = [inside(one, TURN_END) for one in cases]
    scores = [one * np.roll(one, delay_ticks) for one in open_]
    found = judge(cases, scores, HALF)
    assert not found.broken_PN.any()
    # it waits for the tick to end, its own delay, and the compute
    assert found.gaps_EN.min() > 0.1 + 0.2 * delay_ticks
    assert found.gaps_EN.max() <= 0.3 + 0.2 * delay_ticks


def test_who_starts_at_every_silence_breaks_all_pauses() -> None:
    cases = [random_case(seed) for seed in range(20)]
    scores = [np.maximum(inside(one, TURN_END), inside(one, PAUSE)) for one in cases]
    assert judge(cases, scores, HALF).broken_PN.all()


def test_who_is_silent_answers_nothing() -> None:
    cases = [random_case(seed) for seed in range(5)]
    found = judge(cases, [np.zeros(len(one)) for one in cases], HALF)
    assert np.isinf(found.gaps_EN).all()
    assert not found.broken_PN.any()


def test_thresholds_reach_from_all_pauses_broken_to_none() -> None:
    cases = [random_case(seed) for seed in range(20)]
    rng = np.random.default_rng(0)
    scores = [rng.uniform(size=len(one)) for one in cases]
    found = judge(cases, scores, thresholds_of(cases, scores))
    share = found.broken_PN.mean(axis=0)
    assert (share[0], share[-1]) == (1, 0)
    assert -np.diff(share).min() < 0.05 and (np.diff(share) <= 0).all()

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.evaluation.metrics import backchannels
from hocket.evaluation.metrics.backchannels import FARTHEST, WINDOWS, distance, histogram
from tests.evaluation.metrics.hand_made import said, take, turn

LONG = turn(1.0, 14.0, (4.0, 4.5), (8.0, 8.5))  # 12 s of speech


def test_backchannels_are_counted_a_minute_of_the_users_speech() -> None:
    spans = [(4.2, 4.6), (8.9, 9.3), (10.0, 11.0), (12.0, 12.5), (15.0, 15.4)]
    words = [*said("mhm", 4.2), *said("yeah", 8.9), *said("so I do", 12.0, 0.16)]
    one = take(LONG, spans=spans, words=words)
    # 1 s is none, three words are none, and one after the turn is none
    found = backchannels.figures([one])["backchannels_given"]
    assert found.n == 2
    assert found.value == pytest.approx(2 / 0.2)


def test_those_of_long_turns_have_a_figure_of_their_own() -> None:
    short = take(turn(1.0, 4.0), spans=[(2.0, 2.4)], words=said("mhm", 2.0))
    long = take(LONG, spans=[(4.2, 4.6), (8.9, 9.3)], words=[*said("mhm", 4.2), *said("yes", 8.9)])
    found = backchannels.figures([short, long])
    assert found["backchannels_given"].value == pytest.approx(3 / 0.25)
    assert found["backchannels_in_long_turns"].value == pytest.approx(2 / 0.2)


def test_an_answer_that_was_cut_off_acknowledges_nothing() -> None:
    spans = [(4.2, 4.6), (8.9, 9.2), (12.0, 12.5)]
    words = [*said("mhm", 4.2), *said("the", 8.9)]
    found = backchannels.figures([take(LONG, spans=spans, words=words)])
    assert found["backchannels_given"].value == pytest.approx(3 / 0.2)
    assert found["acknowledgments_given"].value == pytest.approx(1 / 0.2)


def test_windows_count_from_the_end_of_the_last_phrase() -> None:
    spans = [(2.0, 2.3), (4.1, 4.3), (5.05, 5.4), (8.7, 9.0), (13.0, 13.4)]
    counts = histogram(take(LONG, spans=spans))
    expected = np.zeros(WINDOWS + 1)
    expected[[0, 5, 3]] = 1
    expected[WINDOWS] = 2  # before any phrase ended, and 5 s behind
    assert counts.tolist() == expected.tolist()


def test_a_silent_agent_is_farthest_from_people_and_that_is_not_one() -> None:
    human = np.array([1.0, 5, 2] + [0] * 8)
    silent = backchannels.figures([take(LONG)], human)["backchannel_timing"]
    assert silent.value == FARTHEST == pytest.approx(0.8326, abs=1e-4)


def test_without_peoples_timing_there_is_no_figure() -> None:
    found = backchannels.figures([take(LONG)])["backchannel_timing"]
    assert (found.value, found.shown) == (None, False)
    assert "expected" in found.note


def test_the_distance_is_the_published_one() -> None:
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])
    # m = (1/4, 1/2, 1/4): each divergence is 1/2 log 2
    assert distance(p, q) == pytest.approx(sqrt(log(2) / 2))
    assert distance(p, 10 * p) == 0
    assert distance(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(FARTHEST)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_the_distance_is_symmetric_and_bounded(pairs: list[tuple[int, int]]) -> None:
    p, q = np.array(pairs, np.float64).T
    assert distance(p, q) == pytest.approx(distance(q, p))
    assert 0 <= distance(p, q) <= FARTHEST + 1e-12


def test_histograms_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        distance(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="negative"):
        distance(np.ones(2), np.array([1.0, -1.0]))

from dataclasses import replace

import numpy as np
import pytest

from hocket.evaluation.cases import PAUSE, TURN_END, Case
from hocket.evaluation.curves import (
    Judged,
    Pauses,
    gap_at,
    operating_point,
    read,
    read_gaps,
)
from hocket.evaluation.intervals import Float
from hocket.evaluation.takeovers import judge, thresholds_of
from tests.evaluation.sessions import inside, random_case

CASES = [random_case(seed) for seed in range(30)]


def judged(scores: list[Float]) -> Judged:
    return Judged(judge(CASES, scores, thresholds_of(CASES, scores)))


def waiting(one: Case) -> Float:
    """Seconds of silence so far, as a timeout knows them."""
    silent = np.maximum(inside(one, TURN_END), inside(one, PAUSE)) > 0
    ticks = np.arange(len(silent))
    return np.float64(0.2) * (ticks - np.maximum.accumulate(np.where(silent, 0, ticks)))


def noisy_oracle(seed: int, *, noise: float, wait: int = 0) -> list[Float]:
    rng = np.random.default_rng(seed)
    return [
        np.roll(inside(one, TURN_END), wait) + noise * rng.standard_normal(len(one))
        for one in CASES
    ]


def test_a_timeout_pays_for_fewer_broken_pauses_with_longer_gaps() -> None:
    curve = judged([waiting(one) for one in CASES]).curve()
    assert (np.diff(curve.pause_share_N) <= 0).all()
    assert (np.diff(curve.gap_median_N) >= 0).all()
    assert curve.gap_median_N[0] < 0.45 and curve.pause_share_N[0] == 1
    assert curve.gap_median_N[-1] > 1.5 or np.isinf(curve.gap_median_N[-1])


def test_long_pauses_are_broken_more_often_by_a_timeout() -> None:
    scores = [waiting(one) for one in CASES]
    found = Judged(judge(CASES, scores, np.array([0.8])))
    long = Pauses(shortest_s=1.0)
    assert 0 < found.n_pauses(long) < found.n_pauses(Pauses())
    assert found.curve(long).pause_share_N[0] > found.curve().pause_share_N[0]


def test_pauses_after_finished_sentences_can_be_left_out() -> None:
    scores = [np.maximum(inside(one, PAUSE), inside(one, TURN_END)) for one in CASES]
    final = [
        replace(
            one, marks=tuple(replace(m, sentence_end=i % 4 == 0) for i, m in enumerate(one.marks))
        )
        for one in CASES
    ]
    found = judge(final, scores, np.array([0.5]))
    assert Judged(found).n_pauses(Pauses()) == 90
    assert Judged(found).n_pauses(Pauses(inside_sentences=True)) == 30


def test_a_gap_is_read_between_points_and_is_infinite_left_of_them() -> None:
    share, gap = np.array([0.4, 0.2, 0.1]), np.array([0.2, 0.6, 1.0])
    found = gap_at(share, gap, np.array([0.05, 0.1, 0.15, 0.3, 0.9]))
    assert found == pytest.approx([np.inf, 1.0, 0.8, 0.4, 0.2])


def test_of_points_with_the_same_share_the_soonest_is_read() -> None:
    share, gap = np.array([0.1, 0.1, 0.2, 0.3]), np.array([0.9, 0.5, 0.7, np.inf])
    assert gap_at(share, gap, np.array([0.1, 0.2, 0.3])) == pytest.approx([0.5, 0.5, 0.5])


def test_nobody_answers_with_an_infinite_gap() -> None:
    found = gap_at(np.array([0.0, 0.2]), np.array([np.inf, 0.5]), np.array([0.1, 0.2]))
    assert found.tolist() == [np.inf, 0.5]


def test_a_family_is_read_at_its_best_setting() -> None:
    sharp, dull = judged(noisy_oracle(0, noise=0.2)), judged(noisy_oracle(1, noise=1.0))
    wanted = np.array([0.05, 0.1])
    both = read_gaps([dull, sharp], wanted)
    assert both.tolist() == read_gaps([sharp], wanted).tolist()
    point = operating_point([dull, sharp], 0.1)
    assert point is not None
    assert (point.setting, point.pause_share <= 0.1) == (1, True)


def test_intervals_hold_the_figure_and_come_back_with_the_seed() -> None:
    family = [judged(noisy_oracle(0, noise=0.5))]
    found = read(family, seed=5).at()
    assert read(family, seed=5).at() == found
    assert [share for share, _, _ in found] == [0.15, 0.10, 0.05]
    assert all(interval.low <= gap <= interval.high for _, gap, interval in found)
    assert found[0][1] <= found[2][1]


def test_the_area_between_says_how_much_later_the_slower_one_answers() -> None:
    soon = [judged(noisy_oracle(0, noise=0.05))]
    late = [judged(noisy_oracle(0, noise=0.05, wait=2))]
    first, second = read(soon, seed=0), read(late, seed=0)
    difference, interval = first.sooner_than(second)
    assert difference == pytest.approx(0.4, abs=0.02)
    assert interval.low > 0.3
    assert second.sooner_than(first)[0] == pytest.approx(-difference)

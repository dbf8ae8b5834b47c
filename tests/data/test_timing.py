import numpy as np

from hocket.data.timing import ANSWER_GAP, PAUSE, LogNormal


def test_draws_follow_the_distribution_that_labels_use() -> None:
    rng = np.random.default_rng(0)
    drawn_N = np.array([ANSWER_GAP.draw_s(rng) for _ in range(4000)])
    for time_s in (0.1, 0.2, 0.4, 0.8):
        assert abs(np.mean(drawn_N <= time_s) - ANSWER_GAP.cdf(time_s)) < 0.025


def test_draws_stay_within_their_bounds() -> None:
    rng = np.random.default_rng(1)
    drawn_N = [PAUSE.draw_s(rng) for _ in range(500)]
    assert min(drawn_N) == PAUSE.low_s
    assert max(drawn_N) == PAUSE.high_s


def test_nothing_has_begun_before_the_end() -> None:
    assert LogNormal(median_s=0.2, sigma=0.6).cdf(0.0) == 0.0
    assert LogNormal(median_s=0.2, sigma=0.6).cdf(-1.0) == 0.0

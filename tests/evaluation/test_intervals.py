import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.evaluation.intervals import (
    Float,
    bootstrap,
    percentile_interval,
    resamples,
    weighted_quantile,
    wilson,
)


def test_wilson_agrees_with_the_published_example() -> None:
    # Newcombe, Stat. Med. 17 (1998), table I: 81 of 263 gives .2553 to .3662.
    interval = wilson(81, 263)
    assert (interval.low, interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_nothing_counted_says_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
    assert wilson(0, 10).low == 0
    assert wilson(10, 10).high == pytest.approx(1)


def test_more_good_than_counted_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.3"):
        wilson(4, 3)


def test_the_same_seed_draws_the_same_sessions() -> None:
    assert np.array_equal(resamples(7, seed=3), resamples(7, seed=3))
    assert not np.array_equal(resamples(7, seed=3), resamples(7, seed=4))
    assert (resamples(7, seed=3).sum(axis=1) == 7).all()


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), st.data())
def test_a_weighted_median_is_the_median_of_the_repeated_rows(
    values: list[int], data: st.DataObject
) -> None:
    counts = data.draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values)))
    if not sum(counts):
        counts[0] = 1
    found = weighted_quantile(np.array(values, float)[:, None], np.array(counts), 0.5)
    assert found[0] == np.median(np.repeat(values, counts))


def test_quantiles_reach_infinity_without_nan() -> None:
    values = np.array([0.1, 0.2, np.inf, np.inf])[:, None]
    one = np.ones(4, np.int64)
    assert weighted_quantile(values, one, 0.25)[0] == pytest.approx(0.15)
    assert weighted_quantile(values, one, 0.5)[0] == np.inf
    assert np.isnan(weighted_quantile(values, 0 * one, 0.5)[0])


def test_a_bootstrap_interval_holds_the_mean_of_a_large_sample_and_narrows() -> None:
    values = np.random.default_rng(0).normal(1.0, 1.0, 400)

    def width_of(x: Float) -> float:
        samples = bootstrap(lambda counts: counts @ x / counts.sum(), len(x), seed=1)
        interval = percentile_interval(samples)
        assert interval.low < x.mean() < interval.high
        return interval.high - interval.low

    # the standard error of a mean: 1.96 * 2 / sqrt(n)
    assert width_of(values) == pytest.approx(0.196, rel=0.15)
    assert width_of(values[:100]) == pytest.approx(0.39, rel=0.25)


def test_figures_that_could_not_be_computed_are_left_out() -> None:
    interval = percentile_interval(np.array([np.nan, 1.0, 2.0, np.inf]))
    assert (interval.low, interval.high) == (1.0, np.inf)

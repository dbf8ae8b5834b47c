"""How sure is a figure? Intervals of shares, and a bootstrap over sessions for everything else.

Law: what is resampled is sessions, never events: events of one session share a voice and a room. A
resample is a count for each session, so that a statistic computed once can be weighted many times.
Source: Wilson, J. Am. Stat. Assoc. 22 (1927); Efron, Ann. Stat. 7 (1979), percentile intervals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

Z_95: Final = 1.959964
REPEATS: Final = 500  # the ends of a 95 % interval then rest on 12 resamples each


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Both ends of a 95 % interval, in the unit of the figure; may be infinite."""

    low: float
    high: float


def wilson(good: int, n: int) -> Interval:
    """Interval of the share ``good / n``; (0, 1) when nothing was counted.

    Raises:
        ValueError: ``good`` does not lie in 0..n.
    """
    if not 0 <= good <= n:
        raise ValueError(f"expected a count in 0..{n}, got {good}")
    if n == 0:
        return Interval(low=0.0, high=1.0)
    share, zz = good / n, Z_95**2
    centre = share + zz / (2 * n)
    width = Z_95 * np.sqrt(share * (1 - share) / n + zz / (4 * n * n))
    low, high = (centre - width) / (1 + zz / n), (centre + width) / (1 + zz / n)
    return Interval(low=max(0.0, float(low)), high=min(1.0, float(high)))


def resamples(n_sessions: int, *, seed: int, repeats: int = REPEATS) -> Counts:
    """How often each session is drawn in each resample: [repeats, n_sessions]."""
    rng = np.random.default_rng(seed)
    shares = np.full(n_sessions, 1 / max(1, n_sessions))
    return rng.multinomial(n_sessions, shares, size=repeats)


def bootstrap(
    statistic: Callable[[Counts], Any], n_sessions: int, *, seed: int, repeats: int = REPEATS
) -> Float:
    """The statistic of every resample: [repeats, ...]. ``statistic`` takes counts [n_sessions]."""
    drawn = resamples(n_sessions, seed=seed, repeats=repeats)
    return np.array([statistic(counts_S) for counts_S in drawn], dtype=np.float64)


def percentile_interval(samples_R: Float) -> Interval:
    """95 % interval of resampled figures [R]; what could not be computed (nan) is left out.

    No interpolation: a figure may be infinite, and between a number and infinity lies nothing.
    """
    known = samples_R[~np.isnan(samples_R)]
    if not known.size:
        return Interval(low=-np.inf, high=np.inf)
    low = np.quantile(known, 0.025, method="lower")
    high = np.quantile(known, 0.975, method="higher")
    return Interval(low=float(low), high=float(high))


def weighted_quantile(values_EN: Float, counts_E: Counts, q: float) -> Float:
    """Quantile of every column of [E, N], row e counted ``counts_E[e]`` times: [N], nan for no rows.

    Averages two neighbours where the quantile falls between them, so q = .5 is the usual median.
    """
    order_EN = np.argsort(values_EN, axis=0)
    return quantile_of_sorted(np.take_along_axis(values_EN, order_EN, 0), counts_E[order_EN], q)


def quantile_of_sorted(values_EN: Float, counts_EN: Counts, q: float) -> Float:
    """As ``weighted_quantile`` for columns that ascend, with the counts in the same order."""
    total = int(counts_EN[:, 0].sum()) if counts_EN.size else 0
    if total == 0:
        return np.full(values_EN.shape[1], np.nan)
    reached_EN = np.cumsum(counts_EN, axis=0)
    wanted = round(q * total, 9)  # .9 * 10 is not 9 in floats
    below_N = np.argmax(reached_EN >= wanted, axis=0)
    above_N = np.argmax(reached_EN > min(wanted, total - 0.5), axis=0)
    columns_N = np.arange(values_EN.shape[1])
    averaged: Float = (values_EN[below_N, columns_N] + values_EN[above_N, columns_N]) / 2
    return averaged

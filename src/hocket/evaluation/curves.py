"""Pause takeover against response gap: one curve an engine, read at the shares that people would bear.

Law: an engine that never answers has an infinite gap there, not a missing one, so waiting costs. An
engine with several knobs is a family of curves and is read at its best setting for each share, chosen
on the very data it is judged on: that flatters the baselines, which alone have such knobs.
Source: takeovers.py for the events; intervals.py for the bootstrap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.evaluation.cases import Bools
from hocket.evaluation.intervals import (
    Counts,
    Float,
    Interval,
    percentile_interval,
    quantile_of_sorted,
    resamples,
)
from hocket.evaluation.takeovers import Takeovers

READ_AT: Final = (0.15, 0.10, 0.05)  # shares of pauses broken; the target is .05
AREA_SHARES: Final = np.linspace(0.02, 0.30, 29)
LONGEST_GAP_S: Final = 3.0  # what an area counts for no answer
TALKED_OVER_S: Final = -0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One setting's figures at N thresholds, ascending."""

    thresholds_N: Float
    pause_share_N: Float  # of pauses broken
    gap_median_N: Float  # seconds; inf: most ends got no answer in time
    gap_p90_N: Float
    taken_N: Float  # share of ends answered within 3 s (TOR)
    over_N: Float  # share of ends answered more than 0.2 s early
    false_per_min_N: Float  # starts in running speech, a minute of speech


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """What one setting does; the share of pauses is the largest not above the one asked for."""

    setting: int  # which curve of the family
    threshold: float
    pause_share: float
    gap_median_s: float
    gap_p90_s: float
    taken: float
    over: float
    false_per_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Which pauses a curve is about."""

    shortest_s: float = 0.25
    inside_sentences: bool = False  # leaves out pauses after a finished sentence

    @property
    def name(self) -> str:
        """As tables and pictures call it."""
        return f"pauses{' inside sentences' * self.inside_sentences} >= {self.shortest_s} s"

    def among(self, takeovers: Takeovers) -> Bools:
        """Which of the judged pauses these are: [P]."""
        long_P: Bools = takeovers.pause_length_P >= self.shortest_s
        return long_P & takeovers.pause_inside_P if self.inside_sentences else long_P


ALL_PAUSES: Final = Pauses()


class Judged:
    """Takeovers of one setting, sorted once, to be weighted by many resamples."""

    def __init__(self, takeovers: Takeovers) -> None:
        self.takeovers = takeovers
        self._broken_PN = takeovers.broken_PN.astype(np.float64)
        order_EN = np.argsort(takeovers.gaps_EN, axis=0)
        self._gaps_EN = np.take_along_axis(takeovers.gaps_EN, order_EN, 0)
        self._end_session_EN = takeovers.end_session_E[order_EN]

    def n_pauses(self, pauses: Pauses) -> int:
        """How many pauses are judged."""
        return int(pauses.among(self.takeovers).sum())

    def pause_share(self, counts_S: Counts, pauses: Pauses) -> Float:
        """Share of pauses broken at each threshold [N]; nan without pauses."""
        counted = counts_S[self.takeovers.pause_session_P] * pauses.among(self.takeovers)
        return _mean(self._broken_PN, counted)

    def gap(self, counts_S: Counts, q: float = 0.5) -> Float:
        """Quantile of the response gap at each threshold [N]."""
        return quantile_of_sorted(self._gaps_EN, counts_S[self._end_session_EN], q)

    def curve(self, pauses: Pauses = ALL_PAUSES) -> Curve:
        """The whole curve, every session counted once."""
        taken = self.takeovers
        counts, ends = np.ones(taken.n_sessions, np.int64), np.ones_like(taken.end_session_E)
        minutes = float(taken.speech_min_S.sum())
        return Curve(
            thresholds_N=taken.thresholds_N,
            pause_share_N=self.pause_share(counts, pauses),
            gap_median_N=self.gap(counts),
            gap_p90_N=self.gap(counts, 0.9),
            taken_N=_mean(np.isfinite(taken.gaps_EN).astype(np.float64), ends),
            over_N=_mean((taken.gaps_EN < TALKED_OVER_S).astype(np.float64), ends),
            false_per_min_N=taken.false_starts_SN.sum(axis=0) / (minutes or np.nan),
        )


Family = Sequence[Judged]  # settings of one engine, over the same sessions


def _mean(values_EN: Float, counts_E: Counts) -> Float:
    total = counts_E.sum()
    mean: Float = counts_E @ values_EN / total if total else np.full(values_EN.shape[1], np.nan)
    return mean


def gap_at(share_N: Float, gap_N: Float, wanted_X: Float) -> Float:
    """The gap at given shares of broken pauses [X], on the lower left edge of a curve's points.

    Between two points the gap is interpolated; left of the first it is infinite.
    """
    known = ~np.isnan(share_N) & ~np.isnan(gap_N)
    order = np.lexsort((gap_N[known], share_N[known]))
    share, gap = share_N[known][order], np.minimum.accumulate(gap_N[known][order])
    if not share.size:
        return np.full(len(wanted_X), np.inf)
    at_X = np.searchsorted(share, wanted_X, side="right") - 1
    left_X, right_X = at_X.clip(0), (at_X + 1).clip(max=len(share) - 1)
    step_X = share[right_X] - share[left_X]
    part_X = np.divide(
        wanted_X - share[left_X], step_X, out=np.zeros_like(wanted_X), where=step_X > 0
    )
    infinite_X = np.isinf(gap[left_X])
    start_X = np.where(infinite_X, 0, gap[left_X])
    stop_X = np.where(infinite_X, 0, gap[right_X])
    return np.where((at_X < 0) | infinite_X, np.inf, start_X + part_X * (stop_X - start_X))


def read_gaps(
    family: Family, wanted_X: Float, pauses: Pauses = ALL_PAUSES, *, drawn_RS: Counts | None = None
) -> Float:
    """The family's least median gap at given shares of broken pauses, in each resample: [R, X].

    Without ``drawn_RS`` [R, sessions] every session counts once, and R is 1.
    """
    n = family[0].takeovers.n_sessions
    drawn = np.ones((1, n), np.int64) if drawn_RS is None else drawn_RS
    gaps_FRX = [
        [gap_at(one.pause_share(c, pauses), one.gap(c), wanted_X) for c in drawn] for one in family
    ]
    least: Float = np.min(gaps_FRX, axis=0)
    return least


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Gaps of one engine at the shares ``READ_AT`` and ``AREA_SHARES``, and in R resamples."""

    found_X: Float
    samples_RX: Float

    def at(self) -> list[tuple[float, float, Interval]]:
        """Share of broken pauses, median gap in seconds, and its interval."""
        intervals = [percentile_interval(self.samples_RX[:, i]) for i in range(len(READ_AT))]
        return list(zip(READ_AT, self.found_X.tolist(), intervals, strict=False))

    def sooner_than(self, other: "Readings") -> tuple[float, Interval]:
        """How much sooner this one answers than the other, in seconds, over shares .02 to .30.

        The area between the curves, divided by its width. Both must be of the same seed: then
        they were resampled together.
        """
        found = _mean_difference(self.found_X, other.found_X)
        return float(found), percentile_interval(
            _mean_difference(self.samples_RX, other.samples_RX)
        )


def _mean_difference(a: Float, b: Float) -> Float:
    gap_a, gap_b = (x[..., len(READ_AT) :].clip(max=LONGEST_GAP_S) for x in (a, b))
    difference: Float = np.mean(gap_b - gap_a, axis=-1)
    return difference


def read(family: Family, pauses: Pauses = ALL_PAUSES, *, seed: int) -> Readings:
    """One engine's gaps with their resamples."""
    wanted_X = np.concatenate([READ_AT, AREA_SHARES])
    drawn_RS = resamples(family[0].takeovers.n_sessions, seed=seed)
    return Readings(
        found_X=read_gaps(family, wanted_X, pauses)[0],
        samples_RX=read_gaps(family, wanted_X, pauses, drawn_RS=drawn_RS),
    )


def operating_point(
    family: Family, wanted: float, pauses: Pauses = ALL_PAUSES
) -> OperatingPoint | None:
    """The setting and threshold with the least gap whose share of broken pauses is at most that."""
    best: OperatingPoint | None = None
    for setting, judged in enumerate(family):
        curve = judged.curve(pauses)
        allowed = np.flatnonzero(curve.pause_share_N <= wanted)
        if not allowed.size:
            continue
        # Of equal medians the one with more answers, then with fewer early ones.
        keys = (curve.over_N[allowed], -curve.taken_N[allowed], curve.gap_median_N[allowed])
        i = int(allowed[np.lexsort(keys)[0]])
        if best is None or curve.gap_median_N[i] < best.gap_median_s:
            best = _point(setting, curve, i)
    return best


def _point(setting: int, curve: Curve, i: int) -> OperatingPoint:
    return OperatingPoint(
        setting=setting,
        threshold=float(curve.thresholds_N[i]),
        pause_share=float(curve.pause_share_N[i]),
        gap_median_s=float(curve.gap_median_N[i]),
        gap_p90_s=float(curve.gap_p90_N[i]),
        taken=float(curve.taken_N[i]),
        over=float(curve.over_N[i]),
        false_per_min=float(curve.false_per_min_N[i]),
    )

"""A figure as it is reported: its value, what it rests on, how sure it is, where it is worst.

Law: nothing is clamped, nothing is hidden: an answer that never came is infinite, an event that could
not be judged is counted as void, and a share of fewer than 10 events has a value that is not shown.
The interval of a share is Wilson's, or the bootstrap's over scenes where that is wider: events of one
scene share a voice. Source: metrics.md, "Always print N and a 95 % interval".
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Final

import numpy as np

from hocket.evaluation.intervals import (
    Counts,
    Float,
    Interval,
    percentile_interval,
    resamples,
    wilson,
)

FEWEST: Final = 10  # events behind a share that is shown
WORST: Final = 5  # scenes named
BLOCK: Final = 2_000_000  # counts held at once


class Unit(StrEnum):
    """What a value counts in."""

    SHARE = "share"
    SECONDS = "s"
    MS = "ms"
    PER_TURN = "per turn"
    PER_MIN = "per min"
    COUNT = "count"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One event's verdict: 1 or 0 of a share, a time, inf for what never came."""

    scene: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a report."""

    name: str
    unit: Unit
    value: float | None  # None: nothing to compute it from
    n: int  # events judged
    void: int = 0  # events that could not be judged
    interval: Interval | None = None
    worst: tuple[str, ...] = ()  # scenes, the worst first
    note: str = ""

    @property
    def shown(self) -> bool:
        """Whether a report may print the value: rates of events need 10 of them."""
        rate = self.unit in (Unit.SHARE, Unit.PER_TURN)
        return self.value is not None and (not rate or self.n >= FEWEST)


def absent(name: str, unit: Unit, *, void: int = 0, note: str = "") -> Figure:
    """A figure without events."""
    return Figure(name=name, unit=unit, value=None, n=0, void=void, note=note)


def share(
    name: str, cases: Sequence[Case], *, void: int = 0, good: bool = True, seed: int = 0
) -> Figure:
    """Share of cases with value 1. ``good``: high is good, so scenes with zeros are the worst."""
    if not cases:
        return absent(name, Unit.SHARE, void=void)
    hits, n = sum(case.value for case in cases), len(cases)
    ones = [Case(scene=case.scene, value=1.0) for case in cases]
    interval = _hull(wilson(round(hits), n), _ratio_interval(cases, ones, seed))
    bad = Counter(case.scene for case in cases if (case.value == 0.0) is good)
    return Figure(
        name=name,
        unit=Unit.SHARE,
        value=hits / n,
        n=n,
        void=void,
        interval=interval,
        worst=_most(bad),
    )


def ratio(
    name: str,
    unit: Unit,
    counts: Sequence[Case],
    exposures: Sequence[Case],
    *,
    n: int | None = None,
    seed: int = 0,
) -> Figure:
    """Sum of counts over sum of exposures (turns, minutes); high is bad.

    ``n``: what it rests on (default: the sum of the counts).
    """
    total = sum(case.value for case in exposures)
    if not total:
        return absent(name, unit)
    bad: dict[str, float] = {}
    for case in counts:
        bad[case.scene] = bad.get(case.scene, 0.0) + case.value
    return Figure(
        name=name,
        unit=unit,
        value=sum(case.value for case in counts) / total,
        n=round(sum(case.value for case in counts)) if n is None else n,
        interval=_ratio_interval(counts, exposures, seed),
        worst=_most(bad),
    )


def quantile(
    name: str,
    cases: Sequence[Case],
    q: float,
    *,
    void: int = 0,
    unit: Unit = Unit.SECONDS,
    seed: int = 0,
) -> Figure:
    """A quantile of times, inf among them; long is bad."""
    values_N = np.array([case.value for case in cases], np.float64)
    order_N = np.argsort(values_N, kind="stable")

    def of(counts_RN: Counts) -> Float:
        return _quantiles(values_N[order_N], counts_RN[:, order_N], q)

    return _statistic(name, cases, of, void=void, unit=unit, seed=seed)


def mean(
    name: str,
    cases: Sequence[Case],
    *,
    void: int = 0,
    unit: Unit = Unit.SECONDS,
    seed: int = 0,
    good: bool = False,
) -> Figure:
    """Mean of values; high is bad unless ``good``."""
    values_N = np.array([case.value for case in cases], np.float64)

    def of(counts_RN: Counts) -> Float:
        finite = np.isfinite(values_N)
        with np.errstate(invalid="ignore"):  # a resample without any case
            means_R: Float = counts_RN @ np.where(finite, values_N, 0) / counts_RN.sum(axis=1)
        return np.where((counts_RN[:, ~finite] > 0).any(axis=1), np.inf, means_R)

    return _statistic(name, cases, of, void=void, unit=unit, seed=seed, good=good)


def count(name: str, bad: Sequence[Case], n: int, *, void: int = 0) -> Figure:
    """How often something happened that must not, in ``n`` opportunities."""
    total = round(sum(case.value for case in bad))
    scenes = {case.scene: case.value for case in bad}
    ends = wilson(min(total, n), n) if n else None
    return Figure(
        name=name,
        unit=Unit.COUNT,
        value=float(total) if n else None,
        n=n,
        void=void,
        interval=Interval(low=ends.low * n, high=ends.high * n) if ends else None,
        worst=_most(scenes),
    )


def combined(name: str, parts: Sequence[Figure], how: Callable[[Sequence[float]], float]) -> Figure:
    """A figure of figures (their least, their mean); shown only if all of them are.

    Its interval is made of theirs in the same way, which is wider than a joint one. ``n`` is the
    smallest of theirs.
    """
    values = [part.value for part in parts if part.value is not None and part.shown]
    ends = [part.interval for part in parts if part.interval is not None]
    n, void = min(part.n for part in parts), sum(part.void for part in parts)
    if len(values) < len(parts):
        missing = ", ".join(part.name for part in parts if not part.shown)
        return absent(name, Unit.SHARE, void=void, note=f"too few events: {missing}")
    least = min(parts, key=lambda part: part.value or 0.0)
    interval = Interval(low=how([e.low for e in ends]), high=how([e.high for e in ends]))
    return Figure(
        name=name,
        unit=Unit.SHARE,
        value=how(values),
        n=n,
        void=void,
        interval=interval,
        worst=least.worst,
        note=least.name,
    )


def _statistic(
    name: str,
    cases: Sequence[Case],
    of: Callable[[Counts], Float],
    *,
    void: int,
    unit: Unit,
    seed: int,
    good: bool = False,
) -> Figure:
    if not cases:
        return absent(name, unit, void=void)
    scenes, scene_N = np.unique([case.scene for case in cases], return_inverse=True)
    drawn_RS = resamples(len(scenes), seed=seed)
    step = max(1, BLOCK // len(cases))
    blocks = [of(drawn_RS[r : r + step][:, scene_N]) for r in range(0, len(drawn_RS), step)]
    interval = percentile_interval(np.concatenate(blocks))
    sign = 1 if good else -1
    ranked = sorted(cases, key=lambda case: (sign * case.value, case.scene))
    return Figure(
        name=name,
        unit=unit,
        value=float(of(np.ones((1, len(cases)), np.int64))[0]),
        n=len(cases),
        void=void,
        interval=interval,
        worst=tuple(dict.fromkeys(case.scene for case in ranked))[:WORST],
    )


def _quantiles(sorted_N: Float, counts_RN: Counts, q: float) -> Float:
    """The quantile of every resample [R]; two neighbours are averaged where it falls between."""
    reached_RN = np.cumsum(counts_RN, axis=1)
    total_R = reached_RN[:, -1:]
    wanted_R = np.round(q * total_R, 9)  # .9 * 10 is not 9 in floats
    below_R = np.argmax(reached_RN >= wanted_R, axis=1)
    above_R = np.argmax(reached_RN > np.minimum(wanted_R, total_R - 0.5), axis=1)
    middle_R: Float = (sorted_N[below_R] + sorted_N[above_R]) / 2
    return middle_R


def _ratio_interval(counts: Sequence[Case], exposures: Sequence[Case], seed: int) -> Interval:
    scenes = sorted({case.scene for case in exposures})
    index = {scene: i for i, scene in enumerate(scenes)}
    sums: Float = np.zeros((2, len(scenes)))
    for row, cases in enumerate((counts, exposures)):
        for case in cases:
            sums[row, index[case.scene]] += case.value
    drawn_RS = resamples(len(scenes), seed=seed)
    total_R, of_R = drawn_RS @ sums[0], drawn_RS @ sums[1]
    known = of_R > 0
    return percentile_interval(total_R[known] / of_R[known])


def _hull(a: Interval, b: Interval) -> Interval:
    low, high = min(a.low, b.low), max(a.high, b.high)
    return Interval(low=a.low if isnan(low) else low, high=a.high if isnan(high) else high)


def _most(bad: Mapping[str, float]) -> tuple[str, ...]:
    ranked = sorted((-n, scene) for scene, n in bad.items() if n)
    return tuple(scene for _, scene in ranked)[:WORST]

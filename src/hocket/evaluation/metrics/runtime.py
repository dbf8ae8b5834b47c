"""What running costs, from scores: compute a tick by stage, missed deadlines, steadiness of the output.

Law: figures are of the compute that was charged, so they hold only where it was measured, not set; how
many sessions fit and what two hours do is measured on a served machine, not here.
Source: metrics.md, "Runtime"; docs/score.md for ``compute_ms`` and ``clock_s``.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from hocket.core.units import TICK_MS
from hocket.evaluation.intervals import Float
from hocket.evaluation.metrics.figure import Case, Figure, Unit, absent, quantile, share
from hocket.evaluation.metrics.takes import Take
from hocket.protocol.score import Score

STAGES: Final = ("hear", "think", "voice", "total")
QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def figures(takes: Sequence[Take], *, seed: int = 0) -> dict[str, Figure]:
    """Percentiles of each stage, deadline misses and output gaps."""
    scored = [(take.scene, take.score) for take in takes if take.score is not None]
    found = [
        *(figure for stage in STAGES for figure in stage_figures(scored, stage, seed=seed)),
        deadline_misses(scored, seed=seed),
        *output_figures(scored, seed=seed),
    ]
    return {figure.name: figure for figure in found}


def stage_figures(
    scored: Sequence[tuple[str, Score]], stage: str, *, seed: int = 0
) -> list[Figure]:
    """p50, p95, p99 and max of one stage's ms a tick."""
    cases = [
        Case(scene=scene, value=float(getattr(line.compute_ms, stage)))
        for scene, score in scored
        for line in score.ticks
    ]
    return [
        quantile(f"{stage}_{name}_ms", cases, q, unit=Unit.MS, seed=seed)
        for name, q in QUANTILES.items()
    ]


def deadline_misses(scored: Sequence[tuple[str, Score]], *, seed: int = 0) -> Figure:
    """Share of ticks whose answer was not there when the next tick's audio was complete."""
    if not scored:
        return absent("deadline_misses", Unit.SHARE)
    cases = [
        Case(scene=scene, value=float(any(e.kind == "deadline_missed" for e in line.events)))
        for scene, score in scored
        for line in score.ticks
    ]
    return share("deadline_misses", cases, good=False, seed=seed)


def output_gaps_ms(score: Score) -> Float:
    """Time between the outputs of neighbouring ticks that both sent sound: [gaps] ms."""
    done_T = np.array([line.clock_s[3] for line in score.ticks], np.float64)
    sent_T = np.array([line.sent_samples > 0 for line in score.ticks], np.bool_)
    both = sent_T[1:] & sent_T[:-1]
    gaps: Float = np.diff(done_T)[both] * 1000
    return gaps


def output_figures(scored: Sequence[tuple[str, Score]], *, seed: int = 0) -> list[Figure]:
    """p95 and max of the gaps between outputs, and p95 of their distance from a tick (jitter)."""
    gaps = [
        Case(scene=scene, value=float(gap))
        for scene, score in scored
        for gap in output_gaps_ms(score)
    ]
    jitter = [Case(scene=case.scene, value=abs(case.value - TICK_MS)) for case in gaps]
    return [
        quantile("output_gap_p95_ms", gaps, 0.95, unit=Unit.MS, seed=seed),
        quantile("output_gap_max_ms", gaps, 1.0, unit=Unit.MS, seed=seed),
        quantile("output_jitter_p95_ms", jitter, 0.95, unit=Unit.MS, seed=seed),
    ]

"""Who takes the floor when: every pause and every end of a turn, at every threshold at once.

Law: an engine is a score a tick; at a threshold it starts to speak where the score reaches it, and has
the floor as long as the score stays there. A pause is broken by a start that is heard inside it. A
gap is measured to the start of the run that reaches into the answerable window, is never clamped, and
is infinite where nothing was said in time.
Source: Full-Duplex-Bench v1 (arXiv 2503.04721) for takeover in pauses and after turns; it clamps
negative gaps to 0 and so rewards talking over the user, which is not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.evaluation.cases import (
    EARLY_SAMPLES,
    PAUSE,
    TURN_END,
    Bools,
    Case,
    Mark,
    first_tick_after,
    heard_s,
    ticks_heard_before,
)
from hocket.evaluation.intervals import Counts, Float

HORIZON_SAMPLES: Final = 3 * USER_RATE_HZ
# An end after which somebody goes on sooner says nothing about an engine that waits longer.
OPEN_SAMPLES: Final = USER_RATE_HZ * 28 // 10
SHORTEST_PAUSE: Final = USER_RATE_HZ // 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeovers:
    """What one engine did at N thresholds, in P pauses and at E ends of turns."""

    thresholds_N: Float
    n_sessions: int
    pause_session_P: Counts
    pause_length_P: Float  # seconds
    pause_inside_P: Bools  # inside a sentence
    broken_PN: Bools
    end_session_E: Counts
    gaps_EN: Float  # seconds; inf: not within 3 s
    false_starts_SN: Float  # starts in the user's running speech
    speech_min_S: Float  # minutes of running speech
    ends_left_out: int  # the silence after them was too short to judge


def pause_peak(scores_T: Float, pause: Mark) -> float:
    """The highest score with which an engine starts inside the pause; -inf: no tick fits in."""
    inside = scores_T[first_tick_after(pause.start) : ticks_heard_before(pause.end)]
    return float(inside.max(initial=-np.inf))


def gaps_s(scores_T: Float, end: Mark, thresholds_N: Float) -> Float:
    """Response gap at each threshold: [N] seconds, negative for early starts, inf for none."""
    first = first_tick_after(end.start - EARLY_SAMPLES)
    stop = ticks_heard_before(min(end.start + HORIZON_SAMPLES, end.end) + 1)
    window = scores_T[first:stop]
    if not window.size:
        return np.full(len(thresholds_N), np.inf)
    reached_NW = window >= thresholds_N[:, None]
    tick_N = first + np.argmax(reached_NW, axis=1)
    tick_N = np.where(reached_NW[:, 0], _run_start(scores_T[: first + 1], thresholds_N), tick_N)
    return np.where(reached_NW.any(axis=1), heard_s(tick_N, end), np.inf)


def _run_start(scores_T: Float, thresholds_N: Float) -> Counts:
    """Where the run of reached thresholds that holds the last tick began: [N]."""
    below_NT = scores_T[::-1] < thresholds_N[:, None]
    length_N = np.where(below_NT.any(axis=1), np.argmax(below_NT, axis=1), len(scores_T))
    return len(scores_T) - length_N


def false_starts(scores_T: Float, running_T: Bools, thresholds_N: Float) -> Float:
    """How often the score rises over each threshold in the user's running speech: [N]."""
    before_T = np.concatenate([[-np.inf], scores_T[:-1]])
    above = np.sort(scores_T[running_T])
    stayed = np.sort(np.minimum(scores_T, before_T)[running_T])
    return (np.searchsorted(stayed, thresholds_N) - np.searchsorted(above, thresholds_N)).astype(
        np.float64
    )


def judge(cases: Sequence[Case], scores: Sequence[Float], thresholds_N: Float) -> Takeovers:
    """All verdicts on an engine whose scores [T] of the cases are given.

    Raises:
        ValueError: a case and its scores differ in length.
    """
    for case, scores_T in zip(cases, scores, strict=True):
        if len(case) != len(scores_T):
            raise ValueError(f"expected {len(case)} scores of {case.id}, got {len(scores_T)}")
    each = list(zip(cases, scores, strict=True))
    pauses = [(s, p) for s, case in enumerate(cases) for p in judged_pauses(case)]
    ends = [(s, e) for s, case in enumerate(cases) for e in judged_ends(case)]
    peaks_P = np.array([pause_peak(scores[s], pause) for s, pause in pauses])
    gaps_EN = np.array([gaps_s(scores[s], end, thresholds_N) for s, end in ends])
    n_ends = sum(len(case.of_kind(TURN_END)) for case in cases)
    return Takeovers(
        thresholds_N=thresholds_N,
        n_sessions=len(cases),
        pause_session_P=np.array([s for s, _ in pauses], np.int64),
        pause_length_P=np.array([pause.length_s for _, pause in pauses]),
        pause_inside_P=np.array([not pause.sentence_end for _, pause in pauses], np.bool_),
        broken_PN=peaks_P[:, None] >= thresholds_N,
        end_session_E=np.array([s for s, _ in ends], np.int64),
        gaps_EN=gaps_EN.reshape(len(ends), len(thresholds_N)),
        false_starts_SN=np.array([false_starts(x, c.running_T, thresholds_N) for c, x in each]),
        speech_min_S=np.array([c.running_T.sum() for c in cases])
        * (TICK_USER_SAMPLES / USER_RATE_HZ / 60),
        ends_left_out=n_ends - len(ends),
    )


def thresholds_of(cases: Sequence[Case], scores: Sequence[Float], n: int = 40) -> Float:
    """Thresholds that spread the shares of broken pauses evenly: of all, of long ones, of those
    inside sentences."""
    pairs = [(p, x) for case, x in zip(cases, scores, strict=True) for p in judged_pauses(case)]
    peaks_P = np.array([pause_peak(scores_T, pause) for pause, scores_T in pairs])
    length_P = np.array([pause.length_s for pause, _ in pairs])
    inside_P = np.array([not pause.sentence_end for pause, _ in pairs], np.bool_)
    every = np.concatenate(list(scores))
    chosen = [_just_above(np.array([every.max(initial=0.0)]))]
    for subset_P in (length_P > 0, length_P >= 0.5, length_P >= 1.0, inside_P):
        some = peaks_P[subset_P & np.isfinite(peaks_P)]
        if some.size:
            levels = np.quantile(some, np.linspace(0, 1, n), method="nearest")
            chosen += [levels[:1], _just_above(levels)]
    # At its least score an engine speaks all the time: that is no setting of it.
    swept: Float = np.unique(np.concatenate(chosen))
    kept: Float = swept[swept > every.min(initial=0.0)]
    return kept


def _just_above(x: Float) -> Float:
    return np.nextafter(x, np.inf)


def judged_pauses(case: Case) -> tuple[Mark, ...]:
    """The pauses that count: 0.25 s and longer."""
    return tuple(p for p in case.of_kind(PAUSE) if p.end - p.start >= SHORTEST_PAUSE)


def judged_ends(case: Case) -> tuple[Mark, ...]:
    """The ends of turns that count: nobody makes a sound for 2.8 s."""
    return tuple(e for e in case.of_kind(TURN_END) if e.end - e.start >= OPEN_SAMPLES)

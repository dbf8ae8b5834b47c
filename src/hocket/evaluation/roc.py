"""Interruption or not? How soon a score tells them apart after a sound's onset.

Law: time runs from the onset of the user's sound, and a decision once made stays made: what counts at
a time is the highest score so far. Interruptions are the positives; backchannels, noise, tics and
talk to somebody else, all over the agent's speech, are the negatives.
Source: Fawcett, Pattern Recognit. Lett. 27 (2006); metrics R_Y and S_* of tau-voice (arXiv 2603.13686).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.units import TICK_S, USER_RATE_HZ
from hocket.evaluation.cases import (
    BYSTANDERS,
    INTERRUPTION,
    Bools,
    Case,
    Mark,
    first_tick_after,
    heard_s,
)
from hocket.evaluation.intervals import (
    Counts,
    Float,
    Interval,
    bootstrap,
    percentile_interval,
    weighted_quantile,
)

TICKS_AFTER: Final = 15  # 3 s
AUC_TICKS: Final = 10  # 0.2 ... 2.0 s
DECIDE_WITHIN_S: Final = 2.0  # R_Y counts stops within this
AFTER_SAMPLES: Final = USER_RATE_HZ  # a yield this long after the sound is still one to it
FALSE_YIELDS: Final = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """E events with their scores; column j is the tick whose input ends 0.2 j..0.2 (j + 1) s after
    the onset."""

    kinds: tuple[str, ...]
    session_E: Counts
    scores_EJ: Float  # nan behind the session's end
    offset_s_E: Float  # from the onset to the moment at which the decision of column 0 is heard
    judged_EJ: Float  # scores within the event and 1 s after it, else -inf
    n_sessions: int

    @property
    def positive(self) -> Bools:
        """Which events are interruptions: [E]."""
        return self.are(INTERRUPTION)

    def are(self, kind: str) -> Bools:
        """Which events are of that kind: [E]."""
        return np.array([one == kind for one in self.kinds], np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What a threshold makes of the events."""

    threshold: float
    false_share: float  # of the negatives to which it yields
    false_by_kind: dict[str, tuple[int, int]]  # yields, events
    decided: int  # interruptions yielded to within 2 s
    n_interruptions: int
    time_median_s: float  # onset to the moment the decision is heard; inf: most were not decided
    time_p90_s: float


def events_of(cases: Sequence[Case], scores: Sequence[Float]) -> Events:
    """All events of the cases, with the scores [T] around them."""
    found = [(s, m) for s, c in enumerate(cases) for m in c.of_kind(INTERRUPTION, *BYSTANDERS)]
    rows = [_after_onset(scores[s], mark) for s, mark in found]
    scores_EJ = np.array(rows).reshape(len(found), TICKS_AFTER)
    ends_E = np.array([_ticks_judged(mark) for _, mark in found], np.int64)
    inside_EJ = np.arange(TICKS_AFTER) < ends_E[:, None]
    return Events(
        kinds=tuple(mark.kind for _, mark in found),
        session_E=np.array([s for s, _ in found], np.int64),
        scores_EJ=scores_EJ,
        offset_s_E=np.array([heard_s(first_tick_after(mark.start), mark) for _, mark in found]),
        judged_EJ=np.where(inside_EJ & ~np.isnan(scores_EJ), scores_EJ, -np.inf),
        n_sessions=len(cases),
    )


def _after_onset(scores_T: Float, mark: Mark) -> Float:
    row = np.full(TICKS_AFTER, np.nan)
    first = first_tick_after(mark.start)
    part = scores_T[first : first + TICKS_AFTER]
    row[: len(part)] = part
    return row


def _ticks_judged(mark: Mark) -> int:
    last = first_tick_after(mark.end + AFTER_SAMPLES - 1)
    return last - first_tick_after(mark.start) + 1


def auc(positive_N: Float, negative_M: Float) -> float:
    """Probability that a positive's score lies above a negative's, ties half; nan without either."""
    n, m = len(positive_N), len(negative_M)
    if not (n and m):
        return float("nan")
    negative = np.sort(negative_M)
    below = np.searchsorted(negative, positive_N, side="left").sum()
    not_above = np.searchsorted(negative, positive_N, side="right").sum()
    return float(below + not_above) / (2 * n * m)


def roc_points(positive_N: Float, negative_M: Float) -> tuple[Float, Float]:
    """False and true yields at every threshold, both ascending, from (0, 0) to (1, 1)."""
    levels = np.unique(np.concatenate([positive_N, negative_M]))[::-1]
    shares = [(values[None] >= levels[:, None]).mean(axis=1) for values in (negative_M, positive_N)]
    false, true = (np.concatenate([[0.0], share]) for share in shares)
    return false, true


def highest_so_far(events: Events) -> Float:
    """[E, J]: what a decision at each tick rests on."""
    return np.fmax.accumulate(events.scores_EJ, axis=1)


def auc_over_time(events: Events, *, seed: int) -> tuple[Float, list[Interval]]:
    """AUC with the input up to 0.2, 0.4 ... 2.0 s after the onset [AUC_TICKS], with intervals."""
    so_far_EJ = highest_so_far(events)[:, :AUC_TICKS]
    positive_E = events.positive

    def of(counts_S: Counts) -> Float:
        rows = np.repeat(np.arange(len(positive_E)), counts_S[events.session_E])
        high, low = rows[positive_E[rows]], rows[~positive_E[rows]]
        return np.array([auc(so_far_EJ[high, j], so_far_EJ[low, j]) for j in range(AUC_TICKS)])

    samples_RJ = bootstrap(of, events.n_sessions, seed=seed)
    found_J = of(np.ones(events.n_sessions, np.int64))
    return found_J, [percentile_interval(samples_R) for samples_R in samples_RJ.T]


def threshold_for(events: Events, false_yields: float = FALSE_YIELDS) -> float:
    """The lowest threshold that yields to at most that share of the negatives.

    Raises:
        ValueError: there are no negatives.
    """
    peaks = np.sort(events.judged_EJ[~events.positive].max(axis=1))[::-1]
    if not peaks.size:
        raise ValueError("expected events that are no interruptions, got none")
    allowed = int(np.floor(false_yields * len(peaks) + 1e-9))
    return float(np.nextafter(peaks[allowed], np.inf)) if allowed < len(peaks) else -np.inf


def decide(events: Events, threshold: float) -> Decisions:
    """What an agent would do that yields where the score reaches the threshold."""
    reached_EJ = events.judged_EJ >= threshold
    reached_E: Bools = np.any(reached_EJ, axis=1)
    positive_E, bystander_E = events.positive, np.logical_not(events.positive)
    times_E = np.where(reached_E, events.offset_s_E + TICK_S * reached_EJ.argmax(axis=1), np.inf)
    times = times_E[positive_E][:, None]
    ones = np.ones(len(times), np.int64)
    false_by_kind = {
        kind: (int(reached_E[events.are(kind)].sum()), int(events.are(kind).sum()))
        for kind in BYSTANDERS
    }
    return Decisions(
        threshold=threshold,
        false_share=float(reached_E[bystander_E].mean()) if bystander_E.any() else float("nan"),
        false_by_kind=false_by_kind,
        decided=int((times <= DECIDE_WITHIN_S).sum()),
        n_interruptions=len(times),
        time_median_s=float(weighted_quantile(times, ones, 0.5)[0]),
        time_p90_s=float(weighted_quantile(times, ones, 0.9)[0]),
    )


def time_course(events: Events, kind: str) -> Float:
    """Median and quartiles of the score after the onset of that kind: [3, J] (.25, .5, .75).

    nan where no event of the kind has a score.
    """
    rows = events.scores_EJ[events.are(kind)]
    course = np.full((3, TICKS_AFTER), np.nan)
    known_J = (~np.isnan(rows)).any(axis=0)
    course[:, known_J] = np.nanquantile(rows[:, known_J], (0.25, 0.5, 0.75), axis=0)
    return course

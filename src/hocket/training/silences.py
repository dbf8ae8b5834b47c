"""Does the network tell the silence after a turn from a pause inside one?

Law: scores are read at a tick whose input has just grown past the wait, and only where the silence
still lasts: neither the end of a pause nor the agent's own answer may give the case away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hocket.core.units import TICK_S

WAITS_S: Final = (0.2, 0.4, 0.6)
Marks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well scores tell ends of turns from pauses."""

    auc: float | None  # None unless there are both
    ends: int
    pauses: int


def separation(
    scored: Sequence[tuple[Marks, NDArray[np.floating]]], *, wait_s: float
) -> Separation:
    """Of sessions: their marks, and p(speak) of each tick [T], so long after the last sound."""
    ends = [x for marks, p_T in scored for x in _scores(marks, p_T, "turn_end", wait_s)]
    pauses = [x for marks, p_T in scored for x in _scores(marks, p_T, "pause", wait_s)]
    auc = area(np.array(ends), np.array(pauses)) if ends and pauses else None
    return Separation(auc=auc, ends=len(ends), pauses=len(pauses))


def read_at(mark: Mapping[str, Any], wait_s: float) -> int | None:
    """The tick whose input has just grown past the wait; None if the silence was over by then."""
    tick = int(np.ceil((mark["start_s"] + wait_s) / TICK_S - 1e-6)) - 1
    return tick if (tick + 1) * TICK_S <= mark["end_s"] + 1e-6 else None


def _scores(marks: Marks, p_T: NDArray[np.floating], kind: str, wait_s: float) -> list[float]:
    ticks = (read_at(mark, wait_s) for mark in marks if mark["kind"] == kind)
    return [float(p_T[tick]) for tick in ticks if tick is not None and 0 <= tick < len(p_T)]


def area(positives: NDArray[Any], negatives: NDArray[Any]) -> float:
    """Area under the ROC curve: the chance that a positive scores higher; ties count half."""
    below = np.searchsorted(np.sort(negatives), positives, side="left")
    not_above = np.searchsorted(np.sort(negatives), positives, side="right")
    return float((below + not_above).mean() / (2 * len(negatives)))

"""Metrics: pure functions over two lanes and a truth.

Law: a metric takes takes and returns figures; it opens no file and changes nothing. ``FAMILIES`` is
all of them; a report shows those of the suites that were run.
Source: metrics.md.
"""

from collections.abc import Callable, Sequence
from typing import Final

from hocket.evaluation.metrics import (
    answers,
    backchannels,
    delegation,
    governance,
    overlap,
    runtime,
    selectivity,
    timing,
    turns,
)
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.takes import Take

FAMILIES: Final[dict[str, Callable[..., dict[str, Figure]]]] = {
    "turns": turns.figures,
    "answers": answers.figures,
    "backchannels": backchannels.figures,
    "overlap": overlap.figures,
    "selectivity": selectivity.figures,
    "timing": timing.figures,
    "delegation": delegation.figures,
    "runtime": runtime.figures,
    "governance": governance.figures,
}

# What is read from the scenes of each suite of the bench.
SUITES: Final[dict[str, tuple[str, ...]]] = {
    "turns": ("turns", "answers", "backchannels", "governance", "runtime"),
    "overlap": ("overlap", "governance", "runtime"),
    "selectivity": ("selectivity", "governance", "runtime"),
    "noise": ("turns", "answers", "selectivity", "governance", "runtime"),
    "timing": ("timing", "governance", "runtime"),
    "delegation": ("delegation", "governance", "runtime"),
    "runtime": ("runtime",),
    "governance": ("governance",),
}


def table(
    takes: Sequence[Take], families: Sequence[str] = tuple(FAMILIES), *, seed: int = 0
) -> dict[str, dict[str, Figure]]:
    """Figures by family and name.

    Raises:
        KeyError: no such family.
    """
    return {family: FAMILIES[family](takes, seed=seed) for family in families}

"""Which setting an engine is reported at."""

from math import inf

import pytest

from hocket.evaluation.bench.sweep import curve
from hocket.evaluation.metrics.figure import Unit
from hocket.evaluation.results import CurvePoint, Shown


def shown(value: float) -> Shown:
    return Shown(name="one", unit=Unit.SHARE, value=value, n=100)


def chosen(*points: tuple[float, float]) -> int:
    """Which of the settings with these pauses taken and these gaps."""
    made = [
        CurvePoint(
            settings={"end_ms": float(number)},
            figures={"pause_takeover": shown(taken), "gap_all_median_s": shown(gap_s)},
        )
        for number, (taken, gap_s) in enumerate(points)
    ]
    found = curve("one", made, split="validation", scenes_hash="")
    (place,) = [number for number, point in enumerate(found.points) if point.chosen]
    return place


@pytest.mark.parametrize(
    ("points", "best"),
    [
        (((0.10, 0.9), (0.14, 0.6), (0.16, 0.4)), 1),  # the shortest gap within the bound
        (((0.14, 0.60), (0.05, 0.61), (0.02, 0.9)), 1),  # gaps alike: fewer pauses
        (((0.30, 0.2), (0.20, 0.9)), 1),  # none within: the least
        (((0.00, inf), (0.10, 1.2)), 1),  # silence wins nothing
    ],
)
def test_the_rule(points: tuple[tuple[float, float], ...], best: int) -> None:
    assert chosen(*points) == best

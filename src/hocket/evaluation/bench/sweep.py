"""An engine over its settings: a curve of pauses taken against the gap, and the setting to report it at.

Law: settings are chosen on the validation half and nowhere else. The rule is the same for all engines:
the shortest median gap among settings that take at most ``MOST`` of the pauses; if none does, the one
that takes fewest. Gaps that differ by less than a quarter of a tick are one, and the setting that takes
fewer pauses is the better. An answer that never came is an infinite gap, so silence wins nothing.
Source: metrics.md ("baselines run at their best setting, tuned on the validation half").
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

from hocket.core.units import TICK_S
from hocket.evaluation.metrics import table
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.results import Curve, CurvePoint, Family, kept

MOST: Final = 0.15
ALIKE_S: Final = TICK_S / 4
RULE: Final = (
    f"shortest median gap (to {ALIKE_S * 1000:.0f} ms) at a pause takeover of at most {MOST:.2f}, "
    "else the least takeover"
)
GAP: Final = "gap_all_median_s"
SHOWN: Final = ("pause_takeover", "pauses_broken", "gap_median_s", GAP, "gap_p90_s", "takeover")


def point(settings: Mapping[str, float], takes: Sequence[Take], *, seed: int) -> CurvePoint:
    """One setting's figures over the takes of ``turns``."""
    figures = kept(table(takes, ["turns"], seed=seed))["turns"]
    return CurvePoint(settings=settings, figures={name: figures[name] for name in SHOWN})


def curve(engine: str, points: Sequence[CurvePoint], *, split: str, scenes_hash: str) -> Curve:
    """The points with one of them chosen."""
    best = min(range(len(points)), key=lambda i: _rank(points[i].figures))
    marked = tuple(
        p.model_copy(update={"chosen": number == best}) for number, p in enumerate(points)
    )
    return Curve(engine=engine, split=split, scenes_hash=scenes_hash, rule=RULE, points=marked)


def _rank(figures: Family) -> tuple[bool, float, float]:
    """Lower is better: within the bound first, then the gap and the share, or the share where it is over."""
    taken, gap_s = _value(figures, "pause_takeover"), _value(figures, GAP)
    over = taken > MOST
    gap = gap_s if gap_s == inf else round(gap_s / ALIKE_S)
    return over, 0.0 if over else gap, taken


def _value(figures: Family, name: str) -> float:
    value = figures[name].value
    return inf if value is None else value

"""Numbers as they are printed: value, interval, what they rest on.

Law: what never came prints "never", what rests on too few events prints how few and not its value, and
nothing prints as a number that was not measured. A minus is a minus.
"""

from math import inf, isinf
from typing import Final

from hocket.evaluation.metrics.figure import Unit
from hocket.evaluation.results import Shown

NEVER: Final = "never"
_BEHIND: Final[dict[str, str]] = {
    Unit.SHARE: "",
    Unit.COUNT: "",
    Unit.DISTANCE: "",
    Unit.SECONDS: " s",
    Unit.MS: " ms",
    Unit.PER_TURN: " a turn",
    Unit.PER_MIN: " a min",
}
_DECIMALS: Final[dict[str, int]] = {Unit.SECONDS: 2, Unit.PER_MIN: 1}  # else 3


def number_text(value: float, unit: str) -> str:
    """The number without its unit; a unit that is none of ours is allowed."""
    if isinf(value):
        return NEVER if value > 0 else "−∞"
    if unit == Unit.COUNT:
        text = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    elif unit == Unit.MS:
        text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
    else:
        text = f"{value:,.{_DECIMALS.get(unit, 3)}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")  # what rounds to nothing has no sign
    return text.replace("-", "−")


def value_text(value: float, unit: str) -> str:
    """The number with its unit."""
    number = number_text(value, unit)
    return number if isinf(value) else number + _BEHIND.get(unit, f" {unit}".rstrip())


def target_text(target: float, unit: str) -> str:
    """A target in as few digits as it was set in."""
    return f"{target:g}{_BEHIND.get(unit, '')}"


def shown_text(figure: Shown) -> str:
    """A figure's value, or why there is none."""
    if not figure.shown and (figure.value is not None or figure.n):
        return f"too few ({figure.n})"
    if figure.value is None:
        return "no value" if figure.note else "no events"
    return value_text(figure.value, figure.unit)


def interval_text(figure: Shown) -> str:
    """Both ends of the interval; empty where there is none or no value is shown."""
    if figure.interval is None or not figure.shown or figure.value is None:
        return ""
    low, high = figure.interval
    if (low, high) == (-inf, inf):
        return "interval unknown"
    return f"{number_text(low, figure.unit)} to {number_text(high, figure.unit)}"


def rests_on(figure: Shown) -> tuple[str, ...]:
    """Interval, N, void and note: what stands beneath the value; without a value it holds N itself."""
    said = (
        interval_text(figure),
        f"N {figure.n:,}" if figure.shown else "",
        f"void {figure.void:,}" if figure.void else "",
        figure.note,
    )
    return tuple(text for text in said if text)

"""Pauses taken against the gap, drawn: every setting a point, the edge of what can be had a line.

Law: it draws the figures of a sweep and computes nothing but the edge: settings with no other that is
better in both. Settings whose gap is infinite or unknown have no point and are counted by the caller.
Ink and lines take the page's colours, so that the same drawing serves light and dark.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from hocket.core.errors import BadInput
from hocket.evaluation.results import Curve, CurvePoint, Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008), those that stand out on white and on black.
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")
_INK, _LINE, _AIM = "#123456", "#234567", "#345678"  # stand for colours of the page
_OF_PAGE: Final = {_INK: "currentColor", _LINE: "var(--line)", _AIM: "var(--aim)"}
GAP: Final = "gap_median_s"
AIM_GAP_S, AIM_SHARE = 0.30, 0.05  # metrics.md, "Targets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One setting that can be drawn."""

    gap_s: float
    share: float
    point: CurvePoint


def spots(curve: Curve, name: str) -> list[Spot]:
    """The settings whose gap and share are finite, by gap."""
    found = []
    for point in curve.points:
        gap_s, share = _number(point.figures.get(GAP)), _number(point.figures.get(name))
        if gap_s is not None and share is not None:
            found.append(Spot(gap_s=gap_s, share=share, point=point))
    return sorted(found, key=lambda spot: (spot.gap_s, spot.share))


def edge(sorted_spots: Sequence[Spot]) -> list[Spot]:
    """Those than which no other is as soon and breaks fewer pauses."""
    kept: list[Spot] = []
    for spot in sorted_spots:
        if not kept or spot.share < kept[-1].share:
            kept.append(spot)
    return kept


def curve_svg(curves: Sequence[Curve], name: str, label: str) -> str:
    """An SVG element of all engines' curves of one share.

    Raises:
        BadInput: matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise BadInput("expected matplotlib, got none: pip install 'hocket[show]'") from None
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 8.5}):
        figure = Figure(figsize=(5.0, 3.7))
        axes = figure.add_axes((0.115, 0.13, 0.865, 0.85))
        _frame(axes, label)
        for i, curve in enumerate(curves):
            _draw(axes, curve, name, colour=_COLOURS[i % 6], marker=_MARKERS[i % 6])
        _limits(axes)
        axes.legend(frameon=False, loc="upper right", labelcolor=_INK, handlelength=1.4)
        return _saved(figure)


def _saved(figure: "Figure") -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue().decode()
    for ours, of_page in _OF_PAGE.items():
        text = text.replace(ours, of_page)
    return text[text.index("<svg") :]


def _frame(axes: "Axes", label: str) -> None:
    axes.set_xlabel("response gap, median (s)", color=_INK)
    axes.set_ylabel(label, color=_INK)
    axes.tick_params(colors=_INK, length=3)
    axes.grid(color=_LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_LINE)


def _draw(axes: "Axes", curve: Curve, name: str, *, colour: str, marker: str) -> None:
    found = spots(curve, name)
    best = edge(found)
    axes.plot([s.gap_s for s in best], [s.share for s in best], color=colour, linewidth=1.4)
    axes.plot(
        [s.gap_s for s in found], [s.share for s in found], marker, color=colour, markersize=4,
        label=curve.engine,
    )  # fmt: skip
    for spot in found:
        if spot.point.chosen:
            _mark(axes, spot, name, colour=colour, marker=marker)


def _mark(axes: "Axes", spot: Spot, name: str, *, colour: str, marker: str) -> None:
    """The chosen setting: ringed, with both intervals."""
    thin: dict[str, Any] = {"color": colour, "linewidth": 0.9}
    across, up = _ends(spot.point.figures.get(GAP)), _ends(spot.point.figures.get(name))
    if across is not None:
        axes.plot(across, [spot.share] * 2, **thin)
    if up is not None:
        axes.plot([spot.gap_s] * 2, up, **thin)
    axes.plot(
        spot.gap_s, spot.share, marker, markersize=10, markerfacecolor="none", color=colour, mew=1.6
    )


def _limits(axes: "Axes") -> None:
    low, high = axes.get_xlim()
    left, right = min(0.0, low), max(high, 2 * AIM_GAP_S)
    top = max(axes.get_ylim()[1], 4 * AIM_SHARE)
    axes.fill_between([left, AIM_GAP_S], 0, AIM_SHARE, color=_AIM, linewidth=0, zorder=0)
    axes.text(
        left + 0.01 * (right - left), AIM_SHARE + 0.01 * top, "target", color=_INK, fontsize=7.5
    )
    axes.set_xlim(left, right)
    axes.set_ylim(-0.02 * top, min(top, 1.03))


def _number(figure: Shown | None) -> float | None:
    if figure is None or figure.value is None or not isfinite(figure.value):
        return None
    return figure.value


def _ends(figure: Shown | None) -> list[float] | None:
    if figure is None or figure.interval is None or not all(map(isfinite, figure.interval)):
        return None
    return list(figure.interval)

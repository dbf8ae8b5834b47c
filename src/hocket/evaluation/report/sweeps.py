"""Each engine over its settings: drawn, and as numbers; the chosen setting is marked.

Law: the setting was chosen on other voices than those that the report is about; the rule stands with it.
"""

from collections.abc import Iterable
from typing import Final

from hocket.evaluation.report.curve_plot import GAP, curve_svg, spots
from hocket.evaluation.report.document import Block, Cell, Grid, Group, Look, Plot, Prose, Section
from hocket.evaluation.report.engines import figure_cell, name_cell, settings_text
from hocket.evaluation.results import BenchResult, Curve, CurvePoint

_DRAWN: Final = {"pause_takeover": "pauses taken over", "pauses_broken": "pauses broken"}


def sweeps(result: BenchResult) -> Section:
    """The section: two drawings of all engines, then a grid an engine."""
    says = Prose(
        text="Every point is a setting, the line joins those that no other setting beats in both; the ring "
        "is the setting at which the engine is reported, with its intervals. Lower left is better.",
        fine=True,
    )
    blocks: tuple[Block, ...] = (Prose(text="No engine was swept over its settings."),)
    if result.curves:
        blocks = (says, *_plots(result.curves), *map(_grid, result.curves))
    return Section(id="curves", title="Pauses taken against the gap", blocks=blocks)


def _plots(curves: tuple[Curve, ...]) -> Iterable[Plot]:
    for name, label in _DRAWN.items():
        if any(spots(curve, name) for curve in curves):
            says = f"Share of {label} against the median response gap, {_names(curves)}"
            yield Plot(svg=curve_svg(curves, name, f"share of {label}"), says=says)


def _names(curves: tuple[Curve, ...]) -> str:
    return ", ".join(curve.engine for curve in curves)


def _grid(curve: Curve) -> Grid:
    names = list(dict.fromkeys(name for point in curve.points for name in point.figures))
    undrawn = len(curve.points) - len(spots(curve, next(iter(_DRAWN))))
    left_out = f" {undrawn} without a point: no finite gap." if undrawn else ""
    caption = (
        f"{curve.engine}, {curve.split} voices, set {curve.scenes_hash or 'without a hash'}. "
        f"Chosen: {curve.rule.rstrip('.')}.{left_out}"
    )
    points = sorted(curve.points, key=_gap)
    return Grid(
        columns=(Cell(main="setting"), *(_head(curve, name) for name in names)),
        groups=tuple(_row(curve, point, names) for point in points),
        caption=caption,
    )


def _gap(point: CurvePoint) -> float:
    figure = point.figures.get(GAP)
    return float("inf") if figure is None or figure.value is None else figure.value


def _head(curve: Curve, name: str) -> Cell:
    unit = next(point.figures[name].unit for point in curve.points if name in point.figures)
    cell = name_cell(name, unit)
    return Cell(main=cell.main, title=cell.title)


def _row(curve: Curve, point: CurvePoint, names: list[str]) -> Group:
    head = Cell(
        main=settings_text(point.settings) or "as it is",
        fine=("chosen",) if point.chosen else (),
        look=Look.STRONG if point.chosen else Look.PLAIN,
    )
    return Group(head=head, rows=(tuple(_cell(curve, point, name) for name in names),))


def _cell(curve: Curve, point: CurvePoint, name: str) -> Cell:
    figure = point.figures.get(name)
    if figure is None:
        return Cell(main="not measured", look=Look.FAINT)
    place = f"curves · {curve.engine} · {settings_text(point.settings)} · {name}"
    return figure_cell(figure, place, strong=point.chosen)

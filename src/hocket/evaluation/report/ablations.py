"""What an engine is worth without some of its inputs, beside the whole engine.

Law: beside means at the same setting on the same scenes; a difference is printed only where both sides
are shown and finite.
"""

from collections.abc import Sequence
from itertools import groupby
from math import isfinite

from hocket.evaluation.report.document import Block, Cell, Grid, Group, Prose, Section
from hocket.evaluation.report.engines import column, figure_cell, find, name_cell, path
from hocket.evaluation.report.headline import HEADLINE, Place
from hocket.evaluation.report.printed import number_text
from hocket.evaluation.results import BenchResult, EngineResult, Shown


def ablations(result: BenchResult) -> Section:
    """The section: one grid an engine."""
    parts = sorted((e for e in result.engines if e.without), key=lambda e: e.engine)
    blocks: list[Block] = []
    for engine, group in groupby(parts, key=lambda e: e.engine):
        each = sorted(group, key=lambda e: e.without)
        blocks += [_grid(_whole(result, each[0]), each, caption=engine)]
    says = "All voices. Beneath a value: how far it is from the whole engine's."
    empty = Prose(text="No engine was run without some of its inputs.")
    return Section(
        id="ablations",
        title="Ablations",
        blocks=(Prose(text=says, fine=True), *blocks) if blocks else (empty,),
    )


def _whole(result: BenchResult, part: EngineResult) -> EngineResult | None:
    """The same engine with all its inputs, at the same setting if it is there."""
    same = [e for e in result.engines if e.engine == part.engine and not e.without]
    same.sort(key=lambda e: e.settings != part.settings)
    return same[0] if same else None


def _grid(full: EngineResult | None, parts: Sequence[EngineResult], *, caption: str) -> Grid:
    every = [*([full] if full else []), *parts]
    return Grid(
        columns=(Cell(main="figure"), *map(column, every)),
        groups=tuple(_group(place, full, every) for place in HEADLINE),
        caption=caption,
    )


def _group(place: Place, full: EngineResult | None, every: Sequence[EngineResult]) -> Group:
    base = _figure(full, place) if full else None
    row = tuple(_cell(engine, place, None if engine is full else base) for engine in every)
    return Group(head=name_cell(place.name, place.unit, place.label), rows=(row,))


def _figure(engine: EngineResult, place: Place) -> Shown | None:
    return find(engine, place.suite, "all", place.family, place.name)


def _cell(engine: EngineResult, place: Place, base: Shown | None) -> Cell:
    found = _figure(engine, place)
    if found is None:
        return Cell(main="not run")
    place_text = path(engine, place.suite, "all", place.family, place.name)
    one = figure_cell(found, place_text, strong=base is None)
    change = difference_text(found, base) if base is not None else ""
    fine = (change, *one.fine) if change else one.fine
    return Cell(main=one.main, fine=fine, title=one.title, look=one.look, met=one.met)


def difference_text(figure: Shown, base: Shown) -> str:
    """How far a figure is from the whole engine's: "+0.12"; empty where that is no number."""
    if not (figure.shown and base.shown) or figure.value is None or base.value is None:
        return ""
    change = figure.value - base.value
    if not isfinite(change):
        return ""
    text = number_text(change, figure.unit)
    return f"{text if text.startswith('−') else '+' + text} to the whole"

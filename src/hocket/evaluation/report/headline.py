"""The figures that stand first, engines beside each other, synthetic and human voices beneath.

Law: every headline figure has its rows, measured or not: what is missing says so.
Source: metrics.md, "Targets".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hocket.evaluation.metrics.figure import Unit
from hocket.evaluation.report.document import Block, Cell, Grid, Group, Look, Prose, Section
from hocket.evaluation.report.engines import cell, column, name_cell, voices_of, whole
from hocket.evaluation.results import BenchResult, EngineResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A headline figure and where it is kept."""

    label: str
    suite: str
    family: str
    name: str
    unit: Unit = Unit.SHARE


def _turns(label: str, family: str, name: str, unit: Unit = Unit.SHARE) -> Place:
    return Place(label=label, suite="turns", family=family, name=name, unit=unit)


def _panel(label: str, name: str, unit: Unit = Unit.SHARE) -> Place:
    return Place(label=label, suite="selectivity", family="selectivity", name=name, unit=unit)


def _stop(label: str, name: str) -> Place:
    return Place(label=label, suite="overlap", family="overlap", name=name, unit=Unit.SECONDS)


HEADLINE: Final = (
    _turns("Response gap, median", "turns", "gap_median_s", Unit.SECONDS),
    _turns("Response gap, p90", "turns", "gap_p90_s", Unit.SECONDS),
    _turns("Turns taken over", "turns", "takeover"),
    _turns("Turns answered", "turns", "answered"),
    _turns("Takeover in pauses", "turns", "pause_takeover"),
    _turns("Pauses broken", "turns", "pauses_broken"),
    _turns("Turns broken", "turns", "turns_broken"),
    _turns("Starts taken back", "turns", "withdrawn"),
    _panel("Yields to interruptions", "R_Y"),
    _panel("Ignores backchannels", "S_BC"),
    _panel("Ignores tics", "S_VT"),
    _panel("Ignores other talk", "S_ND"),
    _panel("Ignores noise", "S_noise"),
    _panel("Least of four", "min"),
    _panel("Interrupts the user", "I_A", Unit.PER_TURN),
    _stop("Stop latency, median", "stop_latency_median_s"),
    _stop("Stop latency, p95", "stop_latency_p95_s"),
    _turns("Relevance", "answers", "relevance"),
    _turns("Gap to first content, median", "answers", "content_gap_median_s", Unit.SECONDS),
)
LEGEND: Final = (
    "↑ higher is better, ↓ lower is better; ✓ the value reaches the target. Beneath each value its 95 % "
    "interval, N (events judged) and void (events that could not be judged). Rates of fewer than 10 "
    "events are not shown. Times are not clamped: a negative gap is overlap; “never” is an infinite time."
)


def headline(result: BenchResult) -> Section:
    """The section."""
    engines = whole(result)
    blocks: tuple[Block, ...] = (Prose(text="No engine was run."),)
    if engines:
        grid = Grid(columns=_columns(engines), groups=tuple(_group(p, engines) for p in HEADLINE))
        blocks = (Prose(text=LEGEND, fine=True), grid)
    return Section(id="headline", title="Headline", blocks=blocks)


def _columns(engines: Sequence[EngineResult]) -> tuple[Cell, ...]:
    return (Cell(main="figure"), Cell(main="voices"), *map(column, engines))


def _group(place: Place, engines: Sequence[EngineResult]) -> Group:
    return figure_group(
        engines,
        place.suite,
        place.family,
        name_cell(place.name, place.unit, place.label),
        place.name,
    )


def figure_group(
    engines: Sequence[EngineResult], suite: str, family: str, head: Cell, name: str
) -> Group:
    """One figure: a row for each kind of voices, a cell for each engine."""
    rows = [
        (
            Cell(main=voices, look=Look.LABEL),
            *(cell(engine, suite, voices, family, name) for engine in engines),
        )
        for voices in voices_of(engines, suite, family, name)
    ]
    return Group(head=head, rows=tuple(rows))

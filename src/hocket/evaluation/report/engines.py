"""The engines of a result as columns, and where their figures are.

Law: a column is one engine at one setting with all its inputs, or without some; what an engine has no
figure for says why instead.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hocket.evaluation.report.definitions import Better, definition_of
from hocket.evaluation.report.document import Cell, Look
from hocket.evaluation.report.printed import rests_on, shown_text, target_text
from hocket.evaluation.results import BenchResult, EngineResult, Shown, Status

VOICES: Final = ("all", "synthetic", "human")  # in this order


def whole(result: BenchResult) -> tuple[EngineResult, ...]:
    """The engines with all their inputs."""
    return tuple(engine for engine in result.engines if not engine.without)


def settings_text(settings: Mapping[str, float]) -> str:
    """Knobs and their values: "end_ms 500, p 0.5"."""
    return ", ".join(f"{name} {value:g}" for name, value in sorted(settings.items()))


def column(engine: EngineResult) -> Cell:
    """The head of an engine's column."""
    lacks = f"without {', '.join(engine.without)}" if engine.without else ""
    fine = tuple(text for text in (settings_text(engine.settings), lacks) if text)
    return Cell(main=engine.engine, fine=fine, title=engine.id)


def find(engine: EngineResult, suite: str, voices: str, family: str, name: str) -> Shown | None:
    """A figure of an engine, if it was measured."""
    found = engine.suites.get(suite)
    return None if found is None else found.tables.get(voices, {}).get(family, {}).get(name)


def figure_cell(figure: Shown, place: str, *, strong: bool = False) -> Cell:
    """A figure with what it rests on; ``place`` is its path in the JSON."""
    meaning = definition_of(figure.name)
    printed = figure.value is not None and figure.shown
    look = Look.STRONG if strong else Look.PLAIN
    return Cell(
        main=shown_text(figure),
        fine=rests_on(figure),
        title=f"{place}: {meaning.words}" if meaning.words else place,
        look=look if printed else Look.FAINT,
        met=figure.value is not None and printed and meaning.is_met(figure.value),
    )


def path(engine: EngineResult, suite: str, voices: str, family: str, name: str) -> str:
    """Where a figure stands in the JSON."""
    return f"{engine.id} · suites.{suite}.tables.{voices}.{family}.{name}"


def cell(engine: EngineResult, suite: str, voices: str, family: str, name: str) -> Cell:
    """An engine's figure, or why there is none."""
    found = find(engine, suite, voices, family, name)
    place = path(engine, suite, voices, family, name)
    if found is not None:
        return figure_cell(found, place, strong=voices == VOICES[0])
    kept = engine.suites.get(suite)
    status = Status.NOT_RUN if kept is None else kept.status
    text = "no events" if status is Status.RUN else str(status)
    return Cell(main=text, title=place, look=Look.FAINT)


def voices_of(engines: Sequence[EngineResult], suite: str, family: str, name: str) -> list[str]:
    """Whose voices a figure has rows for: those heard by any engine; "all" only if it adds to them."""
    found = [
        voices
        for voices in VOICES
        if any(_counts(find(engine, suite, voices, family, name)) for engine in engines)
    ]
    if len(found) == 2 and found[0] == VOICES[0]:
        return found[1:]
    return found or [VOICES[0]]


def _counts(figure: Shown | None) -> bool:
    return figure is not None and bool(figure.n or figure.void)


def name_cell(name: str, unit: str, label: str = "") -> Cell:
    """The head of a figure's rows: name, direction, target, definition."""
    meaning = definition_of(name)
    aim = ""
    if meaning.target is not None:
        sign = "≥" if meaning.better is Better.HIGHER else "≤"
        aim = f"target {sign} {target_text(meaning.target, unit)}"
    return Cell(
        main=f"{label or name} {meaning.better}".strip(),
        fine=tuple(text for text in (meaning.words, aim) if text),
        name=name if label else "",
        title=f"{name}: {meaning.words}".rstrip(": "),
    )

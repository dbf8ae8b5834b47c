"""How the figures were made: enough to make them again.

Law: all that the result tells of its making is printed, what is missing too.
"""

from collections.abc import Sequence
from typing import Final

from hocket.evaluation.report.document import Cell, Grid, Group, Look, Prose, Section
from hocket.evaluation.report.engines import settings_text
from hocket.evaluation.report.suite_tables import suite_names
from hocket.evaluation.results import BenchResult, EngineResult

_NOTHING: Final = Cell(main="–", look=Look.FAINT)


def made(result: BenchResult) -> Section:
    """The section: what was run, and the sets of scenes each engine heard."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(result.versions.items()))
    lines = {
        "command": result.command,
        "machine": result.machine,
        "date": result.date,
        "commit": result.commit,
        "versions": versions,
        "seed": str(result.seed),
        "size": result.size,
        "split": f"{result.split} voices",
        "compute": result.compute,
        "minutes": f"{result.minutes:.1f}",
        "missing": ", ".join(result.missing) or "nothing",
        "format": f"bench {result.bench}",
    }
    groups = tuple(
        Group(head=Cell(main=name), rows=((Cell(main=text, name="", title=name),),))
        for name, text in lines.items()
    )
    table = Grid(columns=(Cell(main="what"), Cell(main="value")), groups=groups)
    says = Prose(
        text="Sets of scenes by their hash: columns may be held side by side where it is equal."
    )
    return Section(
        id="made",
        title="How it was made",
        blocks=(table, says, _sets(result.engines, suite_names(result))),
    )


def _sets(engines: Sequence[EngineResult], suites: Sequence[str]) -> Grid:
    groups = tuple(
        Group(head=_engine(engine), rows=(tuple(_set(engine, suite) for suite in suites),))
        for engine in engines
    )
    return Grid(columns=(Cell(main="engine"), *(Cell(main=s) for s in suites)), groups=groups)


def _engine(engine: EngineResult) -> Cell:
    lacks = tuple(f"without {name}" for name in engine.without)
    knobs = (settings_text(engine.settings),) if engine.settings else ()
    return Cell(main=engine.engine, fine=(*knobs, *lacks), title=engine.id)


def _set(engine: EngineResult, suite: str) -> Cell:
    found = engine.suites.get(suite)
    if found is None:
        return _NOTHING
    place = f"{engine.id} · suites.{suite}"
    if not found.n_scenes:
        return Cell(main=str(found.status), title=place, look=Look.FAINT)
    return Cell(
        main=found.scenes_hash or "no hash", fine=(f"{found.n_scenes} scenes",), title=place
    )

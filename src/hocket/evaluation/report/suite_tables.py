"""Every figure of every suite.

Law: a suite that was not run says so with the reason, and its engines have no column in it; sets of
scenes that differ between engines are said to differ, for such figures may not be compared.
"""

from collections.abc import Sequence
from typing import Final

from hocket.evaluation.metrics import SUITES
from hocket.evaluation.report.document import Block, Cell, Fold, Grid, Prose, Section
from hocket.evaluation.report.engines import VOICES, column, find, name_cell, whole
from hocket.evaluation.report.headline import figure_group
from hocket.evaluation.results import BenchResult, EngineResult, Shown, Status

_FOLDED: Final = ("runtime", "governance")  # in suites that have families of their own


def suites(result: BenchResult) -> Section:
    """The section: one fold a suite, one line for one that was not run."""
    engines = whole(result)
    return Section(
        id="suites",
        title="All suites",
        blocks=tuple(_suite(name, engines) for name in suite_names(result)),
    )


def suite_names(result: BenchResult) -> list[str]:
    """All suites of the bench, then those that only the result knows."""
    told = dict.fromkeys(name for engine in result.engines for name in engine.suites)
    return list(dict.fromkeys([*SUITES, *told]))


def _suite(suite: str, engines: Sequence[EngineResult]) -> Block:
    ran = [e for e in engines if (s := e.suites.get(suite)) and s.status is Status.RUN]
    idle = Prose(text=f"{suite}: {_why(suite, [e for e in engines if e not in ran])}")
    if not ran:
        return idle
    blocks: list[Block] = [Prose(text=text, fine=True) for text in _scenes(ran, suite)]
    blocks += [idle] if len(ran) < len(engines) else []
    return Fold(title=suite, blocks=(*blocks, *_families(suite, ran)))


def _why(suite: str, idle: Sequence[EngineResult]) -> str:
    """Each reason once, with the engines that it is true of where there are several."""
    reasons: dict[str, list[str]] = {}
    for engine in idle:
        reasons.setdefault(_reason(engine, suite), []).append(engine.id)
    if len(reasons) == 1:
        return f"{next(iter(reasons))} ({', '.join(next(iter(reasons.values())))})."
    each = (f"{', '.join(ids)}: {reason}" for reason, ids in reasons.items())
    return "; ".join(each) + "." if reasons else f"{Status.NOT_RUN}."


def _reason(engine: EngineResult, suite: str) -> str:
    found = engine.suites.get(suite)
    if found is None:
        return f"{Status.NOT_RUN}: the result holds nothing of it"
    return f"{found.status}: {found.why.rstrip('.')}" if found.why else str(found.status)


def _scenes(engines: Sequence[EngineResult], suite: str) -> list[str]:
    """How many scenes, and their hash; a warning where engines heard different ones."""
    sets = {
        e.id: (e.suites[suite].n_scenes, e.suites[suite].scenes_hash or "no hash") for e in engines
    }
    if len(set(sets.values())) == 1:
        n, digest = next(iter(sets.values()))
        return [f"{n} scenes, set {digest}."] if n else []  # read from something else than scenes
    each = "; ".join(f"{engine}: {n} scenes, set {digest}" for engine, (n, digest) in sets.items())
    return [f"The sets of scenes differ, so these columns may not be compared: {each}."]


def _families(suite: str, engines: Sequence[EngineResult]) -> list[Fold]:
    kept = {family: figure_names(engines, suite, family) for family in _kept(suite, engines)}
    return [
        Fold(
            title=f"{family}, {len(names)} figures",
            blocks=(_grid(suite, family, names, engines),),
            is_open=family == suite or family not in _FOLDED,
        )
        for family, names in kept.items()
        if names
    ]


def _kept(suite: str, engines: Sequence[EngineResult]) -> list[str]:
    told = [
        f for engine in engines for table in engine.suites[suite].tables.values() for f in table
    ]
    return list(dict.fromkeys([*SUITES.get(suite, ()), *told]))


def figure_names(engines: Sequence[EngineResult], suite: str, family: str) -> list[str]:
    """The names of a family's figures, in the order of the metrics."""
    tables = [t for engine in engines for t in engine.suites[suite].tables.values()]
    return list(dict.fromkeys(name for table in tables for name in table.get(family, {})))


def _grid(suite: str, family: str, names: Sequence[str], engines: Sequence[EngineResult]) -> Grid:
    heads = (name_cell(name, _any(engines, suite, family, name).unit) for name in names)
    groups = [
        figure_group(engines, suite, family, head, name)
        for head, name in zip(heads, names, strict=True)
    ]
    columns = (Cell(main="figure"), Cell(main="voices"), *map(column, engines))
    return Grid(columns=columns, groups=tuple(groups))


def _any(engines: Sequence[EngineResult], suite: str, family: str, name: str) -> Shown:
    every = (find(e, suite, voices, family, name) for e in engines for voices in VOICES)
    return next(figure for figure in every if figure is not None)

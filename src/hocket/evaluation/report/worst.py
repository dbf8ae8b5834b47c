"""Which scenes to look at: the worst of each family of figures, over all engines in turn.

Law: a scene is taken for what figures name it for, headline figures first and those that reach their
target last; a figure that could not be better names none. Quantiles of compute are no reason to
listen to a scene.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Final

from hocket.evaluation.report.definitions import Better, definition_of
from hocket.evaluation.report.engines import VOICES
from hocket.evaluation.report.headline import HEADLINE
from hocket.evaluation.results import BenchResult, EngineResult, Shown

A_FAMILY: Final = 5
AT_MOST: Final = 40
_SILENT: Final = frozenset({"runtime"})
_FIRST: Final = frozenset(place.name for place in HEADLINE)
_BEST: Final = {Better.HIGHER: 1.0, Better.LOWER: 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A scene that went wrong, and the figures that say so."""

    engine: str  # id, also of its folder of runs
    family: str  # of figures
    scene: str
    scenes_hash: str  # of the set that it is in
    wrong: tuple[str, ...]


def worst(
    result: BenchResult, *, a_family: int = A_FAMILY, at_most: int = AT_MOST
) -> dict[str, list[Bad]]:
    """Scenes to look at by family; each scene of an engine once."""
    engines = [engine for engine in result.engines if not engine.without]
    seen: set[tuple[str, str]] = set()
    found: dict[str, list[Bad]] = {}
    for family in _families(engines):
        fresh = (bad for bad in _in_turn(engines, family) if (bad.engine, bad.scene) not in seen)
        left = at_most - len(seen)
        found[family] = list(islice(fresh, min(a_family, left)))
        seen |= {(bad.engine, bad.scene) for bad in found[family]}
    return {family: bads for family, bads in found.items() if bads}


def _families(engines: Sequence[EngineResult]) -> list[str]:
    told = dict.fromkeys(
        family
        for engine in engines
        for suite in engine.suites.values()
        if suite.n_scenes
        for table in suite.tables.values()
        for family in table
    )
    return [family for family in told if family not in _SILENT]


def _in_turn(engines: Sequence[EngineResult], family: str) -> Iterator[Bad]:
    """Each engine's worst, then each engine's second worst, ..."""
    for rank in zip_longest(*(of_engine(engine, family) for engine in engines)):
        yield from (bad for bad in rank if bad is not None)


def of_engine(engine: EngineResult, family: str) -> list[Bad]:
    """An engine's scenes of a family, the worst first, with all figures that name them."""
    figures = sorted(_figures(engine, family), key=_urgency)
    ranks = zip_longest(*(figure.worst for figure in figures))
    scenes = dict.fromkeys(scene for rank in ranks for scene in rank if scene is not None)
    return [
        Bad(
            engine=engine.id,
            family=family,
            scene=scene,
            scenes_hash=_hash(engine, scene),
            wrong=tuple(dict.fromkeys(f.name for f in figures if scene in f.worst)),
        )
        for scene in scenes
    ]


def _hash(engine: EngineResult, scene: str) -> str:
    """That of the suite, with which the scene's id begins."""
    suite = engine.suites.get(scene.partition("/")[0])
    return "" if suite is None else suite.scenes_hash


def _urgency(figure: Shown) -> tuple[bool, bool]:
    """Figures that reach their target come last, headline figures first."""
    met = figure.value is not None and definition_of(figure.name).is_met(figure.value)
    return met, figure.name not in _FIRST


def _figures(engine: EngineResult, family: str) -> Iterator[Shown]:
    """A family's figures over all voices, or whichever there are, that could be better."""
    for suite in engine.suites.values():
        voices = next((v for v in VOICES if v in suite.tables), None)
        if voices is not None and suite.n_scenes:
            every = suite.tables[voices].get(family, {}).values()
            yield from (figure for figure in every if _could_be_better(figure))


def _could_be_better(figure: Shown) -> bool:
    better = definition_of(figure.name).better
    return better is not Better.NEITHER and figure.value not in (None, _BEST[better])

"""What a run of the bench found, as it is kept: one JSON file with everything that a report shows.

Law: a result is a value, written as JSON and read back equal; it holds every figure with what it rests
on, and enough to make it again: command, seed, size, split, hashes of the scenes, charge of compute,
machine, date and commit. Nothing in it is rounded, and infinite times stay infinite.
Source: docs/bench.md.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from hocket.core.errors import BadInput
from hocket.evaluation.intervals import Interval
from hocket.evaluation.metrics.figure import Figure, Unit

FORMAT: Final = 1


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")


class Status(StrEnum):
    """What became of a suite."""

    RUN = "run"
    NOT_SUPPORTED = "not supported"  # the engine or the server has no such feature yet
    NOT_RUN = "not run"  # was not asked for


class Shown(_Kept):
    """A figure; ``shown`` is false where it rests on too few events to be printed."""

    name: str
    unit: Unit
    value: float | None
    n: int
    void: int = 0
    interval: tuple[float, float] | None = None
    worst: tuple[str, ...] = ()  # scenes, the worst first
    note: str = ""
    shown: bool = True

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """The figure as it is kept."""
        found: Interval | None = figure.interval
        return cls(
            name=figure.name,
            unit=figure.unit,
            value=figure.value,
            n=figure.n,
            void=figure.void,
            interval=None if found is None else (found.low, found.high),
            worst=figure.worst,
            note=figure.note,
            shown=figure.shown,
        )


Family = Mapping[str, Shown]  # by the figure's name
Table = Mapping[str, Family]  # by the family's name


class SuiteResult(_Kept):
    """One suite on one engine; ``tables`` by whose voices: all, synthetic, human."""

    suite: str
    status: Status = Status.RUN
    why: str = ""  # it was not run
    scenes_hash: str = ""
    n_scenes: int = 0
    tables: Mapping[str, Table] = {}


class EngineResult(_Kept):
    """One engine at one setting, with all its inputs or without some."""

    engine: str
    settings: Mapping[str, float] = {}
    without: tuple[str, ...] = ()  # inputs that were taken away
    suites: Mapping[str, SuiteResult] = {}

    @property
    def id(self) -> str:
        """The name of its folder of runs: engine, settings, and what is missing."""
        return engine_id(self.engine, self.settings, self.without)


class CurvePoint(_Kept):
    """One setting of an engine on the scenes of the sweep."""

    settings: Mapping[str, float]
    figures: Family  # pause_takeover, gap_all_median_s, ...
    chosen: bool = False  # the setting at which the engine is reported


class Curve(_Kept):
    """An engine's pauses taken against its gap, over its settings."""

    engine: str
    split: str
    scenes_hash: str
    rule: str  # how the chosen one was chosen, in words
    points: tuple[CurvePoint, ...]


class PeerFigure(_Kept):
    """One figure of somebody else's instrument."""

    name: str
    value: float | None
    unit: str
    n: int
    note: str = ""


class PeerResult(_Kept):
    """Somebody else's instrument on one of our engines."""

    instrument: str  # with its version
    engine: str
    command: str
    date: str
    figures: tuple[PeerFigure, ...]


class BenchResult(_Kept):
    """Everything that one or several commands of the bench found."""

    bench: int = FORMAT
    command: str
    machine: str
    date: str
    commit: str
    versions: Mapping[str, str]
    seed: int
    size: str
    split: str
    compute: str  # how a tick's compute was charged, in words
    minutes: float  # that the command took
    missing: tuple[str, ...] = ()  # voices and recordings that were not there
    engines: tuple[EngineResult, ...] = ()
    curves: tuple[Curve, ...] = ()
    peers: tuple[PeerResult, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` wrote.

        Raises:
            BadInput: there is no result of the bench in the file.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise BadInput(f"expected a result of the bench in {path}, got: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise BadInput(
                f"expected a result of the bench in {path}, got {place}: {first['msg']}"
            ) from None

    def write(self, path: Path) -> None:
        """Write it as JSON, one figure a line or so.

        Raises:
            OSError: the file cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        values: dict[str, Any] = json.loads(self.model_dump_json(exclude_defaults=True))
        path.write_text(json.dumps({"bench": FORMAT, **values}, indent=1) + "\n", encoding="utf-8")


def kept(table: Mapping[str, Mapping[str, Figure]]) -> Table:
    """A table of metrics as it is kept."""
    return {
        family: {name: Shown.of(figure) for name, figure in figures.items()}
        for family, figures in table.items()
    }


def engine_id(engine: str, settings: Mapping[str, float], without: tuple[str, ...]) -> str:
    """The name of a folder of runs: cascade-vad, cascade-vad+end_ms=500, cascade-vad-no-words."""
    knobs = "".join(f"+{name}={value:g}" for name, value in sorted(settings.items()))
    return engine + knobs + "".join(f"-no-{name}" for name in sorted(without))

"""What ``hocket bench`` puts together: engines by name, suites by name, sounds by what is installed.

Law: the CLI parses and prints, evaluation plays and measures; what they need of each other is joined
here. Source: docs/bench.md.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import Final

from hocket.core.errors import BadInput
from hocket.data.splits import Split
from hocket.engine.worker import Worker
from hocket.evaluation.bench.contest import AT_LENGTH, EngineAt, Part, scene_folder, set_folder
from hocket.evaluation.bench.playing import take_of
from hocket.evaluation.bench.runner import House, perform
from hocket.evaluation.bench.sweep import curve, point
from hocket.evaluation.bench.tables import ALL, WORDS, suite_result
from hocket.evaluation.governed.suite import governance_figures
from hocket.evaluation.metrics import SUITES
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.people import People, people_of
from hocket.evaluation.results import Curve, EngineResult, Status, SuiteResult, kept
from hocket.evaluation.running.suite import runtime_figures
from hocket.evaluation.scene_set import Size, Suite, scene_set, set_hash
from hocket.evaluation.scenes.scene import Scene
from hocket.evaluation.sounds import bench_bank, fill, fill_people
from hocket.evaluation.support import supports
from hocket.recipes import engines
from hocket.weights import store

SCENES: Final = tuple(str(suite) for suite in Suite)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Folders of recorded people and rooms; None: not there."""

    readers: Path | None = None
    meetings: Path | None = None
    rooms: Path | None = None

    @classmethod
    def under(cls, folder: Path | None) -> "Speech":
        """``librispeech``, ``meetings`` and ``rooms`` in a folder, as far as they are there.

        Raises:
            BadInput: none of them is.
        """
        if folder is None:
            return cls()
        names = ("librispeech", "meetings", "rooms")
        found = [folder / name if (folder / name).is_dir() else None for name in names]
        if not any(found):
            raise BadInput(f"expected {', '.join(names)} in {folder}, got none of them")
        return cls(readers=found[0], meetings=found[1], rooms=found[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be run."""

    suites: tuple[str, ...]
    engines: tuple[EngineAt, ...]
    seed: int = 1
    size: Size = Size.ORDINARY
    split: Split = Split.TEST
    compute: str = "constant"
    jobs: int = 1
    runs: Path
    speech: Speech = Speech()


def open_engine(threads: int, engine: EngineAt, at_length: bool) -> Worker:
    """The worker of an engine at its setting."""
    run = engines.Run(threads=threads, at_length=at_length)
    return engines.benched(store.path_of, engine.engine, engine.settings, engine.without, run)


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Suites by name; all if none is named.

    Raises:
        BadInput: there is no such suite.
    """
    if unknown := [name for name in names if name not in SUITES]:
        raise BadInput(f"expected suites among {', '.join(SUITES)}, got {', '.join(unknown)}")
    return tuple(names) or tuple(SUITES)


# What is tried on the validation half: what people set, and around it.
SWEEPS: Final[dict[str, tuple[dict[str, float], ...]]] = {
    "cascade-vad": tuple({"end_ms": float(ms)} for ms in (200, 300, 500, 1_000)),
    "cascade-smart-turn": tuple(
        {"complete_p": p, "end_ms": ms}
        for p, ms in ((0.3, 3_000.0), (0.5, 3_000.0), (0.7, 3_000.0), (0.5, 1_000.0))
    ),
}


# From which chance a trained model speaks: at once, or in some ticks together.
TRAINED_SWEEP: Final = tuple(
    {"speak_p": at_once, "speak_total": total}
    for at_once, total in ((0.85, 1.2), (0.9, 1.6), (0.94, 2.0), (0.97, 2.8))
)

# What the sweep chose there, by its rule (docs/decisions/0050): at these baselines are reported. People who
# talk to them have longer patience in ``engines.SETTINGS``.
BEST: Final[dict[str, dict[str, float]]] = {
    "cascade-vad": {"end_ms": 300.0},
    "cascade-smart-turn": {"complete_p": 0.7, "end_ms": 3_000.0},
}


def at_best(engine: str) -> EngineAt:
    """An engine at the setting at which it is reported: a trained model's own is its best."""
    return engine_at(engine, BEST.get(engine, {}))


def engine_at(
    engine: str, settings: Mapping[str, float], without: tuple[str, ...] = ()
) -> EngineAt:
    """An engine at a setting, as it is on this machine."""
    learned = engines.learned(engine)
    return EngineAt(engine=engine, settings=settings, without=without, learned=learned)


def sweep_of(engine: str) -> tuple[dict[str, float], ...]:
    """The settings that are tried on an engine."""
    return SWEEPS.get(engine, TRAINED_SWEEP)


class Bench:
    """An order with its scenes, its people and its sounds ready; ``say`` is told what is being done."""

    def __init__(
        self, order: Order, say: Callable[[str, str], None] = lambda who, what: None
    ) -> None:
        self.order, self.say = order, say
        self.people = self._people()
        played = [name for name in order.suites if name in SCENES]
        self.scenes: dict[str, tuple[Scene, ...]] = {
            name: scene_set(
                Suite(name),
                seed=order.seed,
                size=order.size,
                split=order.split,
                people=self.people,
            )
            for name in played
        }

    def _people(self) -> People:
        order, speech = self.order, self.order.speech
        fill_people(
            bench_bank(),
            order.split,
            readers=speech.readers,
            meetings=speech.meetings,
            jobs=order.jobs,
        )
        bank = bench_bank() if speech.readers or speech.meetings else None
        return people_of(order.split, bank=bank, rooms=speech.rooms)

    def stock(self) -> int:
        """Say what the bank lacks; returns how many sounds were added."""
        every = (scene for scenes in self.scenes.values() for scene in scenes)
        return fill(bench_bank(), every, jobs=self.order.jobs)

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """Where each suite's set is played: its name is a hash over all scenes, taken once."""
        order = self.order
        return {
            suite: set_folder(order.runs, order.compute, scenes)
            for suite, scenes in self.scenes.items()
        }

    @cached_property
    def parts(self) -> list[Part]:
        """Everything to be played, an engine after the other."""
        return [
            Part(
                engine=engine,
                scene=scene,
                folder=scene_folder(self._folders[suite], engine, scene.id),
                words=suite in WORDS,
                at_length=suite in AT_LENGTH,
            )
            for engine in self.order.engines
            for suite, scenes in self.scenes.items()
            if supports(engine.engine, suite) is None
            for scene in scenes
        ]

    def play(self) -> Iterator[Part]:
        """Play all parts; yields each that is done."""
        order = self.order
        # Two processes with a thread each are faster than one with two, and never wait for each other.
        threads = engines.BRAIN_THREADS if order.jobs == 1 else 1
        house = House(
            worker_of=partial(open_engine, threads),
            bank=bench_bank(),
            split=str(order.split),
            rooms=order.speech.rooms,
            compute=order.compute,
        )
        for _, parts in groupby(self.parts, key=lambda part: part.engine.id):
            yield from perform(list(parts), house, jobs=order.jobs)

    def result(self, engine: EngineAt) -> EngineResult:
        """What was found of an engine in the suites made of scenes, and why others were not asked."""
        suites: dict[str, SuiteResult] = {}
        for suite in self.order.suites:
            if (why := supports(engine.engine, suite)) is not None:
                suites[suite] = SuiteResult(suite=suite, status=Status.NOT_SUPPORTED, why=why)
            elif suite in self.scenes:
                suites[suite] = self._read(engine, suite)
            else:
                suites[suite] = self._measure(engine, suite)
        return EngineResult(
            engine=engine.engine,
            settings=engine.settings,
            without=engine.without,
            suites=suites,
        )

    def _measure(self, engine: EngineAt, suite: str) -> SuiteResult:
        """A suite without scenes."""
        if suite == "governance":
            return _without_scenes(suite, self._governance)
        if engine != at_best(engine.engine):
            why = "runs the engine as it is served"
            return SuiteResult(suite=suite, status=Status.NOT_RUN, why=why)
        worker = engines.worker(store.path_of, engine.engine)
        say = partial(self.say, engine.id)
        return _without_scenes(suite, runtime_figures(worker, self.order.size, progress=say))

    @cached_property
    def _governance(self) -> dict[str, Figure]:
        """The same for all engines: what is tried is the session, by an engine that asks for anything."""
        return governance_figures(self.order.size, seed=self.order.seed)

    def takes(self, engine: EngineAt, suite: str) -> list[Take]:
        """What an engine made of a suite that was played."""
        folders = (scene_folder(self._folders[suite], engine, s.id) for s in self.scenes[suite])
        return [take_of(folder, words=suite in WORDS) for folder in folders]

    def _read(self, engine: EngineAt, suite: str) -> SuiteResult:
        return suite_result(
            suite,
            self.takes(engine, suite),
            scenes_hash=set_hash(self.scenes[suite]),
            measured=self.order.compute == "measured",
            seed=self.order.seed,
        )


def _without_scenes(suite: str, figures: dict[str, Figure]) -> SuiteResult:
    return SuiteResult(suite=suite, tables={ALL: kept({suite: figures})})


def sweep(bench: Bench, engine: str) -> Curve:
    """An engine's curve from takes of its settings that were played already."""
    suite = str(Suite.TURNS)
    points = []
    for settings in sweep_of(engine):
        takes = bench.takes(engine_at(engine, settings), suite)
        points.append(point(settings, takes, seed=bench.order.seed))
    return curve(
        engine, points, split=str(bench.order.split), scenes_hash=set_hash(bench.scenes[suite])
    )

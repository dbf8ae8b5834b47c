"""Parts played side by side, in any number of processes, stopped and gone on with at will.

Law: what is played depends on the part alone, so the number of processes changes nothing. Parts of one
engine come together: opening its models costs seconds.
Source: docs/bench.md.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from hocket.data.bank import Bank
from hocket.engine.worker import Worker
from hocket.evaluation.bench.contest import EngineAt, Part
from hocket.evaluation.bench.playing import Stage, is_played, play
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.words_back import hear

WorkerOf: TypeAlias = Callable[
    [EngineAt, bool], Worker
]  # picklable; told whether to talk at length


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where parts are played: who opens engines, where the sounds lie, how compute is charged."""

    worker_of: WorkerOf
    bank: Path
    split: str
    rooms: Path | None
    compute: str


class Company:
    """One process's stages: the last engine that was asked for stays open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sounds = SceneSounds(Bank(house.bank), split=house.split, rooms=house.rooms)
        self._stage: tuple[tuple[str, bool], Stage] | None = None

    def perform(self, part: Part) -> Part:
        """Play a part unless it was played, and read back what was said if that is wanted."""
        if not is_played(part.folder):
            play(part.scene, part.engine.engine, self._on(part), part.folder)
        hear(part.folder, words=part.words)
        return part

    def _on(self, part: Part) -> Stage:
        key = (part.engine.id, part.at_length)
        if self._stage is None or self._stage[0] != key:
            worker = self._house.worker_of(part.engine, part.at_length)
            stage = Stage(worker=worker, sounds=self._sounds, compute=self._house.compute)
            self._stage = (key, stage)
        return self._stage[1]


def perform(parts: Sequence[Part], house: House, *, jobs: int = 1) -> Iterator[Part]:
    """Play all parts; yields each when it is done, in order.

    Raises:
        BadInput: the bank lacks a sound, or a take is broken.
    """
    if jobs == 1 or len(parts) < 2:
        yield from map(Company(house).perform, parts)
        return
    # Forked children would share the graphs' threads; spawned ones load their own.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(house,)
    ) as pool:
        yield from pool.map(_perform, parts)


_company: Company | None = None


def _open(house: House) -> None:
    global _company
    _company = Company(house)


def _perform(part: Part) -> Part:
    assert _company is not None
    return _company.perform(part)

"""Sets of scenes: suite, seed, size and split give the same scenes, and a hash says which.

Law: equal arguments and the same people here give equal scenes; the hash covers texts, voices, moves
and sounds, so two tables may be held side by side where their hashes are equal, and only there.
Source: metrics.md for what each suite is for.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

from hocket.data.splits import Split
from hocket.evaluation.people import People, people_of
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.noise import noise_scenes
from hocket.evaluation.scenes.overlap import overlap_scenes
from hocket.evaluation.scenes.scene import Scene, set_hash
from hocket.evaluation.scenes.selectivity import selectivity_scenes
from hocket.evaluation.scenes.size import Size
from hocket.evaluation.scenes.timing import timing_scenes
from hocket.evaluation.scenes.turns import turn_scenes

__all__ = ["SUITES", "Size", "Suite", "scene_set", "set_hash"]


class Suite(StrEnum):
    """Suites that are made of scenes; the others are read from scores."""

    TURNS = "turns"
    OVERLAP = "overlap"
    SELECTIVITY = "selectivity"
    TIMING = "timing"
    NOISE = "noise"


SUITES: Final[dict[Suite, Callable[[Desk, Size], Iterator[Scene]]]] = {
    Suite.TURNS: turn_scenes,
    Suite.OVERLAP: overlap_scenes,
    Suite.SELECTIVITY: selectivity_scenes,
    Suite.TIMING: timing_scenes,
    Suite.NOISE: noise_scenes,
}


def scene_set(
    suite: Suite,
    *,
    seed: int,
    size: Size,
    split: Split = Split.TEST,
    people: People | None = None,
) -> tuple[Scene, ...]:
    """The scenes of a suite. Without ``people`` those whose voices are installed, and no recordings.

    Raises:
        BadInput: the split is not held out, or no voice of it is here.
    """
    people = people or people_of(split)
    desk = Desk(suite=str(suite), seed=seed, split=split, people=people)
    return tuple(SUITES[suite](desk, size))

"""Scenes of the suite ``timing``: the published cases of TimeSpeak and CueSpeak, said by a voice.

Law: a case is data; windows count from the edge of a sound that was really said. The instruction is
a turn that may be answered; of the stream only what ``ends_turn`` is.
Source: material/timing.json; metrics.md (times within 300 ms, cues up to 800 ms behind).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from hocket.evaluation.scenes.desk import Desk, made_sound
from hocket.evaluation.scenes.scene import Anchor, Move, Scene, Sound, Wish
from hocket.evaluation.scenes.size import Size
from hocket.evaluation.scenes.texts import Text, both_ways, read
from hocket.evaluation.truth import Kind

GROUPS: Final = ("TimeSpeak", "CueSpeak")
CASES: Final = {Size.QUICK: 1, Size.ORDINARY: 24, Size.FULL: 60}  # of each group


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Case):
    """One thing of the stream: something said, or the sound of something."""

    say: str = ""
    sound: str = ""
    gap_s: float = 0.0  # since the end of the one before
    at_s: float | None = None  # instead: since the end of the instruction
    ends_turn: bool = False


class Window(_Case):
    """Content, and when it should begin: seconds after an edge of an item (0: the instruction)."""

    content: tuple[tuple[str, ...], ...]
    after: int
    edge: str = Field(pattern="^(start|end)$")
    from_s: float
    to_s: float


class TimingCase(_Case):
    """One case."""

    id: str
    group: str
    behaviour: str
    instruction: str
    stream: tuple[Item, ...]
    wanted: tuple[Window, ...]
    tail_s: float


class _Cases(_Case):
    about: str
    cases: tuple[TimingCase, ...]


@lru_cache(maxsize=1)
def cases() -> tuple[TimingCase, ...]:
    """All published cases."""
    return _Cases.model_validate_json(read("timing.json")).cases


def timing_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """The suite: of both groups as many cases as the size allows, spread over the behaviours."""
    for group in GROUPS:
        here = [case for case in cases() if case.group == group]
        places = np.unique(np.linspace(0, len(here) - 1, min(CASES[size], len(here))).astype(int))
        for place in places:
            yield _scene(desk, here[int(place)])


def _scene(desk: Desk, case: TimingCase) -> Scene:
    voice = desk.voice()
    instruction = desk.said(Kind.TURN, Text(text=case.instruction), voice)
    moves = [Move(sound=instruction, anchor=Anchor.START, after_s=desk.uniform(0.4, 0.9))]
    moves += [_move(desk, item, voice) for item in case.stream]
    wishes = [
        Wish(
            content=tuple(both_ways(tuple(group)) for group in window.content),
            after=window.after,
            edge=window.edge,
            from_s=window.from_s,
            to_s=window.to_s,
        )
        for window in case.wanted
    ]
    family = f"{case.group.lower()}-{case.behaviour.replace(' ', '-')}"
    return desk.scene(family, moves, wishes=wishes, tail_s=case.tail_s)


def _move(desk: Desk, item: Item, voice: str) -> Move:
    sound = _sound(desk, item, voice)
    if item.at_s is not None:
        return Move(sound=sound, anchor=Anchor.FIRST, after_s=item.at_s)
    return Move(sound=sound, anchor=Anchor.PREVIOUS, after_s=item.gap_s)


def _sound(desk: Desk, item: Item, voice: str) -> Sound:
    if item.sound:
        seed = int(desk.rng.integers(2**31))
        return made_sound(Kind.NOISE, item.sound, gain_db=0.0, seed=seed)
    return desk.said(Kind.TURN, Text(text=item.say), voice, finished=item.ends_turn)

"""An engine that is run without some of what it is told: what is each input worth?

Law: a switch takes away exactly its input and nothing else; session, ears and permit do not know of it,
so two runs differ in what the engine saw and in nothing more. What the user heard of us in words stays
without the echo: it says what was heard, not how it sounded.
Source: issue of the bench, "Ablation switch".
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

import numpy as np

from hocket.audio.levels import FLOOR_DB
from hocket.engine.port import Engine, TickInput, TickOutput
from hocket.protocol.floor import Permit


class Without(StrEnum):
    """What an engine can be run without."""

    WORDS = "words"  # of the user, as the ears read them: agreed and tentative
    SOUND = "sound"  # of the user: features, level, dMel, and the samples that detectors read
    ECHO = "echo"  # the reference of our own sound: samples, level, share of the tick


def _without_words(seen: TickInput) -> TickInput:
    return replace(seen, heard=replace(seen.heard, heard=(), tentative=()))


def _without_sound(seen: TickInput) -> TickInput:
    features, dmel_FM = np.zeros_like(seen.heard.features), np.zeros_like(seen.heard.dmel_FM)
    heard = replace(seen.heard, features=features, level_db=FLOOR_DB, dmel_FM=dmel_FM)
    return replace(seen, audio=np.zeros_like(seen.audio), heard=heard)


def _without_echo(seen: TickInput) -> TickInput:
    played = replace(seen.played, samples=seen.played.samples[:0], level_db=FLOOR_DB, fraction=0.0)
    return replace(seen, played=played)


REMOVE: Final[Mapping[Without, Callable[[TickInput], TickInput]]] = {
    Without.WORDS: _without_words,
    Without.SOUND: _without_sound,
    Without.ECHO: _without_echo,
}


class Ablated:
    """Any engine, blind to some of its inputs; implements the same port."""

    def __init__(self, engine: Engine, without: frozenset[Without]) -> None:
        self.engine, self.without = engine, without
        self.name = engine.name  # of the engine; what is missing stands beside it in results
        self._removals = [REMOVE[each] for each in Without if each in without]

    def open(self, *, seed: int = 0, instructions: str = "") -> Any:
        """A slot of the engine."""
        return self.engine.open(seed=seed, instructions=instructions)

    def step(self, slot: Any, tick_input: TickInput, permit: Permit) -> TickOutput:
        """The engine's decision on what is left of the input."""
        for remove in self._removals:
            tick_input = remove(tick_input)
        return self.engine.step(slot, tick_input, permit)

    def close(self, slot: Any) -> None:
        """Give the engine's slot back."""
        self.engine.close(slot)

    def snapshot(self, slot: Any) -> object:
        """The engine's own."""
        return self.engine.snapshot(slot)

    def restore(self, slot: Any, snapshot: object) -> None:
        """Put the engine's slot back."""
        self.engine.restore(slot, snapshot)

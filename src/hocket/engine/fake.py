"""Fakes of every port, for tests and for looking at a session without models.

Law: they compute nothing that depends on the machine, so a session over them is exactly repeatable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hocket.audio.levels import rms_db
from hocket.core.units import TICK_MS
from hocket.engine.port import (
    FEATURES_SHAPE,
    Float32,
    HeardTick,
    Phrase,
    TickInput,
    TickOutput,
    WordSpan,
)
from hocket.protocol.floor import FLOORS, SOUNDING, Floor, Permit


@dataclass(slots=True)
class FakeEarsStream:
    """Hears what the script says for each tick."""

    script: Mapping[int, tuple[str, ...]]
    tick: int = 0

    def step(self, samples_S: Float32) -> HeardTick:
        """The script's words of this tick, agreed at once."""
        words = self.script.get(self.tick, ())
        self.tick += 1
        features = np.zeros(FEATURES_SHAPE, np.float32)
        return HeardTick(features=features, level_db=rms_db(samples_S), heard=words)

    def snapshot(self) -> object:
        """The tick."""
        return self.tick

    def restore(self, snapshot: object) -> None:
        """Back to that tick."""
        assert isinstance(snapshot, int)
        self.tick = snapshot


@dataclass(frozen=True, slots=True)
class FakeEars:
    """Opens streams that hear one script: tick -> words."""

    script: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def open(self) -> FakeEarsStream:
        """A stream at tick 0."""
        return FakeEarsStream(self.script)


@dataclass(frozen=True, slots=True)
class FakeVoice:
    """Every word is a tone of ``word_ms``; rendering any piece equals the whole."""

    rate_hz: int = 22_050
    word_ms: int = 2 * TICK_MS

    def prepare(
        self, text: str, *, seed: int = 0, rate: float = 1.0, level_db: float = 0.0
    ) -> Phrase:
        """One tone a word."""
        n = int(self.rate_hz * self.word_ms / 1000 / rate)
        spans = tuple(
            WordSpan(text=word, start=i * n, end=(i + 1) * n) for i, word in enumerate(text.split())
        )
        return Phrase(text=text, words=spans, n_samples=len(spans) * n)

    def render(self, phrase: Phrase, start: int, stop: int) -> Float32:
        """Samples [start, stop) of a 200 Hz tone."""
        t = np.arange(start, stop) / self.rate_hz
        return (0.3 * np.sin(2 * np.pi * 200 * t)).astype(np.float32)


Decide = Callable[[TickInput, Permit], TickOutput]


def decision(
    floor: Floor,
    append: str = "",
    *,
    drop: bool = False,
    ended: bool = True,
    user_speaking: float = 0.0,
) -> TickOutput:
    """A sure decision for scripts."""
    p = tuple(1.0 if floor is each else 0.0 for each in FLOORS)
    ahead = (user_speaking,) * 4
    return TickOutput(floor=floor, p=p, append=append, drop=drop, ended=ended, user_ahead=ahead)  # type: ignore[arg-type]


class FakeEngine:
    """Decides what a function says, or what a table says for each tick (silence elsewhere)."""

    name = "fake"

    def __init__(self, decide: Decide | Mapping[int, TickOutput]) -> None:
        self._decide = decide

    def open(self, *, seed: int = 0, instructions: str = "") -> dict[str, Any]:
        """A slot that remembers the inputs it was given, for tests to look at."""
        return {"inputs": []}

    def close(self, slot: dict[str, Any]) -> None:
        """Nothing to give back."""

    def step(self, slot: dict[str, Any], tick_input: TickInput, permit: Permit) -> TickOutput:
        """The script's decision; keeps speaking while a plan is left and nothing else is said."""
        slot["inputs"].append(tick_input)
        if not isinstance(self._decide, Mapping):
            return self._decide(tick_input, permit)
        if (output := self._decide.get(tick_input.tick)) is not None:
            return output
        goes_on = tick_input.plan and tick_input.last_floor in SOUNDING
        return decision(Floor.SPEAK if goes_on else Floor.LISTEN)

    def snapshot(self, slot: dict[str, Any]) -> object:
        """The inputs so far."""
        return list(slot["inputs"])

    def restore(self, slot: dict[str, Any], snapshot: object) -> None:
        """Forget later inputs."""
        slot["inputs"] = snapshot

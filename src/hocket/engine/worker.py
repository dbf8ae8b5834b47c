"""One worker owns the models; everybody else only moves data.

Law: a worker runs one stage at a time and knows nothing of sessions beyond their seat. Charging time is
the caller's affair: ``charge`` is a function from a stage's measured milliseconds to what it shall count.
"""

import time
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np

from hocket.engine.port import Ears, EarsStream, Engine, Float32, Phrase, Voice
from hocket.engine.stages import (
    Hear,
    Heard,
    PhraseText,
    Sound,
    Sounded,
    StageRequest,
    StageResult,
    Think,
    Thought,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One session's state inside the models."""

    ears: EarsStream
    slot: Any


class Worker:
    """Ears, engine and voice behind one synchronous call."""

    def __init__(self, *, ears: Ears, engine: Engine, voice: Voice) -> None:
        self.ears, self.engine, self.voice = ears, engine, voice

    def open(self, *, seed: int, instructions: str) -> Seat:
        """Make room for one session."""
        slot = self.engine.open(seed=seed, instructions=instructions)
        return Seat(ears=self.ears.open(), slot=slot)

    def close(self, seat: Seat) -> None:
        """Give the session's memory back."""
        self.engine.close(seat.slot)

    def run(self, seat: Seat, request: StageRequest) -> StageResult:
        """Compute one stage and measure it."""
        began = time.perf_counter()

        def cost_ms() -> float:
            return (time.perf_counter() - began) * 1000

        match request:
            case Hear():
                heard = seat.ears.step(request.samples)
                return Heard(tick=request.tick, result=heard, compute_ms=cost_ms())
            case Think():
                thought = self.engine.step(seat.slot, request.tick_input, request.permit)
                return Thought(tick=request.tick, result=thought, compute_ms=cost_ms())
            case Sound():
                prepared = tuple(self._prepare(text) for text in request.prepare)
                samples = self._render(request, prepared)
                return Sounded(
                    tick=request.tick, prepared=prepared, samples=samples, compute_ms=cost_ms()
                )
            case _:
                assert_never(request)

    def _prepare(self, phrase: PhraseText) -> Phrase:
        return self.voice.prepare(
            phrase.text, seed=phrase.seed, rate=phrase.rate, level_db=phrase.level_db
        )

    def _render(self, request: Sound, prepared: tuple[Phrase, ...]) -> Float32:
        pieces: list[Float32] = []
        start, left = request.start, request.n_samples
        for phrase in (*request.queue, *prepared):
            take = min(left, phrase.n_samples - start)
            if take > 0:
                pieces.append(self.voice.render(phrase, start, start + take))
                left -= take
            start = 0
            if not left:
                break
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

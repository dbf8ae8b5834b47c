"""Fakes for a live server: ears that write a word a loud tick, an engine that answers what ends."""

from dataclasses import dataclass, field

import numpy as np

from hocket.audio.levels import rms_db
from hocket.engine.fake import FakeVoice, decision
from hocket.engine.port import FEATURES_SHAPE, Float32, HeardTick, TickInput, TickOutput
from hocket.engine.worker import Worker
from hocket.protocol.floor import Floor, Permit

ANSWER = "one two three four five six seven eight"
LOUD_DB = -40.0


@dataclass(slots=True)
class LoudStream:
    """Each loud tick is one word: w0, w1, ..."""

    n_words: int = 0

    def step(self, samples_S: Float32) -> HeardTick:
        level_db = rms_db(samples_S)
        heard: tuple[str, ...] = ()
        if level_db > LOUD_DB:
            heard, self.n_words = (f"w{self.n_words}",), self.n_words + 1
        features = np.zeros(FEATURES_SHAPE, np.float32)
        return HeardTick(features=features, level_db=level_db, heard=heard)

    def snapshot(self) -> object:
        return self.n_words

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, int)
        self.n_words = snapshot


class LoudEars:
    def open(self) -> LoudStream:
        return LoudStream()


@dataclass(slots=True)
class ParrotSlot:
    instructions: str
    due: bool = False  # an answer
    was_loud: bool = False
    inputs: list[TickInput] = field(default_factory=list)


class Parrot:
    """Answers when speech ends, when text is sent and when it is asked to; yields to loud sound."""

    name = "parrot"

    def __init__(self, answer: str = ANSWER) -> None:
        self.answer = answer
        self.slots: list[ParrotSlot] = []

    def open(self, *, seed: int = 0, instructions: str = "") -> ParrotSlot:
        self.slots.append(ParrotSlot(instructions))
        return self.slots[-1]

    def close(self, slot: ParrotSlot) -> None: ...

    def step(self, slot: ParrotSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        slot.inputs.append(tick_input)
        loud = tick_input.heard.level_db > LOUD_DB
        ended, slot.was_loud = slot.was_loud and not loud, loud
        slot.due |= ended or "\n" in tick_input.typed or "response asked" in tick_input.events
        speaks = 0.9 if loud else 0.0
        if tick_input.last_floor is Floor.SPEAK:
            slot.due = slot.due and not ended
            if loud or Floor.SPEAK not in permit.allowed:
                return decision(Floor.YIELD, drop=True, user_speaking=speaks)
            return decision(Floor.SPEAK if tick_input.plan else Floor.LISTEN)
        if slot.due and not loud and Floor.SPEAK in permit.allowed:
            slot.due = False
            return decision(Floor.SPEAK, self.answer)
        return decision(Floor.LISTEN, user_speaking=speaks)

    def snapshot(self, slot: ParrotSlot) -> object:
        raise NotImplementedError

    def restore(self, slot: ParrotSlot, snapshot: object) -> None:
        raise NotImplementedError


def parrot_worker(parrot: Parrot | None = None) -> Worker:
    return Worker(ears=LoudEars(), engine=parrot or Parrot(), voice=FakeVoice(word_ms=200))


def speech(ms: int, rate_hz: int = 24_000) -> Float32:
    """A tone: what the ears here take for speech."""
    return np.asarray(0.3 * np.sin(np.arange(rate_hz * ms // 1000) * 0.1), np.float32)


def silence(ms: int, rate_hz: int = 24_000) -> Float32:
    return np.zeros(rate_hz * ms // 1000, np.float32)

"""A session over fakes in virtual time, for tests written as timelines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hocket.core.clock import VirtualClock
from hocket.engine.fake import Decide, FakeEars, FakeEngine, FakeVoice
from hocket.engine.port import Float32, TickOutput
from hocket.engine.worker import Worker
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import CONSTANT, Conversation, TimedEvent
from hocket.transports.playout import LanePlayer

RATE = 22_050
SILENCE = np.zeros(3_200, np.float32)
LOUD = (0.1 * np.sin(np.arange(3_200))).astype(np.float32)


@dataclass(slots=True)
class Ran:
    lines: list[ScoreTick]
    totals: ScoreTotals
    lane: Float32
    inputs: list[object] = field(default_factory=list)

    @property
    def floors(self) -> str:
        """One letter a tick: l, s, h, y, b."""
        return "".join(line.floor[0] for line in self.lines)

    @property
    def said(self) -> list[str]:
        return [word.word for line in self.lines for word in line.said]

    def events(self, kind: str) -> list[tuple[int, dict[str, object]]]:
        found = [(x.tick, e) for x in self.lines for e in x.events if e.kind == kind]
        return [(tick, dict(event.detail)) for tick, event in found]

    def sounds_in(self, start_s: float, end_s: float) -> bool:
        piece = self.lane[int(start_s * RATE) : int(end_s * RATE)]
        return bool(np.abs(piece).max(initial=0.0) > 1e-4)


def config(**changes: object) -> SessionConfig:
    return SessionConfig(model="fake", voice_rate_hz=RATE, **changes)  # type: ignore[arg-type]


def run(
    decide: Decide | Mapping[int, TickOutput],
    *,
    ticks: int = 20,
    lane: list[Float32] | None = None,
    events: tuple[TimedEvent, ...] = (),
    hears: Mapping[int, tuple[str, ...]] | None = None,
    settings: SessionConfig | None = None,
) -> Ran:
    settings = settings or config(tail_s=0.4)
    pieces: list[Float32] = []
    lines: list[ScoreTick] = []
    worker = Worker(ears=FakeEars(hears or {}), engine=FakeEngine(decide), voice=FakeVoice())
    conversation = Conversation(
        session=Session(settings),
        worker=worker,
        player=LanePlayer(rate_hz=RATE, sink=pieces.append),
        clock=VirtualClock(),
        charge=CONSTANT,
        record=lines.append,
    )
    totals = conversation.run(lane if lane is not None else [SILENCE] * ticks, events)
    return Ran(lines, totals, np.concatenate(pieces))

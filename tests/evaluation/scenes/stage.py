"""A stage for scenes without a synthesiser or an engine: buzzing voices, and agents made by rule."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hocket.core.units import TICK_S
from hocket.data.bank import Bank, BankWriter
from hocket.data.splits import Split
from hocket.evaluation.agent_lane import AgentLane
from hocket.evaluation.people import People
from hocket.evaluation.scenes.scene import Anchor, Around, Move, Scene, Sound
from hocket.evaluation.simulated_user import SimulatedUser
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Kind, Truth, Voices
from tests.data.fake_bank import buzz

Float32 = NDArray[np.float32]
RATE_HZ = 22_050
PEOPLE = People(voices=("flite/kal16@1.0", "espeak-ng/en-us+m1@0.8", "espeak-ng/en-us+f2@1.2"))
# What the agent does in a tick: True speaks. Told the time and what the user sounded like in it.
Agent = Callable[[float, Float32], bool]


def sound(kind: Kind, text: str, **more: object) -> Sound:
    """A sound whose source is its text."""
    return Sound(kind=kind, source=text, text=text, voice="flite/kal16", **more)  # type: ignore[arg-type]


def move(what: Sound, anchor: Anchor, after_s: float) -> Move:
    return Move(sound=what, anchor=anchor, after_s=after_s)


def scene(*moves: Move, **more: object) -> Scene:
    """A scene of a suite of its own."""
    about = {"suite": "trial", "family": "one", "voices": Voices.SYNTHETIC, "split": "test"}
    given = {"id": "trial/one/001", "seed": 7, "around": Around(hiss_db=-80.0), **about, **more}
    return Scene(moves=moves, **given)  # type: ignore[arg-type]


def stocked(folder: Path, sounds: Iterable[Sound]) -> SceneSounds:
    """A bank in which every sound is a buzz of 0.12 s a word, with 0.35 s at commas."""
    with BankWriter(folder) as bank:
        for each in sounds:
            bank.add(
                buzz(each.text.replace("…", ","), each.voice),
                trim=True,
                id=each.source,
                kind=str(each.kind),
                text=each.text,
                voice=each.voice,
                engine=each.voice.split("/")[0],
                split=str(Split.TEST),
                complete=True,
            )
    return SceneSounds(Bank(folder), split="test")


@dataclass(kw_only=True)
class Performance:
    """What came of a scene."""

    truth: Truth
    user_S: Float32  # at 16 kHz
    agent_S: Float32  # at RATE_HZ
    agent_spans: list[tuple[float, float]] = field(default_factory=list)


def perform(what: Scene, sounds: SceneSounds, agent: Agent) -> Performance:
    """Play a scene through. What the agent decides on a tick sounds in the tick after it."""
    loudspeaker: list[Float32] = []
    queued = voice(False)
    lane = AgentLane(rate_hz=RATE_HZ, ahead=lambda end_s: queued)
    user = SimulatedUser(what, sounds=sounds, agent=lane)
    ticks: list[Float32] = []
    for number, samples_S in enumerate(user.ticks()):
        lane.write(queued)
        ticks.append(samples_S)
        queued = voice(agent(number * TICK_S, samples_S))
        loudspeaker.append(queued)
    return Performance(
        truth=user.truth(),
        user_S=np.concatenate(ticks),
        agent_S=lane.samples,
        agent_spans=lane.spans(1000.0),
    )


def voice(speaks: bool) -> Float32:
    """A tick of the agent's lane: a steady tone of -20 dBFS, or silence."""
    n = round(RATE_HZ * TICK_S)
    tone_S = 0.14 * np.sin(2 * np.pi * 220 * np.arange(n) / RATE_HZ)
    return (tone_S if speaks else np.zeros(n)).astype(np.float32)


@dataclass(kw_only=True)
class Talker:
    """Answers what it hears 0.4 s after its end, for ``talk_s``; ``stops`` at any sound."""

    talk_s: float = 4.0
    stops: bool = False
    _heard: bool = False
    _quiet: int = 0
    _left_s: float = 0.0

    def __call__(self, time_s: float, user_S: Float32) -> bool:
        loud = bool(np.sqrt(np.mean(user_S**2)) > 0.01)
        if self._left_s > 0:
            self._left_s -= TICK_S
            if self.stops and loud:
                self._left_s, self._heard, self._quiet = 0.0, True, 0
            return self._left_s > 0
        self._heard |= loud
        self._quiet = 0 if loud else self._quiet + 1
        if self._heard and self._quiet >= 2:
            self._heard, self._quiet, self._left_s = False, 0, self.talk_s
        return self._left_s > 0


def silent(time_s: float, user_S: Float32) -> bool:
    return False


def endless(time_s: float, user_S: Float32) -> bool:
    return time_s > 1.0

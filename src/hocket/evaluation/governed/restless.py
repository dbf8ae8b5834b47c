"""An engine that asks for anything at any time, and ears that hear words out of nothing.

Law: what they do depends on the seed alone, so that a replay meets the same; they respect no permit,
for it is the session that has to. Their probabilities are values that the score keeps exactly.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from hocket.audio.levels import rms_db
from hocket.engine.port import FEATURES_SHAPE, Act, Float32, HeardTick, TickInput, TickOutput
from hocket.protocol.floor import FLOORS, Floor, Permit

TEXTS: Final = (
    "one two three four five six seven eight nine ten.",
    "mhm",
    "Well, there is more to say of this, and then some. And more!",
    "half a sent",
    " ",
    "...",
    "no",
)
HEARD: Final = (("go", "on"), ("stop",), ("please", "stop"), ("stop", "that", "train"), ("mhm",))
ACTS: Final = ("timer", "delegate", "tool", "none of these")
EAGER: Final = (1, 8, 2, 1, 2)  # how often each of FLOORS is asked for
VOICED: Final = (
    0.0,
    0.1,
    0.9,
    1.0,
)  # voice activity: far from the bar, so rounding decides nothing
FEATURES: Final = np.zeros(FEATURES_SHAPE, np.float32)


@dataclass(slots=True)
class RestlessSlot:
    """A die, and the wish that is kept up."""

    die: Random
    floor: Floor = Floor.LISTEN


class RestlessEngine:
    """Rolls a die for the floor, text, drop, act and voice activity of every tick."""

    name = "restless"

    def open(self, *, seed: int = 0, instructions: str = "") -> RestlessSlot:
        """A die of that seed."""
        return RestlessSlot(Random(seed))

    def step(self, slot: RestlessSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        """Anything, allowed or not."""
        die = slot.die
        if die.random() < 0.3:
            (slot.floor,) = die.choices(FLOORS, EAGER)
        sure = die.randrange(len(FLOORS))
        p = tuple(0.6 if i == sure else 0.1 for i in range(len(FLOORS)))
        return TickOutput(
            floor=slot.floor,
            p=p,  # type: ignore[arg-type]
            append=die.choice(TEXTS) if die.random() < 0.4 else "",
            drop=die.random() < 0.05,
            ended=die.random() < 0.7,
            act=Act(kind=die.choice(ACTS), argument="x") if die.random() < 0.03 else None,
            user_ahead=(die.choice(VOICED),) * 4,
        )

    def close(self, slot: RestlessSlot) -> None:
        """Nothing to give back."""

    def snapshot(self, slot: RestlessSlot) -> object:
        """The die as it lies."""
        return slot.die.getstate(), slot.floor

    def restore(self, slot: RestlessSlot, snapshot: object) -> None:
        """The die as it lay."""
        assert isinstance(snapshot, tuple)
        state, slot.floor = snapshot
        slot.die.setstate(state)


@dataclass(slots=True)
class RestlessEarsStream:
    """Now and then words, agreed or open, whatever the sound is."""

    die: Random
    share: float  # of ticks with words

    def step(self, samples_S: Float32) -> HeardTick:
        """The true level and words that nobody said."""
        heard = self.die.choice(HEARD) if self.die.random() < self.share else ()
        open_ = self.die.choice(HEARD) if self.die.random() < self.share else ()
        return HeardTick(
            features=FEATURES, level_db=rms_db(samples_S), heard=heard, tentative=open_
        )

    def snapshot(self) -> object:
        """The die as it lies."""
        return self.die.getstate()

    def restore(self, snapshot: object) -> None:
        """The die as it lay."""
        assert isinstance(snapshot, tuple)
        self.die.setstate(snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestlessEars:
    """Opens streams that hear the same words each time."""

    seed: int
    share: float

    def open(self) -> RestlessEarsStream:
        """A stream at its first tick."""
        return RestlessEarsStream(Random(self.seed), self.share)

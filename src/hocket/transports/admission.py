"""How many live sessions this machine can hold, and the refusal of the next one.

Law: the newest session is refused before an old one suffers. The limit comes from what a busy tick
costs here: all sessions share one model thread, so a tick is in time when its own dear stages (p95) and
one ordinary tick (median) of each other session fit into 200 ms less ``MARGIN``. That all are at their
p95 at once is rare, and is then a counted deadline miss. One session is always admitted: whoever has a
slow machine may try, and sees the misses counted.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.errors import Overloaded
from hocket.core.units import TICK_MS

MARGIN: Final = 0.15  # for the event loop, other programs and garbage: p99 / p95 is 1.1-1.3 here
BLOCK_TICKS: Final = 50  # busy ticks behind one live estimate: 10 s of one busy session
BLOCK_WEIGHT: Final = (
    0.2  # of a new block: a browser that starts beside us is believed after a minute
)
MOST: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TickCost:
    """What a busy tick costs, all three stages, in ms."""

    median_ms: float
    p95_ms: float

    @classmethod
    def of(cls, ticks_ms: list[float]) -> "TickCost":
        """The cost of measured ticks (one at least)."""
        median, p95 = np.percentile(ticks_ms, [50, 95])
        return cls(median_ms=float(median), p95_ms=float(p95))

    def sessions(self, margin: float = MARGIN) -> int:
        """How many fit, 1 at least."""
        left_ms = TICK_MS * (1 - margin) - self.p95_ms
        more = left_ms / max(self.median_ms, 0.1)
        return max(1, min(MOST, 1 + int(max(0.0, more))))


class Admission:
    """Counts who is in and says who may come."""

    def __init__(self, cost: TickCost, *, fixed: int | None = None) -> None:
        """``fixed`` overrides what is measured."""
        self.cost = cost
        self.running = 0
        self._fixed = fixed
        self._block_ms: list[float] = []

    @property
    def limit(self) -> int:
        """Sessions that may run at once, as measured now."""
        return self._fixed if self._fixed is not None else self.cost.sessions()

    def enter(self) -> None:
        """Take a seat.

        Raises:
            Overloaded: none is free; says why in one line.
        """
        if self.running >= self.limit:
            raise Overloaded(self._why())
        self.running += 1

    def leave(self) -> None:
        """Give a seat back."""
        self.running -= 1

    def observe(self, compute_ms: float) -> None:
        """A busy tick of a live session cost this much."""
        self._block_ms.append(compute_ms)
        if len(self._block_ms) < BLOCK_TICKS:
            return
        new, old = TickCost.of(self._block_ms), self.cost
        self._block_ms = []
        self.cost = TickCost(
            median_ms=old.median_ms + BLOCK_WEIGHT * (new.median_ms - old.median_ms),
            p95_ms=old.p95_ms + BLOCK_WEIGHT * (new.p95_ms - old.p95_ms),
        )

    def _why(self) -> str:
        sessions = f"{self.running} session{'s' if self.running != 1 else ''}"
        if self._fixed is not None:
            return f"expected room under --sessions {self._fixed}, got {sessions} running"
        return (
            f"expected head-room for one more session, got {sessions} running: a busy tick costs "
            f"{self.cost.median_ms:.0f} ms here (p95 {self.cost.p95_ms:.0f}), and all must fit in "
            f"{TICK_MS * (1 - MARGIN):.0f} of {TICK_MS} ms"
        )

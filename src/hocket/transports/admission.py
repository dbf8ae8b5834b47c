"""How many live sessions this machine can hold, and the refusal of the next one.

Law: the newest session is refused before an old one suffers. The limit comes from what a busy tick
costs here with all model threads at work: a tick is in time when its own dear stages (p95) and one
ordinary tick (median) of each other session of its thread fit into 200 ms less ``MARGIN``. That all are
at their p95 at once is rare, and is then a counted deadline miss. One session is always admitted: whoever
has a slow machine may try, and sees the misses counted.
"""

from dataclasses import dataclass, replace
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
    """What a busy tick costs, all three stages, in ms, with every thread at work.

    ``crowding``: how much dearer that is than with the machine to itself.
    """

    median_ms: float
    p95_ms: float
    crowding: float = 1.0

    @classmethod
    def of(cls, ticks_ms: list[float], alone_ms: list[float] | None = None) -> "TickCost":
        """The cost of measured ticks (one at least)."""
        median_ms, p95_ms = (float(ms) for ms in np.percentile(ticks_ms, [50, 95]))
        crowding = max(1.0, median_ms / float(np.median(alone_ms))) if alone_ms else 1.0
        return cls(median_ms=median_ms, p95_ms=p95_ms, crowding=crowding)

    def sessions(self, threads: int = 1, margin: float = MARGIN) -> int:
        """How many fit on so many threads, 1 at least."""
        left_ms = TICK_MS * (1 - margin) - self.p95_ms
        if left_ms < 0:
            return 1
        return min(MOST, threads * (1 + int(left_ms / max(self.median_ms, 0.1))))


class Admission:
    """Counts who is in and says who may come."""

    def __init__(self, cost: TickCost, *, threads: int = 1, fixed: int | None = None) -> None:
        """``cost`` with ``threads`` at work at once; ``fixed`` overrides what is measured."""
        self.cost = cost
        self.running = 0
        self._threads = threads
        self._fixed = fixed
        self._block_ms: list[float] = []

    @property
    def limit(self) -> int:
        """Sessions that may run at once, as measured now."""
        return self._fixed if self._fixed is not None else self.cost.sessions(self._threads)

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
        spare = self.running < self._threads
        self._block_ms.append(compute_ms * self.cost.crowding if spare else compute_ms)
        if len(self._block_ms) < BLOCK_TICKS:
            return
        new, old = TickCost.of(self._block_ms), self.cost
        self._block_ms = []
        self.cost = replace(
            old,
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

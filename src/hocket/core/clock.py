"""Where time comes from. Law: only shells hold a clock; everything below takes ``now``."""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since an arbitrary zero that never goes back."""

    def now(self) -> float:
        """The present, in seconds."""
        ...


class RealClock:
    """The machine's monotonic clock, started at zero."""

    def __init__(self) -> None:
        self._zero = time.monotonic()

    def now(self) -> float:
        """Seconds since this clock was made."""
        return time.monotonic() - self._zero


class VirtualClock:
    """Time that moves only when told to."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now = start_s

    def now(self) -> float:
        """The present, in virtual seconds."""
        return self._now

    def advance_to(self, when_s: float) -> None:
        """Move forward to ``when_s``; moving back is a bug and raises ValueError."""
        if when_s < self._now:
            raise ValueError(f"expected a time >= {self._now}, got {when_s}")
        self._now = when_s

"""When a position of our stream sounded, or will: an estimate from sends and reports.

Law: time never runs back along the stream, and a report overrules every guess. Between known points
the stream plays at its own rate; a piece never sounds before it was sent; dropped sound takes no
time.
"""

from bisect import bisect_left, bisect_right
from typing import Final

KEPT_POINTS: Final = 256  # about 25 s of one send and one report a tick; older times extrapolate


class PlayTimeline:
    """Known points (position in samples, session time in s), in order of both."""

    def __init__(self, *, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._positions: list[int] = []
        self._times_s: list[float] = []

    def sent(self, position: int, *, at: float) -> None:
        """A piece that begins at ``position`` was sent: it plays after what is queued before it."""
        queue_ends_s = self.end_s(position)
        if queue_ends_s is None or queue_ends_s < at:
            self._append(position, at)

    def played(self, position: int, *, at: float) -> None:
        """``position`` was reached at ``at``; later points that contradict it are dropped."""
        cut = bisect_left(self._positions, position)
        later = list(zip(self._positions[cut:], self._times_s[cut:], strict=True))
        del self._positions[cut:], self._times_s[cut:]
        at = max(at, self._times_s[-1]) if self._times_s else at
        self._append(position, at)
        for later_position, later_at in later:
            if later_at > at + (later_position - position) / self._rate_hz:
                self._append(later_position, later_at)

    def stopped(self, position: int, sent: int, *, at: float) -> None:
        """[position, sent) was dropped at ``at``: what is sent next follows at once."""
        cut = bisect_right(self._positions, position)
        del self._positions[cut:], self._times_s[cut:]
        reached_s = self.end_s(position)
        at = at if reached_s is None else min(at, reached_s)
        self._append(position, at)
        self._append(sent, at)

    def end_s(self, position: int) -> float | None:
        """Session time in s at which the sample before ``position`` has sounded."""
        return self._between(bisect_left(self._positions, position), position)

    def start_s(self, position: int) -> float | None:
        """Session time in s at which the sample at ``position`` begins, after any pause there."""
        return self._between(bisect_right(self._positions, position), position)

    def position_at(self, at: float) -> int:
        """The position being played at session time ``at``; 0 before anything is known."""
        after = bisect_right(self._times_s, at)
        if after == 0:
            return self._positions[0] if self._positions else 0
        since_s = at - self._times_s[after - 1]
        guess = self._positions[after - 1] + int(since_s * self._rate_hz + 1e-6)
        return guess if after == len(self._positions) else min(guess, self._positions[after])

    def _between(self, after: int, position: int) -> float | None:
        if not self._positions:
            return None
        if after == 0:
            return self._times_s[0] - (self._positions[0] - position) / self._rate_hz
        before = after - 1
        guess_s = self._times_s[before] + (position - self._positions[before]) / self._rate_hz
        return guess_s if after == len(self._positions) else min(guess_s, self._times_s[after])

    def _append(self, position: int, at: float) -> None:
        self._positions.append(position)
        self._times_s.append(at)
        del self._positions[:-KEPT_POINTS], self._times_s[:-KEPT_POINTS]

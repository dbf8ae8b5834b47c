"""What a client that sends no playback reports is taken to have played.

Law: sound plays at its own rate from when it was sent, ``LAG_S`` late; what a client says (a
truncation) overrules that, except for what was reported as played before. After a cut the session waits
``WAIT_S`` for the client's word, then the assumption counts.
"""

from typing import Final

from hocket.audio.playtime import PlayTimeline

# Clients buffer 50-200 ms before the loudspeaker; words that were not surely heard are said anew, which
# is the smaller fault than to take unheard words for heard.
LAG_S: Final = 0.2
WAIT_S: Final = 0.3  # a client that truncates does so one round trip after speech_started


class AssumedPlayback:
    """One connection's loudspeaker, as far as one can know. Positions are absolute samples."""

    def __init__(self, *, rate_hz: int) -> None:
        self._timeline = PlayTimeline(rate_hz=rate_hz)
        self._reported = 0
        self._sent = 0
        self._gap_end = 0  # what lies below was played or dropped
        self._cut: tuple[int, float] | None = None  # assumed position, and when it counts

    @property
    def waits(self) -> bool:
        """Whether a cut is open: the client may still say where it stopped."""
        return self._cut is not None

    def sent(self, position: int, n_samples: int, *, at_s: float) -> None:
        """A piece went out that is expected to sound from ``at_s`` on."""
        self._timeline.sent(position, at=at_s)
        self._sent = position + n_samples

    @property
    def in_flight(self) -> bool:
        """Whether something sent may still be playing, by what was reported."""
        return self._cut is None and max(self._reported, self._gap_end) < self._sent

    def report(self, now: float) -> int | None:
        """The position to report, if it moved."""
        position = self._position(now)
        if self._cut is not None or position <= self._reported or position <= self._gap_end:
            return None
        self._reported = position
        return position

    def cut(self, now: float) -> None:
        """What is in flight is to be dropped by the client."""
        if self._cut is None:
            self._cut = (max(self._reported, self._position(now)), now + WAIT_S)

    def overdue(self, now: float) -> int | None:
        """The assumed position of a cut on which the client said nothing."""
        if self._cut is None or now < self._cut[1]:
            return None
        return self.settle(self._cut[0], now)

    def settle(self, position: int, now: float) -> int:
        """The client stopped at ``position``; returns what the session is told."""
        position = min(max(position, self._reported), self._sent)
        if self._sent > self._gap_end:
            self._timeline.stopped(max(position, self._gap_end), self._sent, at=now)
        self._cut, self._gap_end = None, self._sent
        self._reported = max(self._reported, position)
        return position

    def _position(self, now: float) -> int:
        if self._gap_end == self._sent:
            return self._reported
        return min(self._timeline.position_at(now - LAG_S), self._sent)

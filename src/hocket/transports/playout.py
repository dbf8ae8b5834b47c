"""A loudspeaker made of samples: places the agent's sound on a lane that is in step with the user's.

Law: sample 0 is session time 0; a piece starts when it arrives or when the one before it ends, whichever
is later; what was cut is faded and never heard. Answers playback questions as a real client would.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hocket.audio.fades import fade_out
from hocket.engine.port import Float32

Sink = Callable[[Float32], None]


@dataclass(slots=True)
class _Piece:
    at: int  # sample of the lane
    position: int  # of the agent's stream
    samples: Float32

    @property
    def end(self) -> int:
        return self.at + len(self.samples)


class LanePlayer:
    """Plays into ``sink``, which gets the lane in order, without holes."""

    def __init__(self, *, rate_hz: int, sink: Sink) -> None:
        self._rate_hz, self._sink = rate_hz, sink
        self._pieces: deque[_Piece] = deque()
        self._written = 0
        self._position = 0

    def play(self, samples: Float32, *, position: int, now: float) -> None:
        """Queue a piece."""
        queued = self._pieces[-1].end if self._pieces else 0
        at = max(queued, self._sample(now))
        self._pieces.append(_Piece(at, position, samples))

    def stop(self, *, now: float, fade_ms: int) -> int:
        """Fade out from ``now`` on; returns the stream position at which the sound ended."""
        end = self._sample(now) + self._rate_hz * fade_ms // 1000
        kept: deque[_Piece] = deque()
        for piece in self._pieces:
            if piece.at < self._sample(now):
                piece.samples = piece.samples[: max(0, end - piece.at)].copy()
                n = min(len(piece.samples), piece.end - self._sample(now))
                if n > 0:
                    piece.samples = fade_out(piece.samples, n)
                kept.append(piece)
                self._position = piece.position + len(piece.samples)
        self._pieces = kept
        return self._position

    def played(self, *, now: float) -> int:
        """Stream position played by ``now``."""
        sample = self._sample(now)
        for piece in self._pieces:
            if piece.at < sample:
                self._position = piece.position + min(len(piece.samples), sample - piece.at)
        return self._position

    def write_until(self, now: float) -> None:
        """Hand the lane up to ``now`` to the sink."""
        self.played(now=now)
        until = self._sample(now)
        if until <= self._written:
            return
        lane = np.zeros(until - self._written, np.float32)
        for piece in self._pieces:
            a, b = max(piece.at, self._written), min(piece.end, until)
            if a < b:
                lane[a - self._written : b - self._written] = piece.samples[
                    a - piece.at : b - piece.at
                ]
        while self._pieces and self._pieces[0].end <= until:
            self._pieces.popleft()
        self._written = until
        self._sink(lane)

    def _sample(self, now: float) -> int:
        return round(now * self._rate_hz)

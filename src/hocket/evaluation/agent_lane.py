"""The agent's lane as it comes about: what a simulated user hears of the agent.

Law: nothing is heard before it sounds. ``spans`` up to a time rest on samples before that time only;
``piece`` gives what the loudspeaker plays next only to the echo, whose sound it is.
Source: docs/bench-scenes.md.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.audio.resample import resample
from hocket.core.errors import SessionMisuse
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32
from hocket.transports.playout import LanePlayer

Seconds: TypeAlias = tuple[float, float]
Ahead: TypeAlias = Callable[[float], Float32]

FRAME_MS: Final = 20
BRIDGED_FRAMES: Final = 10  # a silence below 200 ms is part of the speech around it
SHORTEST_FRAMES: Final = 2
AUDIBLE: Final = 10 ** (-45 / 20)  # the agent's lane is clean: speech lies near -23 dBFS
SOUNDING_S: Final = 0.1  # since the last audible frame: still speaking
_MARGIN_S: Final = 0.02  # around a resampled piece, whole samples at every rate


class AgentLane:
    """Grows by ``write`` (a ``LanePlayer``'s sink); answers who spoke when, and with what."""

    def __init__(self, *, rate_hz: int, ahead: Ahead | None = None) -> None:
        """``ahead`` gives what is queued from the written end up to a time, as far as it goes.

        Raises:
            ValueError: 20 ms are no whole number of samples at that rate.
        """
        self._frame, rest = divmod(rate_hz * FRAME_MS, 1000)
        if rest:
            raise ValueError(f"expected whole samples in {FRAME_MS} ms, got {rate_hz} Hz")
        self.rate_hz = rate_hz
        self._ahead = ahead
        self._lane_S = np.zeros(rate_hz * 30, np.float32)
        self._n = 0
        self._loud_F: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def write(self, samples_S: Float32) -> None:
        """Append the next samples of the lane."""
        behind = self._n + len(samples_S)
        if behind > len(self._lane_S):
            self._lane_S = np.resize(self._lane_S, 2 * behind)
        self._lane_S[self._n : behind] = samples_S
        self._n = behind
        done, whole = len(self._loud_F), behind // self._frame
        frames_FS = self._lane_S[done * self._frame : whole * self._frame].reshape(-1, self._frame)
        loud_F = np.sqrt(np.mean(np.square(frames_FS), axis=1)) >= AUDIBLE
        self._loud_F = np.concatenate([self._loud_F, loud_F])

    @property
    def samples(self) -> Float32:
        """All of it so far, float32 [S] at ``rate_hz``."""
        return self._lane_S[: self._n].copy()

    def spans(self, until_s: float) -> list[Seconds]:
        """When the agent spoke before ``until_s``, in seconds. The last one may still go on."""
        loud_F = self._loud_F[: int(until_s * 1000 + 1e-6) // FRAME_MS]
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud_F.astype(np.int8), [0]])))
        joined: list[tuple[int, int]] = []
        for first, behind in edges.reshape(-1, 2):
            if joined and first - joined[-1][1] < BRIDGED_FRAMES:
                joined[-1] = (joined[-1][0], int(behind))
            else:
                joined.append((int(first), int(behind)))
        long = [run for run in joined if run[1] - run[0] >= SHORTEST_FRAMES]
        return [(self._onset_s(first), behind * FRAME_MS / 1000) for first, behind in long]

    def piece(self, start_s: float, end_s: float) -> Float32:
        """The lane between two times (whole 20 ms) at 16 kHz: float32 [(end - start) * 16000].

        Raises:
            SessionMisuse: the lane is not known so far.
        """
        first, behind = (round(t * self.rate_hz) for t in (start_s - _MARGIN_S, end_s + _MARGIN_S))
        known_S = self._lane_S[: self._n]
        if behind > self._n and self._ahead is not None:
            known_S = np.concatenate([known_S, self._ahead(behind / self.rate_hz)])
        if round(end_s * self.rate_hz) > len(known_S):
            known_s = len(known_S) / self.rate_hz
            raise SessionMisuse(f"expected the agent's lane up to {end_s} s, got {known_s} s")
        wide_S = np.zeros(behind - first, np.float32)  # silence before the session, and unknown yet
        there_S = known_S[max(first, 0) : max(behind, 0)]
        wide_S[max(-first, 0) : max(-first, 0) + len(there_S)] = there_S
        at_16k_S = resample(wide_S, self.rate_hz, USER_RATE_HZ)
        skip = round(_MARGIN_S * USER_RATE_HZ)
        return at_16k_S[skip : skip + round((end_s - start_s) * USER_RATE_HZ)]

    def _onset_s(self, frame: int) -> float:
        """The first audible sample of a frame or of the one before."""
        first = max(frame - 1, 0) * self._frame
        piece_S = np.abs(self._lane_S[first : (frame + 1) * self._frame])
        return (first + int(np.argmax(piece_S >= AUDIBLE))) / self.rate_hz


class EchoingPlayer(LanePlayer):
    """A loudspeaker whose ``lane`` a simulated user hears; it also tells what it is about to play."""

    def __init__(self, *, rate_hz: int) -> None:
        self.lane = AgentLane(rate_hz=rate_hz, ahead=self.ahead)
        super().__init__(rate_hz=rate_hz, sink=self.lane.write)

    def ahead(self, end_s: float) -> Float32:
        """What is queued from the written end up to ``end_s``; silence where nothing is."""
        lane_S = np.zeros(max(self._sample(end_s) - self._written, 0), np.float32)
        for piece in self._pieces:
            a, b = max(piece.at, self._written), min(piece.end, self._written + len(lane_S))
            if a < b:
                lane_S[a - self._written : b - self._written] = piece.samples[
                    a - piece.at : b - piece.at
                ]
        return lane_S

"""What a bad connection makes of the user's lane: a telephone's band, lost pieces, late ones.

Law: whole ticks in and out, and for every moment that went in it is known when it came out, so truth
can be told in the time of the lane. What comes late is caught up with in the user's next silence.
Source: metrics.md; G.711 by audio/mulaw.py.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio import mulaw
from hocket.audio.resample import StreamResampler
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.spans import Float32
from hocket.evaluation.scenes.scene import Around

PIECE: Final = USER_RATE_HZ // 50  # 20 ms
PIECES: Final = TICK_USER_SAMPLES // PIECE
LATE_PIECES: Final = (3, 16)  # 60 to 300 ms
TELEPHONE_HZ: Final = 8_000


class Connection:
    """One scene's way from the microphone to the engine."""

    def __init__(self, around: Around, *, seed: int) -> None:
        self._rng = np.random.default_rng((seed, 21))
        self._around = around
        self._waiting: deque[tuple[Float32, bool]] = deque()
        self._held = 0  # pieces of silence still to come before the next one
        self._in: list[int] = []  # of every piece sent, the place at which it came out
        self._n_out = 0
        self._line = _Telephone() if around.telephone else None

    def carry(self, samples_S: Float32, loud_P: NDArray[np.bool_]) -> Float32:
        """Float32 [3200] in and out; ``loud_P`` [10] says in which pieces the user is heard."""
        pieces_PS = samples_S.reshape(PIECES, PIECE)
        self._waiting.extend(zip(pieces_PS, loud_P.tolist(), strict=True))
        out_PS = np.stack([self._next() for _ in range(PIECES)])
        lost_P = self._rng.random(PIECES) < self._around.lost_share
        out_S = np.where(lost_P[:, None], np.float32(0), out_PS).reshape(-1)
        return self._line.carry(out_S) if self._line is not None else out_S

    def arrived_s(self, sent_s: float) -> float:
        """When the engine got what left the mouth at ``sent_s``."""
        delay_s = _Telephone.DELAY / USER_RATE_HZ if self._line is not None else 0.0
        piece, rest = divmod(round(sent_s * USER_RATE_HZ), PIECE)
        ahead = piece - len(self._in) + 1
        out = self._in[piece] if ahead <= 0 else self._n_out - 1 + ahead
        return (out * PIECE + rest) / USER_RATE_HZ + delay_s

    def _next(self) -> Float32:
        """The piece that comes out next."""
        share = self._around.late_a_minute * PIECE / USER_RATE_HZ / 60
        if not self._held and share and self._rng.random() < share:
            self._held = int(self._rng.integers(*LATE_PIECES))
        at, self._n_out = self._n_out, self._n_out + 1
        if self._held:
            self._held -= 1
            return np.zeros(PIECE, np.float32)
        piece_S, loud = self._waiting.popleft()
        while not loud and len(self._in) < at and self._waiting:
            self._in.append(at)
            piece_S, loud = self._waiting.popleft()
        self._in.append(at)
        return piece_S


class _Telephone:
    """8 kHz and 8 bits, there and back."""

    DELAY: Final = PIECE  # the two resamplers hold back 10 ms between them

    def __init__(self) -> None:
        self._down = StreamResampler(USER_RATE_HZ, TELEPHONE_HZ)
        self._up = StreamResampler(TELEPHONE_HZ, USER_RATE_HZ)
        self._ready_S = np.zeros(self.DELAY, np.float32)

    def carry(self, samples_S: Float32) -> Float32:
        narrow_S = mulaw.decode(mulaw.encode(self._down.push(samples_S)))
        self._ready_S = np.concatenate([self._ready_S, self._up.push(narrow_S)])
        out_S, self._ready_S = np.split(self._ready_S, [TICK_USER_SAMPLES])
        return out_S

"""The line between the user's microphone and the ears: its converter, a codec, a network.

Law: whole ticks in and out; what comes out of a tick depends on nothing behind that tick's end. Codecs
hold back 20 ms. When late pieces come, and when they are caught up with, the script says.
Source: docs/data.md; G.711 by audio/mulaw.py, Opus (RFC 6716) by libopus.
"""

from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hocket.audio import mulaw
from hocket.audio.levels import from_db
from hocket.audio.resample import StreamResampler
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.script import Codec, Late, Surroundings
from hocket.data.spans import Float32

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext

PIECE_SAMPLES: Final = USER_RATE_HZ // 50  # what a lossy connection loses
CODEC_DELAY_SAMPLES: Final = PIECE_SAMPLES  # more than resamplers and Opus's look-ahead hold back
TELEPHONE_HZ: Final = 8_000
OPUS_HZ: Final = 48_000  # at which its decoder gives sound
OPUS_BITS_S: Final = 16_000


class _Carrier(Protocol):
    def carry(self, samples_S: Float32) -> Float32:
        """Float32 [3200] in and out."""
        ...


class Line:
    """One session's line."""

    def __init__(self, around: Surroundings, n_samples: int, *, seed: int) -> None:
        self._gain = np.float32(from_db(around.gain_db))
        self._ceiling = np.float32(from_db(around.ceiling_db))
        self._codec = _CODECS[around.codec]()
        self._sent_S = np.zeros(n_samples, np.float32)
        self._source_S = sources(around.late, n_samples) if around.late else None
        self._arrives_S = _arrives(around.lost_share, n_samples, seed)

    def carry(self, tick: int, samples_S: Float32) -> Float32:
        """Float32 [3200] of a tick: what was sound at the microphone, as it arrives."""
        here = slice(tick * TICK_USER_SAMPLES, (tick + 1) * TICK_USER_SAMPLES)
        taken_S = np.clip(samples_S, -self._ceiling, self._ceiling) * self._gain
        self._sent_S[here] = self._codec.carry(np.clip(taken_S, -1, 1))
        if self._source_S is None:
            arrived_S = self._sent_S[here]
        else:
            source_S = self._source_S[here]
            arrived_S = np.where(source_S < 0, np.float32(0), self._sent_S[source_S])
        return np.asarray(arrived_S * self._arrives_S[here], np.float32)


def sources(late: tuple[Late, ...], n_samples: int) -> NDArray[np.int64]:
    """Which sample that was sent arrives at each moment, [n_samples]; -1: none does."""
    source_S = np.arange(n_samples)
    for each in late:
        source_S[each.at : each.at + each.n_samples] = -1
        later_S = source_S[each.at + each.n_samples : each.caught_up + each.n_samples]
        later_S[:] = np.arange(each.at, each.at + len(later_S))
    return source_S


def _arrives(lost_share: float, n_samples: int, seed: int) -> Float32:
    """1 where a sample arrives, 0 in lost pieces of 20 ms, float32 [n_samples]."""
    rng = np.random.default_rng((seed, 3))
    arrives = rng.random(-(-n_samples // PIECE_SAMPLES)) >= lost_share
    return np.repeat(arrives.astype(np.float32), PIECE_SAMPLES)[:n_samples]


class _Plain:
    """No codec."""

    def carry(self, samples_S: Float32) -> Float32:
        return samples_S


class _HeldBack:
    """A codec whose output comes in its own portions, handed out in whole ticks."""

    def __init__(self) -> None:
        self._ready_S = np.zeros(CODEC_DELAY_SAMPLES, np.float32)

    def carry(self, samples_S: Float32) -> Float32:
        self._ready_S = np.concatenate([self._ready_S, self.coded(samples_S)])
        out_S, self._ready_S = np.split(self._ready_S, [TICK_USER_SAMPLES])
        return out_S

    def coded(self, samples_S: Float32) -> Float32:
        """There and back, as far as it is ready."""
        raise NotImplementedError


class _Telephone(_HeldBack):
    """8 kHz and 8 bits."""

    def __init__(self) -> None:
        super().__init__()
        self._down = StreamResampler(USER_RATE_HZ, TELEPHONE_HZ)
        self._up = StreamResampler(TELEPHONE_HZ, USER_RATE_HZ)

    def coded(self, samples_S: Float32) -> Float32:
        return self._up.push(mulaw.decode(mulaw.encode(self._down.push(samples_S))))


class _Opus(_HeldBack):
    """What browsers' calls send: 16 kbit/s, packets of 20 ms."""

    def __init__(self) -> None:
        super().__init__()
        self._encoder, self._decoder = _opus("w"), _opus("r")
        self._encoder.options = {"application": "voip", "frame_duration": "20"}
        self._encoder.bit_rate = OPUS_BITS_S
        self._down = StreamResampler(OPUS_HZ, USER_RATE_HZ)
        self._n_in = 0

    def coded(self, samples_S: Float32) -> Float32:
        from av import AudioFrame

        parts: list[Float32] = []
        for piece_S in samples_S.reshape(-1, PIECE_SAMPLES):
            frame = AudioFrame.from_ndarray(piece_S[None], format="flt", layout="mono")
            frame.sample_rate, frame.pts = USER_RATE_HZ, self._n_in
            self._n_in += PIECE_SAMPLES
            for packet in self._encoder.encode(frame):
                parts += [decoded.to_ndarray()[0] for decoded in self._decoder.decode(packet)]
        return self._down.push(np.concatenate(parts).astype(np.float32) / np.float32(1 << 15))


def _opus(mode: Literal["r", "w"]) -> "AudioCodecContext":
    # Only sessions that go through Opus need av.
    from av.audio.codeccontext import AudioCodecContext

    codec: AudioCodecContext = AudioCodecContext.create("libopus", mode)
    codec.sample_rate, codec.layout, codec.format = USER_RATE_HZ, "mono", "flt"
    return codec


_CODECS: Final[dict[Codec, type[_Carrier]]] = {
    Codec.NONE: _Plain,
    Codec.TELEPHONE: _Telephone,
    Codec.OPUS: _Opus,
}

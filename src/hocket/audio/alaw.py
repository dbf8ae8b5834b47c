"""G.711 A-law, the other sound of telephone lines: 8 bits a sample, at 8 kHz.

Law: decoding is the table of ITU-T G.711; encoding takes the code whose interval holds the sample
(13-bit magnitude, one's complement for negative samples, as in ITU-T G.191).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.pcm import from_int16, to_int16

_TOGGLED: Final = 0x55  # every other bit travels inverted


def _decode_table() -> NDArray[np.int16]:
    code_C = np.arange(256) ^ _TOGGLED
    segment_C, step_C = (code_C >> 4) & 7, code_C & 15
    linear_C = (step_C << 4) + 8  # the middle of the interval
    curved_C = (linear_C + 0x100) << np.maximum(segment_C - 1, 0)
    magnitude_C = np.where(segment_C == 0, linear_C, curved_C)
    return np.where(code_C & 0x80, magnitude_C, -magnitude_C).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    pcm_V = np.arange(-32_768, 32_768)
    magnitude_V = np.where(pcm_V < 0, ~pcm_V, pcm_V) >> 4
    segment_V = np.maximum(np.floor(np.log2(np.maximum(magnitude_V, 1))).astype(int) - 3, 0)
    step_V = (magnitude_V >> np.maximum(segment_V - 1, 0)) & 15
    code_V = (segment_V << 4 | step_V | np.where(pcm_V < 0, 0, 0x80)) ^ _TOGGLED
    return np.asarray(np.roll(code_V, 32_768), np.uint8)


_DECODED: Final = _decode_table()  # [256]
_ENCODED: Final = _encode_table()  # [65536], by the sample's 16 bits


def encode(samples_S: NDArray[np.float32]) -> bytes:
    """Float samples [S] as S bytes of A-law."""
    return _ENCODED[to_int16(samples_S).view(np.uint16)].tobytes()


def decode(data: bytes) -> NDArray[np.float32]:
    """Bytes of A-law as float samples [S]."""
    return from_int16(_DECODED[np.frombuffer(data, np.uint8)])

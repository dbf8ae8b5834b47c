"""G.711 mu-law, the sound of telephone lines: 8 bits a sample, at 8 kHz.

Law: decoding is the table of ITU-T G.711; encoding takes the code whose interval holds the sample
(14-bit magnitude, one's complement for negative samples, as in ITU-T G.191).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.pcm import from_int16, to_int16

_BIAS: Final = 33  # in 14-bit units: puts the segment edges at powers of two
_CLIP: Final = 0x1FFF


def _decode_table() -> NDArray[np.int16]:
    code_C = ~np.arange(256) & 0xFF  # codes travel inverted
    segment_C, step_C = (code_C >> 4) & 7, code_C & 15
    magnitude_C = (((2 * step_C + _BIAS) << segment_C) - _BIAS) * 4
    return np.where(code_C & 0x80, -magnitude_C, magnitude_C).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    pcm_V = np.arange(-32_768, 32_768)
    magnitude_V = np.minimum((np.where(pcm_V < 0, ~pcm_V, pcm_V) >> 2) + _BIAS, _CLIP)
    segment_V = np.floor(np.log2(magnitude_V)).astype(int) - 5
    code_V = (segment_V << 4) | ((magnitude_V >> (segment_V + 1)) & 15)
    inverted_V = ~(code_V | np.where(pcm_V < 0, 0x80, 0)) & 0xFF
    return np.asarray(np.roll(inverted_V, 32_768), np.uint8)


_DECODED: Final = _decode_table()  # [256]
_ENCODED: Final = _encode_table()  # [65536], by the sample's 16 bits


def encode(samples_S: NDArray[np.float32]) -> bytes:
    """Float samples [S] as S bytes of mu-law."""
    return _ENCODED[to_int16(samples_S).view(np.uint16)].tobytes()


def decode(data: bytes) -> NDArray[np.float32]:
    """Bytes of mu-law as float samples [S]."""
    return from_int16(_DECODED[np.frombuffer(data, np.uint8)])

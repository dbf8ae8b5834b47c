import warnings

import numpy as np
import pytest

from hocket.audio import alaw
from hocket.audio.pcm import from_int16, to_int16

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    audioop = pytest.importorskip("audioop")

CODES = bytes(range(256))
PCM = np.arange(-32_768, 32_768).astype(np.int16)


def test_known_codes_of_g711() -> None:
    decoded = to_int16(alaw.decode(b"\xd5\x55\xaa\x2a\xd4"))
    assert decoded.tolist() == [8, -8, 32_256, -32_256, 24]


def test_decoding_equals_an_independent_codec() -> None:
    assert to_int16(alaw.decode(CODES)).astype("<i2").tobytes() == audioop.alaw2lin(CODES, 2)


def test_encoding_equals_an_independent_codec() -> None:
    assert alaw.encode(from_int16(PCM)) == audioop.lin2alaw(PCM.astype("<i2").tobytes(), 2)


def test_every_code_survives_the_round_trip() -> None:
    assert alaw.encode(alaw.decode(CODES)) == CODES


def test_encoding_is_monotone() -> None:
    back = to_int16(alaw.decode(alaw.encode(from_int16(PCM)))).astype(int)
    assert (np.diff(back) >= 0).all()

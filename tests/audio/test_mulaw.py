import warnings

import numpy as np
import pytest

from hocket.audio import mulaw
from hocket.audio.pcm import from_int16, to_int16

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    audioop = pytest.importorskip("audioop")

CODES = bytes(range(256))
PCM = np.arange(-32_768, 32_768).astype(np.int16)


def test_known_codes_of_g711() -> None:
    decoded = to_int16(mulaw.decode(b"\xff\x7f\x80\x00\xf0"))
    assert decoded.tolist() == [0, 0, 32_124, -32_124, 120]


def test_decoding_equals_an_independent_codec() -> None:
    assert to_int16(mulaw.decode(CODES)).astype("<i2").tobytes() == audioop.ulaw2lin(CODES, 2)


def test_every_code_survives_the_round_trip_but_negative_zero() -> None:
    again = mulaw.encode(mulaw.decode(CODES))
    assert [c for c in range(256) if again[c] != c] == [0x7F]


def test_encoding_is_within_one_step_of_an_independent_codec() -> None:
    ours = np.frombuffer(mulaw.encode(from_int16(PCM)), np.uint8).astype(int)
    theirs = np.frombuffer(audioop.lin2ulaw(PCM.astype("<i2").tobytes(), 2), np.uint8).astype(int)
    assert (ours[PCM >= 0] == theirs[PCM >= 0]).all()
    assert np.mean(ours != theirs) < 0.01  # they round negative samples the other way
    assert np.abs((ours & 0x7F) - (theirs & 0x7F)).max() <= 1


def test_encoding_is_monotone_and_as_fine_as_its_segments() -> None:
    back = to_int16(mulaw.decode(mulaw.encode(from_int16(PCM)))).astype(int)
    assert (np.diff(back) >= 0).all()
    inside = np.abs(PCM.astype(int)) < 32_124
    error = np.abs(back - PCM)[inside]
    assert (error <= 4 + (np.abs(PCM[inside].astype(int)) + 132) / 32).all()

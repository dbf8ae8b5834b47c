import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.audio import pcm
from hocket.core.errors import ProtocolViolation


def test_every_16_bit_value_survives_the_round_trip() -> None:
    values = np.arange(-32_768, 32_768).astype(np.int16)
    np.testing.assert_array_equal(pcm.to_int16(pcm.from_int16(values)), values)


@given(st.lists(st.floats(width=32), max_size=50))
def test_any_float_becomes_valid_pcm(values: list[float]) -> None:
    samples = np.array(values, np.float32)
    back = pcm.from_bytes(pcm.to_bytes(samples))
    wanted = np.clip(np.where(np.isnan(samples), 0, samples), -1, 1)
    np.testing.assert_allclose(back, wanted, atol=1.01 / 32_768)


def test_an_odd_number_of_bytes_is_refused() -> None:
    with pytest.raises(ProtocolViolation, match="got 3 bytes"):
        pcm.from_bytes(b"abc")


def test_bytes_are_little_endian() -> None:
    assert pcm.to_bytes(np.array([1 / 32_768], np.float32)) == b"\x01\x00"


def test_numbers_that_are_none_become_silence_and_are_counted() -> None:
    samples = np.array([0.5, np.nan, np.inf, -np.inf], np.float32)
    clean, n_bad = pcm.silence_non_finite(samples)
    np.testing.assert_array_equal(clean, np.array([0.5, 0, 0, 0], np.float32))
    assert n_bad == 3

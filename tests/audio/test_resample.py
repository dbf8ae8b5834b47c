import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.audio.resample import StreamResampler, resample

RATES = [
    (24_000, 16_000), (48_000, 16_000), (22_050, 24_000), (22_050, 48_000), (44_100, 16_000),
    (8_000, 16_000), (16_000, 8_000), (22_050, 8_000), (96_000, 16_000), (11_025, 16_000),
    (16_000, 16_000),
]  # fmt: skip


def tone(hz: float, rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(rate_hz * seconds)) / rate_hz).astype(np.float32)


@given(
    st.sampled_from(RATES),
    st.lists(st.integers(0, 1500), max_size=12),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=150)
def test_the_stream_equals_the_whole_bit_for_bit(
    rates: tuple[int, int], sizes: list[int], seed: int
) -> None:
    samples = np.random.default_rng(seed).normal(size=sum(sizes)).astype(np.float32)
    stream = StreamResampler(*rates)
    cuts = np.split(samples, np.cumsum(sizes)[:-1]) if sizes else []
    pieces = [*(stream.push(chunk) for chunk in cuts), stream.flush()]
    joined = np.concatenate(pieces)
    np.testing.assert_array_equal(joined, resample(samples, *rates))
    assert joined.dtype == np.float32
    assert len(joined) == -(-len(samples) * rates[1] // rates[0])


@pytest.mark.parametrize("rates", RATES)
def test_a_tone_stays_where_it_is_in_time_and_level(rates: tuple[int, int]) -> None:
    hz = 0.85 * min(rates) / 2
    got = resample(tone(hz, rates[0]), *rates)
    wanted = tone(hz, rates[1])
    edge = len(wanted) // 10
    error = (got[: len(wanted)] - wanted)[edge:-edge]
    assert 20 * np.log10(np.abs(error).max() + 1e-9) < -60


@pytest.mark.parametrize("rates", [(48_000, 16_000), (24_000, 16_000), (22_050, 8_000)])
def test_what_the_lower_rate_cannot_hold_is_gone(rates: tuple[int, int]) -> None:
    got = resample(tone(1.02 * rates[1] / 2, rates[0]), *rates)
    edge = len(got) // 10
    assert 20 * np.log10(np.abs(got[edge:-edge]).max()) < -80


@pytest.mark.parametrize("rates", [(8_000, 16_000), (22_050, 24_000)])
def test_no_image_appears_above_the_source(rates: tuple[int, int]) -> None:
    got = resample(tone(0.4 * rates[0], rates[0], 1.0), *rates)
    spectrum = np.abs(np.fft.rfft(got * np.blackman(len(got))))
    above = spectrum[int(len(spectrum) * 1.05 * rates[0] / rates[1]) :]
    assert 20 * np.log10(above.max(initial=1e-12) / spectrum.max()) < -80


@pytest.mark.parametrize("rates", RATES)
def test_steady_chunks_give_steady_output_within_the_stated_delay(rates: tuple[int, int]) -> None:
    stream = StreamResampler(*rates)
    chunk = np.zeros(rates[0] // 50, np.float32)
    outs = [len(stream.push(chunk)) for _ in range(50)]
    assert max(outs[2:]) - min(outs[2:]) <= 1 + (rates[0] % 50 > 0)
    owed = len(chunk) * 50 * rates[1] / rates[0] - sum(outs)
    assert owed <= stream.delay_s * rates[1] + 1
    assert stream.delay_s <= 0.0051


def test_a_constant_stays_constant() -> None:
    got = resample(np.full(4000, 0.25, np.float32), 22_050, 24_000)
    np.testing.assert_allclose(got[100:-100], 0.25, atol=1e-6)


def test_nothing_in_gives_nothing_out() -> None:
    stream = StreamResampler(48_000, 16_000)
    assert len(stream.push(np.zeros(0, np.float32))) == len(stream.flush()) == 0


def test_a_rate_must_be_positive() -> None:
    with pytest.raises(ValueError, match="above 0 Hz, got 0 and 16000"):
        StreamResampler(0, 16_000)

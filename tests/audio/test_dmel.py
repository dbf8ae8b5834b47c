import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.audio.dmel import (
    lane_dmel,
    lane_falls,
    lane_mean_dmel,
    tick_dmel,
    tick_mean_dmel,
)
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ


def tone(
    hz: float, n_samples: int, amplitude: float = 1.0
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    time_s = np.arange(n_samples) / USER_RATE_HZ
    return (amplitude * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def test_silence_is_the_lowest_level_and_a_full_scale_sine_the_highest() -> None:
    assert tick_dmel(np.zeros(TICK_USER_SAMPLES, np.float32)).max() == 0
    assert tick_dmel(tone(1_000, TICK_USER_SAMPLES)).max(axis=1).tolist() == [15] * 8


def test_twelve_decibels_are_one_level() -> None:
    peaks = [
        int(tick_dmel(tone(1_000, TICK_USER_SAMPLES, 10 ** (-12 * step / 20))).max())
        for step in range(5)
    ]
    assert peaks == [15, 14, 13, 12, 11]


def test_a_higher_tone_fills_a_higher_bin() -> None:
    bins = [int(tick_dmel(tone(hz, TICK_USER_SAMPLES))[3].argmax()) for hz in (200, 1_000, 4_000)]
    assert bins == sorted(set(bins))


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(0, TICK_USER_SAMPLES - 1))
def test_ticks_streamed_equal_the_whole_lane(seed: int, n_ticks: int, rest: int) -> None:
    n_samples = n_ticks * TICK_USER_SAMPLES + rest
    lane_S = np.random.default_rng(seed).normal(0, 0.1, n_samples).astype(np.float32)
    ticks = [lane_S[k * TICK_USER_SAMPLES : (k + 1) * TICK_USER_SAMPLES] for k in range(n_ticks)]
    assert np.array_equal(lane_dmel(lane_S), np.stack([tick_dmel(tick) for tick in ticks]))
    assert np.array_equal(lane_mean_dmel(lane_S), np.stack([tick_mean_dmel(t) for t in ticks]))


def test_the_mean_of_a_half_filled_tick_lies_below_the_full_one() -> None:
    full = tone(1_000, TICK_USER_SAMPLES, 0.1)
    quarter = full.copy()
    quarter[TICK_USER_SAMPLES // 4 :] = 0
    assert tick_mean_dmel(quarter).max() == tick_mean_dmel(full).max() - 1


def fall(samples_S: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    [deepest] = lane_falls(lane_dmel(samples_S))
    return float(deepest)


def test_a_gap_that_a_room_fills_is_a_shallower_fall() -> None:
    rng = np.random.default_rng(3)
    dry = rng.normal(0, 0.1, TICK_USER_SAMPLES).astype(np.float32)
    dry[TICK_USER_SAMPLES // 2 :] *= 1e-3
    tail = rng.normal(0, 1, 4000) * 10 ** (-3 * np.arange(4000) / 8000)  # 60 dB in half a second
    room = np.convolve(dry, tail / np.linalg.norm(tail))[:TICK_USER_SAMPLES].astype(np.float32)
    assert fall(dry) < fall(room) - 1 < -1
    assert fall(np.full(TICK_USER_SAMPLES, 0.0, np.float32)) == 0


@pytest.mark.parametrize("function", [tick_dmel, tick_mean_dmel])
def test_a_tick_of_another_length_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="3200"):
        function(np.zeros(3199, np.float32))

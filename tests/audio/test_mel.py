import numpy as np

from hocket.audio.mel import mel_filters


def test_every_triangle_has_the_same_area() -> None:
    filters = mel_filters(rate_hz=16_000, n_fft=4096, n_mels=80)
    assert np.allclose(filters.sum(axis=1) * 16_000 / 4096, 1, atol=0.01)


def test_without_area_norm_the_peaks_are_one() -> None:
    filters = mel_filters(rate_hz=16_000, n_fft=8192, n_mels=40, area_norm=False)
    assert filters.max(axis=1).min() > 0.9
    assert filters.max() <= 1


def test_centres_are_evenly_spaced_below_1_khz_and_wider_above() -> None:
    filters = mel_filters(rate_hz=16_000, n_fft=16_384, n_mels=80)
    centres_hz = filters.argmax(axis=1) * 16_000 / 16_384
    low = np.diff(centres_hz[centres_hz < 950])
    assert np.ptp(low) < 3
    assert np.diff(centres_hz)[-1] > 5 * low[0]


def test_no_filter_of_the_published_sizes_is_empty() -> None:
    assert (mel_filters(rate_hz=16_000, n_fft=400, n_mels=80).sum(axis=1) > 0).all()

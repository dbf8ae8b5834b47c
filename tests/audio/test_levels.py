import numpy as np
import pytest

from hocket.audio.levels import FLOOR_DB, from_db, peak_db, rms_db, to_db


def test_a_full_scale_sine_is_3_db_below_a_full_scale_square() -> None:
    sine = np.sin(np.arange(1600) * np.pi / 8).astype(np.float32)
    square = np.sign(sine + 0.01).astype(np.float32)
    assert rms_db(sine) == pytest.approx(-3.01, abs=0.01)
    assert rms_db(square) == pytest.approx(0.0)
    assert peak_db(-0.5 * square) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(9, np.float32)])
def test_silence_is_minus_90(samples: np.ndarray) -> None:
    assert (rms_db(samples), peak_db(samples)) == (FLOOR_DB, FLOOR_DB)


def test_db_and_amplitude_are_inverse() -> None:
    assert to_db(from_db(-42.0)) == pytest.approx(-42.0)
    assert to_db(from_db(-120.0)) == FLOOR_DB

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hocket.audio.fades import fade_in, fade_out, ramp


@given(st.integers(1, 500))
def test_a_fade_in_and_a_fade_out_sum_to_one(n: int) -> None:
    np.testing.assert_allclose(ramp(n) + ramp(n)[::-1], 1, atol=1e-6)
    assert (np.diff(ramp(n)) > 0).all()


@given(st.integers(0, 50), st.integers(0, 80))
def test_only_the_faded_edge_changes(length: int, n: int) -> None:
    ones = np.ones(length, np.float32)
    np.testing.assert_array_equal(fade_in(ones, n)[n:], ones[n:])
    np.testing.assert_array_equal(fade_out(ones, n), fade_in(ones, n)[::-1])
    np.testing.assert_array_equal(ones, 1)


def test_a_faded_tone_has_no_click() -> None:
    tone = np.cos(np.arange(400) * 0.01).astype(np.float32)
    faded = fade_out(fade_in(tone, 160), 160)
    assert np.abs(np.diff(np.concatenate([[0], faded, [0]]))).max() < 0.012

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.engine.packing import pack, unpack_rows


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 150), st.sampled_from([32, 64]), st.integers(0, 99))
def test_rounding_stays_within_half_a_step(rows: int, columns: int, block: int, seed: int) -> None:
    weight = np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)
    packed = pack(weight, block=block)
    back = unpack_rows(packed, np.arange(rows))
    assert unpack_rows(packed, np.arange(0)).shape == (0, back.shape[1])
    steps = np.repeat(packed.scales, block, axis=1)[:, :columns]
    assert back.shape == weight.shape
    assert (np.abs(back - weight) <= steps * 0.5001).all()


def test_what_was_eight_bits_already_is_kept() -> None:
    rng = np.random.default_rng(0)
    steps = rng.integers(-127, 128, (2000, 4, 32))
    steps[:, :, 0] = 127
    scales = rng.uniform(0.01, 1, (2000, 4, 1)).astype(np.float16).astype(np.float32)
    weight = (steps * scales).astype(np.float32).reshape(2000, 128)
    back = unpack_rows(pack(weight, block=32), np.arange(2000))
    np.testing.assert_allclose(back, weight, rtol=1e-6)


def test_zeros_stay_zero() -> None:
    weight = np.zeros((3, 70), np.float32)
    assert (unpack_rows(pack(weight, block=32), np.array([0, 2])) == 0).all()

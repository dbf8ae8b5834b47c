import numpy as np
import pytest

from hocket.model.config import (
    HOCKET_13M,
    SMOLLM2_135M,
    BackboneConfig,
    random_weights,
    rope_tables,
)


def test_sizes_are_what_their_names_say() -> None:
    def millions(config: BackboneConfig) -> float:
        return sum(float(np.prod(shape)) for shape in config.shapes().values()) / 1e6

    embedding_millions = HOCKET_13M.vocab * HOCKET_13M.width / 1e6
    assert round(millions(SMOLLM2_135M)) == 135
    assert round(millions(HOCKET_13M) - embedding_millions) == 13


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="heads of even size"):
        BackboneConfig(layers=1, width=100, heads=3, kv_heads=1, ff=8, vocab=8)


def test_kv_heads_must_divide_the_heads() -> None:
    with pytest.raises(ValueError, match="kv heads that divide 4"):
        BackboneConfig(layers=1, width=64, heads=4, kv_heads=3, ff=8, vocab=8)


def test_random_weights_have_every_name_and_shape_and_follow_the_seed() -> None:
    config = BackboneConfig(layers=2, width=32, heads=4, kv_heads=2, ff=48, vocab=50)
    once, again = random_weights(config, seed=3), random_weights(config, seed=3)
    other = random_weights(config, seed=4)
    assert {name: w.shape for name, w in once.items()} == config.shapes()
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not np.array_equal(once["layers.1.q.weight"], other["layers.1.q.weight"])


def test_rope_tables_turn_the_first_pair_by_one_radian_a_position() -> None:
    cos_MR, sin_MR = rope_tables(SMOLLM2_135M, 4)
    np.testing.assert_allclose(cos_MR[:, 0], np.cos(np.arange(4)), atol=1e-6)
    np.testing.assert_allclose(sin_MR[:, 0], np.sin(np.arange(4)), atol=1e-6)
    assert cos_MR.shape == (4, 32)

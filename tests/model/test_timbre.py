import numpy as np

from hocket.model.timbre import TIMBRES, shape, timbre

LEVELS_TFM = np.random.default_rng(0).integers(0, 12, (6, 8, 80)).astype(np.uint8)


def test_a_louder_voice_has_the_same_timbre() -> None:
    assert np.allclose(timbre(LEVELS_TFM + 3), timbre(LEVELS_TFM), atol=1e-4)
    assert timbre(LEVELS_TFM).shape == (6, TIMBRES)


def test_ticks_are_judged_alone_as_together() -> None:
    alone = [timbre(levels_FM) for levels_FM in LEVELS_TFM]
    assert np.allclose(timbre(LEVELS_TFM), alone, atol=1e-4)


def test_a_mean_of_ticks_has_the_mean_timbre() -> None:
    whole = timbre(LEVELS_TFM.reshape(48, 80))
    assert np.allclose(timbre(LEVELS_TFM).mean(axis=0), whole, atol=1e-4)
    assert np.allclose(shape(LEVELS_TFM).sum(axis=-1), 0, atol=1e-3)

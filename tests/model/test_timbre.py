from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from hocket.audio.dmel import lane_dmel
from hocket.model.timbre import TIMBRES, timbre

LEVELS_TFM = np.random.default_rng(0).integers(0, 12, (6, 8, 80)).astype(np.uint8)
READER = Path("tests/clips/reader.flac")
OTHER = Path("examples/conversation.flac")


def test_a_louder_voice_has_the_same_timbre() -> None:
    assert np.allclose(timbre(LEVELS_TFM + 3), timbre(LEVELS_TFM), atol=1e-4)
    assert timbre(LEVELS_TFM).shape == (6, TIMBRES)


def test_ticks_are_judged_alone_as_together() -> None:
    alone = [timbre(levels_FM) for levels_FM in LEVELS_TFM]
    assert np.allclose(timbre(LEVELS_TFM), alone, atol=1e-4)


def test_silence_has_numbers_too() -> None:
    assert np.isfinite(timbre(np.zeros((1, 8, 80), np.uint8))).all()


def test_a_voice_is_more_like_itself_than_like_another() -> None:
    reader, other = (directions(path) for path in (READER, OTHER))
    own = min(alike(each[::2], each[1::2]) for each in (reader, other))
    assert own > alike(reader, other) + 0.4


def directions(path: Path) -> NDArray[np.float32]:
    """Of each second of a recording in which somebody speaks, of length 1 [S, 48]."""
    samples, rate_hz = sf.read(path, dtype="float32")
    assert rate_hz == 16_000
    levels_TFM = lane_dmel(samples[: 15 * rate_hz])  # in the example another voice follows
    mean_T = levels_TFM.mean(axis=(1, 2))
    loud_T = mean_T > mean_T.max() - 1.5  # levels: 18 dB
    seconds = np.array_split(timbre(levels_TFM[loud_T]), loud_T.sum() // 5)
    sums_SK = np.array([part.sum(axis=0) for part in seconds])
    return np.asarray(sums_SK / np.linalg.norm(sums_SK, axis=1, keepdims=True))


def alike(a_SK: NDArray[np.float32], b_SK: NDArray[np.float32]) -> float:
    """The mean cosine between any of the one and any of the other."""
    return float((a_SK @ b_SK.T).mean())

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hocket.data.pack import SessionTicks
from hocket.training.crops import Crop, Crops
from hocket.training.other_voices import OtherVoices, mean_of_speech
from tests.training import toy


def sessions() -> list[SessionTicks]:
    """Two voices: the second's features lie one higher than the first's."""
    first = toy.session(30, 1)
    level_db = np.where(np.arange(30) % 3 < 2, -30.0, -90.0).astype(np.float32)
    first = replace(first, level_db=level_db)
    return [first, replace(first, features=np.asarray(first.features, np.float32) + 1)]


def crop(voice: tuple[int, float] | None) -> Crop:
    return Crop(session=0, first=3, stop=20, sound=True, words=True, voice=voice)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_session_moves_as_far_as_its_crop_says_towards_another_voice(share: float) -> None:
    one, other = sessions()
    moved = OtherVoices([one, other]).heard(one, crop((1, share)))
    expected = (1 - share) * np.asarray(one.features, np.float32) + share * other.features
    np.testing.assert_allclose(moved.features, expected, atol=1e-5)
    assert moved.dmel is one.dmel and moved.level_db is one.level_db


def test_a_crop_without_another_voice_is_the_session_itself() -> None:
    one, other = sessions()
    assert OtherVoices([one, other]).heard(one, crop(None)) is one


def test_silence_does_not_count_for_a_voice() -> None:
    one, _ = sessions()
    loud = np.asarray(one.features, np.float32).copy()
    loud[2::3] += 9  # the silent ticks
    np.testing.assert_allclose(
        mean_of_speech(replace(one, features=loud)), mean_of_speech(one), atol=1e-5
    )
    silent = replace(one, level_db=np.full(30, -90.0, np.float32))
    assert (mean_of_speech(silent) == 0).all()


def test_so_many_crops_move_as_the_configuration_says(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=8)
    config = replace(toy.config(), voice_share=0.5, crop_ticks=20)
    stream = Crops(pack, config, seed=0).batches()
    crops = [each for _ in range(60) for each in next(stream)]
    ways = [each.voice for each in crops if each.voice]
    assert 0.35 < len(ways) / len(crops) < 0.65
    assert {other for other, _ in ways} == set(range(len(pack))) and all(
        0 <= way < 1 for _, way in ways
    )

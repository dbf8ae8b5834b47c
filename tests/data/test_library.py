from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.errors import BadInput
from hocket.data.library import BABBLE, MADE, Library
from hocket.data.rooms import made_rooms
from tests.data.fake_bank import fake_bank


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    folder = tmp_path / "rooms"
    folder.mkdir()
    response = np.zeros(800, np.float32)
    response[[100, 300]] = (-0.5, 0.1)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 1000).astype(np.float32)
    for name, sound in (("rir1", response), ("rir4", response), ("noise1", noise)):
        soundfile.write(folder / f"{name}.wav", sound, 16_000, subtype="FLOAT")
    return folder


def test_every_noise_has_its_length_and_depends_on_its_seed(tmp_path: Path, rooms: Path) -> None:
    library = Library(fake_bank(tmp_path / "bank"), split="train", rooms=rooms)
    for name in (*library.noises, BABBLE):
        a, again, b = (library.noise(name, 7_000, seed) for seed in (1, 1, 2))
        assert a.shape == (7_000,)
        assert a.dtype == np.float32
        assert np.isfinite(a).all()
        assert np.array_equal(a, again)
        assert not np.array_equal(a, b)


def test_rooms_and_noises_are_those_of_the_split(tmp_path: Path, rooms: Path) -> None:
    bank = fake_bank(tmp_path / "bank")
    train = Library(bank, split="train", rooms=rooms)
    test = Library(bank, split="test", rooms=rooms)
    assert train.responses == ("rir1", *made_rooms("train"))
    assert test.responses == ("rir4", *made_rooms("test"))
    assert train.noises == (*sorted(MADE), "noise1")
    assert test.noises == tuple(sorted(MADE))
    assert not {u.voice for u in train.utterances} & {u.voice for u in test.utterances}


def test_a_room_begins_with_the_direct_sound_and_keeps_the_level(
    tmp_path: Path, rooms: Path
) -> None:
    response = Library(fake_bank(tmp_path / "bank"), split="train", rooms=rooms).response("rir1")
    assert response[200] / response[0] == pytest.approx(-0.2)
    assert np.sum(response**2) == pytest.approx(1)


def test_made_rooms_differ_keep_the_level_and_begin_with_the_direct_sound(
    tmp_path: Path,
) -> None:
    library = Library(fake_bank(tmp_path / "bank"), split="validation")
    responses = [library.response(name) for name in library.responses]
    direct_db = [10 * np.log10(r[0] ** 2 / np.sum(r[1:] ** 2)) for r in responses]
    assert all(np.sum(r**2) == pytest.approx(1, abs=1e-4) for r in responses)
    assert all(np.max(np.abs(r[1:32])) == 0 for r in responses)
    assert min(direct_db) < -6
    assert max(direct_db) > 0
    assert np.array_equal(responses[0], library.response(library.responses[0]))
    assert not set(library.responses) & set(made_rooms("train"))
    with pytest.raises(KeyError):
        library.response("nowhere")


def test_a_folder_that_is_not_there_and_a_file_that_is_no_sound_are_refused(
    tmp_path: Path, rooms: Path
) -> None:
    bank = fake_bank(tmp_path / "bank")
    with pytest.raises(BadInput, match="folder of rooms"):
        Library(bank, split="train", rooms=tmp_path / "nothing")
    (rooms / "rir2.wav").write_bytes(b"no sound")
    with pytest.raises(BadInput, match="recording"):
        Library(bank, split="train", rooms=rooms).response("rir2")

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hocket.model.duplex_config import Sound
from hocket.protocol.modes import MANNERS, Mode
from hocket.training.batches import collate, targets, tick_tensors
from hocket.training.crops import Crop
from tests.training import toy


def crop(
    first: int, stop: int, *, session: int = 0, sound: bool = True, words: bool = True
) -> Crop:
    return Crop(session=session, first=first, stop=stop, sound=sound, words=words)


def test_our_own_side_comes_a_tick_late() -> None:
    whole = toy.session(10, 1)
    ticks = tick_tensors([(whole, crop(4, 8))], toy.config().network, toy.VECTORS)
    assert ticks.last_floor_T.tolist() == whole.floor[3:7].tolist()
    assert torch.equal(ticks.played_dmel_TM, torch.tensor(whole.played_dmel[3:7]).long())
    assert np.allclose(
        ticks.levels_TL[:, 0], 1 + whole.played_db[3:7].astype(float) / 90, atol=1e-3
    )
    assert np.allclose(ticks.levels_TL[:, 1], whole.played_share[3:7])


def test_before_a_session_we_listened_in_silence() -> None:
    ticks = tick_tensors([(toy.session(10, 1), crop(0, 2))], toy.config().network, toy.VECTORS)
    assert ticks.last_floor_T[0] == toy.LISTEN
    assert ticks.levels_TL[0].tolist() == [0, 0]
    assert not ticks.played_dmel_TM[0].any()


def test_sound_and_words_are_of_the_tick_itself(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=2)
    batch = collate(pack, [crop(5, 9), crop(3, 6, session=1)], toy.config().network, toy.VECTORS)
    features = np.concatenate((pack[0].features[5:9], pack[1].features[3:6]))
    assert batch.ticks.features_AQE is not None and batch.ticks.tokens_NE is not None
    assert np.array_equal(batch.ticks.features_AQE, features.astype(np.float32))
    assert np.array_equal(batch.targets.floor_TC[4:], pack[1].target[3:6])
    first, last = pack[0].input_end[4], pack[0].input_end[8]
    rows = toy.TABLE.rows(pack[0].input_ids[first:last])
    assert np.array_equal(batch.ticks.tokens_NE[: last - first], rows)


def test_what_is_dropped_takes_no_positions() -> None:
    whole = toy.session(10, 1)
    n_tokens = int(whole.input_end[-1])
    network = toy.config().network

    def length(*, sound: bool, words: bool) -> int:
        pieces = [(whole, crop(0, 10, sound=sound, words=words))]
        return tick_tensors(pieces, network, toy.VECTORS).length

    assert length(sound=True, words=True) == 50 + n_tokens
    assert length(sound=False, words=True) == 10 + n_tokens
    assert length(sound=True, words=False) == 50


def test_dmel_and_level_are_given_where_asked_for() -> None:
    whole = toy.session(4, 1)
    network = toy.config(sound=Sound.DMEL, user_voice=True).network
    ticks = tick_tensors([(whole, crop(0, 4))], network, toy.VECTORS)
    assert ticks.features_AQE is None and ticks.dmel_AFM is not None
    assert np.array_equal(ticks.dmel_AFM, whole.dmel)
    assert np.allclose(ticks.levels_TL[:, 2], 1 + whole.level_db.astype(float) / 90)
    deaf = tick_tensors([(whole, crop(0, 4, sound=False))], network, toy.VECTORS)
    assert not deaf.levels_TL[:, 2].any()


def test_the_manner_is_that_of_the_session_or_of_its_mode_where_nothing_tells() -> None:
    network = replace(toy.config().network, manner=True)
    told = [(toy.session(4, seed), crop(0, 4)) for seed in (1, 2)]
    ticks = tick_tensors(told, network, toy.VECTORS)
    assert ticks.levels_TL[:, 2:].tolist() == [[1, 0]] * 4 + [[0, 0]] * 4
    untold = replace(toy.session(4, 2), about={"mode": "responsive", "switches": [], "marks": []})
    drawn = replace(crop(0, 4), manner=MANNERS[Mode.PROACTIVE])
    ticks = tick_tensors([(untold, crop(0, 4)), (untold, drawn)], network, toy.VECTORS)
    assert ticks.levels_TL[:, 2:].tolist() == [[1, 0]] * 4 + [[1, 1]] * 4


def test_a_nod_is_right_where_it_is_shown_as_allowed_and_nothing_tells() -> None:
    pieces = [
        (toy.session(4, 1), crop(0, 4)),
        *((toy.session(4, 1), replace(crop(0, 4), manner=manner)) for manner in MANNERS.values()),
    ]
    nods_T = targets(pieces).nods_T.reshape(-1, 4)
    allowed = [manner.backchannel for manner in MANNERS.values()]
    assert nods_T.tolist() == [[float(so)] * 4 for so in (False, *allowed)]


def test_words_without_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="expected token vectors"):
        tick_tensors([(toy.session(9, 1), crop(0, 9))], toy.config().network, None)

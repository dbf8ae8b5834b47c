from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.data.pack import Pack
from hocket.model.duplex_config import Sound
from hocket.protocol.modes import MANNERS
from hocket.training.crops import Crops, windows
from tests.training import toy


def test_the_order_depends_on_the_seed_alone(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=9)
    one, same, other = (
        list(islice(Crops(pack, toy.config(), seed=seed).batches(), 30)) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_an_epoch_shows_nearly_every_tick_once(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=20)
    config = replace(toy.config(), batch_crops=1000)
    (epoch,) = islice(Crops(pack, config, seed=0).batches(), 1)
    seen = np.zeros((20, 60), int)
    for crop in epoch:
        seen[crop.session, crop.first : crop.stop] += 1
        assert len(crop) <= config.crop_ticks
    assert seen.max() == 1 and seen.mean() > 0.93


def test_epochs_cut_elsewhere(tmp_path: Path) -> None:
    config = replace(toy.config(), batch_crops=1000)
    crops = Crops(toy.pack(tmp_path, sessions=5), config, seed=0)
    first, second = islice(crops.batches(), 2)
    assert {crop.first for crop in first} != {crop.first for crop in second}


def test_a_session_shorter_than_a_crop_is_seen(tmp_path: Path) -> None:
    crops = Crops(toy.pack(tmp_path, sessions=1, n_ticks=2), toy.config(), seed=0)
    assert any(crop.session == 0 for batch in islice(crops.batches(), 3) for crop in batch)


def test_words_and_sound_are_dropped_as_often_as_asked_and_never_both(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=50)
    config = replace(toy.config(), words_dropout=0.2, sound_dropout=0.1)
    crops = [crop for batch in islice(Crops(pack, config, seed=0).batches(), 200) for crop in batch]
    assert np.mean([not crop.words for crop in crops]) == pytest.approx(0.2, abs=0.04)
    assert np.mean([not crop.sound for crop in crops]) == pytest.approx(0.1, abs=0.04)
    assert all(crop.words or crop.sound for crop in crops)


def test_sessions_that_tell_no_manner_are_shown_with_that_of_any_mode(tmp_path: Path) -> None:
    untold = {"id": "untold", "mode": "responsive", "switches": [], "marks": []}
    sessions = [toy.session(60, 1), *(replace(toy.session(60, 2), about=untold) for _ in range(9))]
    config = toy.config()
    config = replace(config, network=replace(config.network, manner=True))
    found = Crops(Pack(toy.write(tmp_path, sessions)), config, seed=0).batches()
    crops = [crop for batch in islice(found, 100) for crop in batch]
    assert {crop.manner for crop in crops if crop.session == 0} == {None}
    drawn = [crop.manner for crop in crops if crop.session]
    shares = [drawn.count(manner) / len(drawn) for manner in MANNERS.values()]
    assert shares == pytest.approx([1 / 3] * 3, abs=0.12)


def test_the_microphone_moves_in_as_many_crops_as_asked_and_never_twice_alike(
    tmp_path: Path,
) -> None:
    pack = toy.pack(tmp_path, sessions=50)
    config = replace(toy.config(), gain_share=0.3)
    crops = [crop for batch in islice(Crops(pack, config, seed=0).batches(), 100) for crop in batch]
    seeds = [crop.gain for crop in crops if crop.gain is not None]
    assert len(seeds) / len(crops) == pytest.approx(0.3, abs=0.06)
    assert len(set(seeds)) == len(seeds)


def test_a_network_with_one_input_keeps_it(tmp_path: Path) -> None:
    pack = toy.pack(tmp_path, sessions=5)
    config = replace(toy.config(sound=Sound.NONE), words_dropout=0.9)
    batches = islice(Crops(pack, config, seed=0).batches(), 5)
    assert all(crop.words and not crop.sound for batch in batches for crop in batch)


@given(n_ticks=st.integers(1, 400), context=st.integers(0, 40), step=st.integers(1, 60))
def test_windows_count_every_tick_once_and_give_it_its_past(
    n_ticks: int, context: int, step: int
) -> None:
    running = windows(n_ticks, window_ticks=context + step, context_ticks=context)
    counted = [tick for _, stop, counts in running for tick in range(counts, stop)]
    assert counted == list(range(n_ticks))
    for first, stop, counts in running:
        assert stop - first <= context + step
        assert counts - first >= min(context, counts)


@given(n_ticks=st.integers(2, 300), cut=st.integers(1, 299))
def test_a_ticks_window_does_not_depend_on_what_comes_later(n_ticks: int, cut: int) -> None:
    def first_seen(n: int) -> list[int]:
        running = windows(n, window_ticks=30, context_ticks=10)
        return [int(first) for first, stop, counts in running for _ in range(counts, stop)]

    shorter = min(cut, n_ticks)
    assert first_seen(n_ticks)[:shorter] == first_seen(shorter)

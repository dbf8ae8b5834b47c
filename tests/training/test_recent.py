"""The summary of the last ticks sees what it should, and nothing behind its tick."""

from dataclasses import replace

import numpy as np
import pytest

from hocket.model.duplex_config import FADES_S, DuplexConfig, Sound
from hocket.training import recent
from hocket.training.crops import Crop
from tests.training import toy

W = 3
BOTH = replace(toy.config().network, recent_ticks=W)


def crop(first: int, stop: int, *, sound: bool = True, words: bool = True) -> Crop:
    return Crop(session=0, first=first, stop=stop, sound=sound, words=words)


def test_a_tick_sees_the_means_of_the_last_ticks_wherever_the_crop_begins() -> None:
    session = toy.session(12, 1)
    found = recent.summary([(session, crop(5, 9))], BOTH, toy.VECTORS)["recent_TWS"].numpy()
    means = np.asarray(session.features, np.float32).mean(axis=1)
    for row, tick in enumerate(range(5, 9)):
        np.testing.assert_allclose(found[row], means[tick - W + 1 : tick + 1], atol=1e-6)


def test_before_a_sessions_start_there_is_nothing() -> None:
    session = toy.session(12, 1)
    found = recent.summary([(session, crop(0, 4))], BOTH, toy.VECTORS)["recent_TWS"].numpy()
    assert not found[0, : W - 1].any()
    assert found[0, W - 1].any()


def test_the_latest_token_is_the_last_that_had_come_and_it_ages() -> None:
    session = toy.session(12, 1)
    found = recent.summary([(session, crop(4, 12))], BOTH, toy.VECTORS)
    for row, tick in enumerate(range(4, 12)):
        count = int(session.input_end[tick])
        token = session.input_ids[count - 1 : count]
        np.testing.assert_allclose(found["latest_TE"][row].numpy(), toy.TABLE.rows(token)[0])
        came = int(np.argmax(session.input_end >= count))
        expected = np.exp(-(tick - came) * 0.2 / FADES_S)
        assert float(found["latest_age_T"][row]) == pytest.approx(expected, rel=1e-5)


def test_what_a_crop_does_without_is_nothing_here_too() -> None:
    pieces = [(toy.session(12, 1), crop(4, 9, sound=False, words=False))]
    found = recent.summary(pieces, BOTH, toy.VECTORS)
    assert not any(tensor.any() for tensor in found.values())


def test_levels_are_means_of_halves_of_a_tick() -> None:
    session = toy.session(6, 2)
    levels = DuplexConfig(backbone=BOTH.backbone, sound=Sound.DMEL, words=False, recent_ticks=W)
    found = recent.summary([(session, crop(3, 4))], levels, None)["recent_TWS"].numpy()
    first_half = np.asarray(session.dmel[3, :4], np.float32).mean(axis=0) / 16
    np.testing.assert_allclose(found[0, -1, :80], first_half, atol=1e-6)


def test_no_summary_without_ticks() -> None:
    assert recent.summary([(toy.session(6, 1), crop(0, 6))], toy.config().network, None) == {}

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hocket.core.clock import VirtualClock
from hocket.core.errors import BadInput
from hocket.training.floor import FloorTraining, Materials
from hocket.training.loop import train
from hocket.training.predict import Predictor
from hocket.training.schedule import Budget
from tests.training import toy


@pytest.fixture(scope="module")
def predict(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    data, out = (tmp_path_factory.mktemp(name) for name in ("data", "out"))
    toy.pack(data, sessions=4)
    materials = Materials(data=(data,), validation=data, vectors=toy.VECTORS)
    subject = FloorTraining(toy.config(), materials, seed=0)
    train(subject, out, budget=Budget(steps=4), clock=VirtualClock())
    return Predictor.load(out, vectors=toy.VECTORS)


def test_every_tick_gets_probabilities(predict: Predictor) -> None:
    said = predict(toy.session(70, 1))
    assert said.p_T5.shape == (70, 5) and said.p_T5.dtype == np.float32
    assert np.allclose(said.p_T5.sum(-1), 1, atol=1e-5)
    for ahead_T4 in (said.user_ahead_T4, said.agent_ahead_T4):
        assert ahead_T4.shape == (70, 4) and ((ahead_T4 > 0) & (ahead_T4 < 1)).all()


@pytest.mark.parametrize("n_ticks", [1, 7, 24, 25, 41, 69])
def test_what_comes_later_changes_nothing(predict: Predictor, n_ticks: int) -> None:
    whole = toy.session(70, 1)
    of_all, of_head = predict(whole), predict(toy.head_of(whole, n_ticks))
    assert np.allclose(of_all.p_T5[:n_ticks], of_head.p_T5, atol=1e-5)
    assert np.allclose(of_all.user_ahead_T4[:n_ticks], of_head.user_ahead_T4, atol=1e-5)


def test_what_came_before_counts(predict: Predictor) -> None:
    whole, other = toy.session(20, 1), toy.session(20, 2)
    features = whole.features.copy()
    features[2] = other.features[2]
    changed = predict(replace(whole, features=features))
    assert np.array_equal(predict(whole).p_T5[:2], changed.p_T5[:2])
    assert not np.allclose(predict(whole).p_T5[3], changed.p_T5[3], atol=1e-5)


def test_predicting_leaves_no_gradients(predict: Predictor) -> None:
    predict(toy.session(5, 1))
    assert torch.is_grad_enabled()


def test_an_empty_session_is_refused(predict: Predictor) -> None:
    with pytest.raises(ValueError, match="empty"):
        predict(toy.session(0, 1))


def test_a_folder_without_a_training_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a training in"):
        Predictor.load(tmp_path)

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hocket.data.pack import Pack
from hocket.model.heads import TickLogits
from hocket.training.batches import Targets
from hocket.training.losses import class_weights, floor_loss, losses
from tests.training import toy

EVEN = torch.ones(5)


def test_the_floor_loss_is_least_at_the_target() -> None:
    target_TC = torch.tensor([[0.7, 0.3, 0.0, 0.0, 0.0]])
    best = floor_loss(target_TC.clamp(min=1e-9).log(), target_TC, torch.ones(1), EVEN)
    entropy = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3))
    assert best.item() == pytest.approx(entropy, abs=1e-4)
    assert floor_loss(torch.zeros(1, 5), target_TC, torch.ones(1), EVEN) > best


def test_where_a_nod_is_as_right_it_costs_nothing_and_teaches_nothing() -> None:
    listens_TC = torch.eye(5)[:1]
    logits_TC = torch.tensor([[1.0, 0.0, 0.0, 0.0, 4.0]], requires_grad=True)
    either = floor_loss(logits_TC, listens_TC, torch.ones(1), EVEN, nods_T=torch.ones(1))
    chances_C = logits_TC.detach().softmax(-1)[0]
    assert either.item() == pytest.approx(-np.log(chances_C[[0, 4]].sum().item()), abs=1e-5)
    either.backward()  # type: ignore[no-untyped-call]
    assert logits_TC.grad is not None
    pull_C = logits_TC.grad[0] / chances_C  # alike: their shares of each other stay
    assert pull_C[0] == pytest.approx(pull_C[4].item(), abs=1e-5)
    assert either < floor_loss(logits_TC, listens_TC, torch.ones(1), EVEN, nods_T=torch.zeros(1))


def test_ticks_of_no_weight_teach_nothing() -> None:
    logits_TC = torch.zeros(2, 5, requires_grad=True)
    floor_loss(logits_TC, torch.eye(5)[:2], torch.tensor([3.0, 0.0]), EVEN).backward()  # type: ignore[no-untyped-call]
    assert logits_TC.grad is not None
    assert logits_TC.grad[0].abs().sum() > 0 and not logits_TC.grad[1].any()


def test_a_batch_without_weights_has_no_loss() -> None:
    assert floor_loss(torch.zeros(2, 5), torch.eye(5)[:2], torch.zeros(2), EVEN) == 0


def test_the_total_is_the_floor_and_a_share_of_what_lies_ahead() -> None:
    logits = TickLogits(
        floor_TC=torch.zeros(1, 5),
        user_ahead_TB=torch.zeros(1, 4),
        agent_ahead_TB=torch.zeros(1, 4),
    )
    targets = Targets(
        nods_T=torch.zeros(1),
        floor_TC=torch.eye(5)[:1],
        weight_T=torch.ones(1),
        user_ahead_TB=torch.full((1, 4), 0.25),
        agent_ahead_TB=torch.ones(1, 4),
    )
    both = losses(logits, targets, EVEN)
    assert both.floor.item() == pytest.approx(np.log(5), abs=1e-5)
    assert both.ahead.item() == pytest.approx(np.log(2), abs=1e-5)
    assert both.total(ahead_share=0.3).item() == pytest.approx(
        np.log(5) + 0.3 * np.log(2), abs=1e-5
    )


def test_rare_actions_weigh_more_within_limits(tmp_path: Path) -> None:
    whole = toy.session(100, 0)
    wanted_T = np.array([0] * 80 + [1] * 10 + [2] * 9 + [3])
    pack = Pack(toy.write(tmp_path, [replace(whole, target=np.eye(5)[wanted_T])]))
    expected = [25 / 80, 25 / 10, 25 / 9, 4, 1]  # none of the last: it gets no say
    assert class_weights(pack) == pytest.approx(expected)


def test_ticks_count_by_their_weight(tmp_path: Path) -> None:
    whole = toy.session(4, 0)
    session = replace(whole, target=np.eye(5)[[0, 0, 0, 1]], weight=np.array([1, 1, 0, 2]))
    assert class_weights(Pack(toy.write(tmp_path, [session])))[:2] == pytest.approx([1, 1])

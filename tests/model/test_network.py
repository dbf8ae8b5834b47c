from typing import Any

import numpy as np
import pytest

from hocket.model.config import BackboneConfig, random_weights

torch = pytest.importorskip("torch")

from hocket.model.network import Backbone, load_weights, weights_of  # noqa: E402

TINY = BackboneConfig(
    layers=2, width=32, heads=4, kv_heads=2, ff=48, vocab=50, max_positions=64, rope_theta=100.0
)


def tiny(seed: int = 0) -> Backbone:
    network = Backbone(TINY)
    load_weights(network, random_weights(TINY, seed=seed))
    return network.eval()


def test_names_and_shapes_are_the_shared_scheme() -> None:
    state = {name: tuple(w.shape) for name, w in Backbone(TINY).named_parameters()}
    assert state == TINY.shapes()


def test_weights_survive_a_round_trip() -> None:
    weights = random_weights(TINY, seed=1)
    network = Backbone(TINY)
    load_weights(network, weights)
    back = weights_of(network)
    assert all(np.array_equal(weights[name], back[name]) for name in weights)


def test_the_future_does_not_reach_the_past() -> None:
    network, x_BND = tiny(), torch.randn(2, 12, TINY.width)
    changed = x_BND.clone()
    changed[:, 7:] += 1
    with torch.no_grad():
        before, after = network(x_BND), network(changed)
    assert torch.equal(before[:, :7], after[:, :7])
    assert not torch.allclose(before[:, 7:], after[:, 7:])


def test_order_matters() -> None:
    network, x_BND = tiny(), torch.randn(1, 6, TINY.width)
    swapped = x_BND[:, [1, 0, 2, 3, 4, 5]]
    with torch.no_grad():
        assert not torch.allclose(network(x_BND)[:, -1], network(swapped)[:, -1], atol=1e-4)


@pytest.mark.parametrize("interleaved", [True, False])
def test_both_rotations_are_one_up_to_the_order_of_rows(interleaved: bool) -> None:
    config = BackboneConfig(
        layers=1, width=16, heads=2, kv_heads=1, ff=8, vocab=9, interleaved=interleaved
    )
    other = BackboneConfig(
        layers=1, width=16, heads=2, kv_heads=1, ff=8, vocab=9, interleaved=not interleaved
    )
    weights = random_weights(config, seed=2)
    pairs = np.arange(8).reshape(2, 4).T.reshape(-1) if interleaved is False else _halves()
    moved = dict(weights)
    for name in ("layers.0.q.weight", "layers.0.k.weight"):
        heads = weights[name].reshape(-1, 8, 16)
        moved[name] = heads[:, pairs].reshape(-1, 16)
    one, two = Backbone(config), Backbone(other)
    load_weights(one, weights)
    load_weights(two, moved)
    x_BND = torch.randn(1, 5, 16)
    with torch.no_grad():
        torch.testing.assert_close(one(x_BND), two(x_BND))


def _halves() -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.concatenate([np.arange(0, 8, 2), np.arange(1, 8, 2)])


def test_a_step_of_training_lowers_the_loss() -> None:
    torch.manual_seed(0)
    network = Backbone(TINY)
    ids = torch.randint(0, TINY.vocab, (2, 16))
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-2)

    def loss() -> Any:
        logits = network.logits(network(network.embed(ids)))
        return torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())

    first = loss()
    for _ in range(5):
        optimiser.zero_grad()
        step = loss()
        step.backward()
        optimiser.step()
    assert loss() < first - 0.1

import numpy as np
import pytest

from hocket.model.adapters import merged
from hocket.model.config import random_weights
from tests.model.test_network import TINY, tiny

torch = pytest.importorskip("torch")

from hocket.model.lora import adapt, adapters_of  # noqa: E402
from hocket.model.network import Backbone, load_weights  # noqa: E402

RANK = 3
X_BND = torch.randn(2, 9, TINY.width, generator=torch.Generator().manual_seed(0))


def adapted(*, trained: bool) -> Backbone:
    network = tiny()
    adapt(network, RANK)
    if trained:
        with torch.no_grad():
            for name, weight in adapters_of(network).items():
                if name.endswith(".b"):
                    weight.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
    return network.eval()


def test_an_adapter_starts_by_adding_nothing() -> None:
    with torch.no_grad():
        assert torch.equal(tiny()(X_BND), adapted(trained=False)(X_BND))


def test_merged_weights_compute_what_the_adapted_network_computes() -> None:
    network = adapted(trained=True)
    adapters = {name: w.numpy() for name, w in adapters_of(network).items()}
    plain = Backbone(TINY)
    load_weights(plain, merged(random_weights(TINY, seed=0), adapters))
    with torch.no_grad():
        found, wanted = plain(X_BND), network(X_BND)
        assert torch.allclose(found, wanted, atol=1e-5)
        assert not torch.allclose(tiny()(X_BND), wanted, atol=1e-2)


def test_only_adapters_learn() -> None:
    network = adapted(trained=True)
    network(X_BND).sum().backward()
    learning = {name for name, w in network.named_parameters() if w.grad is not None}
    assert learning == set(adapters_of(network))
    assert len(learning) == 2 * 7 * TINY.layers


def test_an_adapter_of_another_base_is_refused() -> None:
    with pytest.raises(KeyError):
        merged({}, {"x.a": np.zeros((1, 2), np.float32), "x.b": np.zeros((2, 1), np.float32)})

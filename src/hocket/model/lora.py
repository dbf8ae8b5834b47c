"""Low-rank adapters: a frozen backbone learns by a small sum beside each of its matrices.

Law: an adapter starts by adding nothing; only ``a`` and ``b`` are trained, and only they are stored.
Source: Hu et al. 2021 (LoRA), arXiv 2106.09685; scale 2, as alpha twice the rank.
"""

from typing import cast

import torch
from torch import Tensor, nn

from hocket.model.adapters import MATRICES, MEANT, SCALE
from hocket.model.network import Backbone


class Adapted(nn.Module):
    """A frozen linear layer and its adapter."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.a = nn.Parameter(torch.empty(rank, linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))
        nn.init.normal_(self.a, std=linear.in_features**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] to [..., out]."""
        return cast(Tensor, self.linear(x)) + SCALE * (x @ self.a.T) @ self.b.T


def adapt(network: Backbone, rank: int) -> None:
    """Freeze a network, put an adapter beside each matrix of its layers, and ``meant`` behind them."""
    network.requires_grad_(False)
    for layer in network.layers:
        for name in MATRICES:
            setattr(layer, name, Adapted(getattr(layer, name), rank))
    head = nn.Linear(network.config.width, 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    setattr(network, MEANT, head)


def adapters_of(network: Backbone) -> dict[str, Tensor]:
    """The adapters of a network, by name."""
    return {name: w for name, w in network.state_dict().items() if name.endswith((".a", ".b"))}

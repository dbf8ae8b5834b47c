"""The backbone in torch: what training trains, and the reference that the served graph must equal.

Law: embeddings in, hidden states out; position n sees positions 0..n and nothing else, whatever
their number. Names and shapes of the state are ``BackboneConfig.shapes``. Torch is imported here
and in ``hocket.training`` only. Source: the llama family, see config.py.
"""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hocket.model.config import BackboneConfig, Weights, rope_tables


class Backbone(nn.Module):
    """A causal transformer whose output matrix is its embedding matrix."""

    rope_cos: Tensor  # [max_positions, head_size / 2]
    rope_sin: Tensor

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        cos, sin = rope_tables(config, config.max_positions)
        self.register_buffer("rope_cos", torch.from_numpy(cos), persistent=False)
        self.register_buffer("rope_sin", torch.from_numpy(sin), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start afresh; matrices that write into the residual stream start smaller by depth."""
        residual_scale = (2 * self.config.layers) ** -0.5
        for name, weight in self.named_parameters():
            if weight.ndim == 1:
                nn.init.ones_(weight)
                continue
            scale = residual_scale if name.endswith(("o.weight", "down.weight")) else 1.0
            nn.init.normal_(weight, std=0.02 * scale)

    def forward(self, x_BND: Tensor) -> Tensor:
        """Embeddings [B, N, D] of positions 0..N-1 to normalised hidden states [B, N, D].

        Sequences of unequal length are padded on the right: causality keeps padding from leaking.
        """
        n = x_BND.shape[1]
        cos_NR, sin_NR = self.rope_cos[:n], self.rope_sin[:n]
        for layer in self.layers:
            x_BND = layer(x_BND, cos_NR, sin_NR)
        return cast(Tensor, self.norm(x_BND))

    def logits(self, hidden_BND: Tensor) -> Tensor:
        """Hidden states [..., D] to scores over the vocabulary [..., V]."""
        return functional.linear(hidden_BND, self.embed.weight)


class Layer(nn.Module):
    """Attention, then a gated feed-forward, each added to the residual stream."""

    def __init__(self, config: BackboneConfig) -> None:
        super().__init__()
        self.config = config
        self.attn_norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.q = nn.Linear(config.width, config.width, bias=False)
        self.k = nn.Linear(config.width, config.kv_width, bias=False)
        self.v = nn.Linear(config.width, config.kv_width, bias=False)
        self.o = nn.Linear(config.width, config.width, bias=False)
        self.ff_norm = nn.RMSNorm(config.width, eps=config.norm_eps)
        self.gate = nn.Linear(config.width, config.ff, bias=False)
        self.up = nn.Linear(config.width, config.ff, bias=False)
        self.down = nn.Linear(config.ff, config.width, bias=False)

    def forward(self, x_BND: Tensor, cos_NR: Tensor, sin_NR: Tensor) -> Tensor:
        """One layer over [B, N, D]; the tables are [N, head_size / 2]."""
        x_BND = x_BND + self._attend(self.attn_norm(x_BND), cos_NR, sin_NR)
        h_BND = self.ff_norm(x_BND)
        return x_BND + cast(Tensor, self.down(functional.silu(self.gate(h_BND)) * self.up(h_BND)))

    def _attend(self, x_BND: Tensor, cos_NR: Tensor, sin_NR: Tensor) -> Tensor:
        batch, n, _ = x_BND.shape
        size = self.config.head_size
        q_BHNS = self.q(x_BND).view(batch, n, -1, size).transpose(1, 2)
        k_BGNS = self.k(x_BND).view(batch, n, -1, size).transpose(1, 2)
        v_BGNS = self.v(x_BND).view(batch, n, -1, size).transpose(1, 2)
        rotate = _rotate_neighbours if self.config.interleaved else _rotate_halves
        mixed_BHNS = functional.scaled_dot_product_attention(
            rotate(q_BHNS, cos_NR, sin_NR),
            rotate(k_BGNS, cos_NR, sin_NR),
            v_BGNS,
            is_causal=True,
            enable_gqa=True,
        )
        return cast(Tensor, self.o(mixed_BHNS.transpose(1, 2).reshape(batch, n, -1)))


def _rotate_neighbours(x_BHNS: Tensor, cos_NR: Tensor, sin_NR: Tensor) -> Tensor:
    a, b = x_BHNS[..., 0::2], x_BHNS[..., 1::2]
    pairs = torch.stack((a * cos_NR - b * sin_NR, b * cos_NR + a * sin_NR), dim=-1)
    return pairs.flatten(-2).to(x_BHNS.dtype)


def _rotate_halves(x_BHNS: Tensor, cos_NR: Tensor, sin_NR: Tensor) -> Tensor:
    a, b = x_BHNS.chunk(2, dim=-1)
    halves = torch.cat((a * cos_NR - b * sin_NR, b * cos_NR + a * sin_NR), dim=-1)
    return halves.to(x_BHNS.dtype)


def load_weights(network: Backbone, weights: Weights) -> None:
    """Copy weights in by name; KeyError or RuntimeError when a name or a shape does not fit."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            # A copy: torch warns of arrays that it may not write to, such as mapped files.
            parameter.copy_(torch.from_numpy(np.array(weights[name], np.float32)))


def weights_of(network: Backbone) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """The network's weights as numpy float32, by the shared names: what the graph is built from."""
    return {k: v.detach().float().cpu().numpy() for k, v in network.named_parameters()}

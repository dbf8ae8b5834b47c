"""The duplex network: ticks in, a decision for every tick out.

Law: the logits of tick k depend on ticks 0..k of the same row alone. Source: model.md section 1;
``network.py`` for the backbone.
"""

from dataclasses import replace
from typing import cast

from torch import Tensor, nn

from hocket.model.duplex_config import DuplexConfig
from hocket.model.heads import Heads, TickLogits
from hocket.model.inputs import TickEmbedding, TickTensors
from hocket.model.network import Backbone


class Duplex(nn.Module):
    """Embeddings of ticks, a backbone, heads."""

    def __init__(self, config: DuplexConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = TickEmbedding(config)
        # It writes no text: 19 million weights of a vocabulary would only weigh on checkpoints.
        self.backbone = Backbone(replace(config.backbone, vocab=1))
        self.backbone.embed.requires_grad_(False)
        # Layers start by adding nothing: the heads first read the inputs themselves, and what a layer
        # finds comes on top (docs/decisions/0040).
        for name, weight in self.backbone.named_parameters():
            if name.endswith(("o.weight", "down.weight")):
                nn.init.zeros_(weight)
        self.heads = Heads(config.backbone.width)

    def forward(self, ticks: TickTensors) -> TickLogits:
        """Logits of all T ticks.

        Raises:
            ValueError: a row is longer than the backbone's ``max_positions``.
        """
        if ticks.length > self.config.backbone.max_positions:
            most = self.config.backbone.max_positions
            raise ValueError(f"expected at most {most} positions in a row, got {ticks.length}")
        hidden_RND = self.backbone(self.embedding(ticks))
        return cast(TickLogits, self.heads(_last(hidden_RND, ticks.last_at_T)))


def _last(hidden_RND: Tensor, last_at_T: Tensor) -> Tensor:
    return hidden_RND.flatten(0, 1).index_select(0, last_at_T)

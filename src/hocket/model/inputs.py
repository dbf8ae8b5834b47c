"""What a tick shows the network, turned into embeddings: our own side, the user's sound, words.

Law: nothing of a tick's own floor enters; ``F`` holds the action and the playback of the tick before.
Each kind of position ends in a norm of its own, so that none drowns another at the start of training.
Source: model.md section 1.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from hocket.model.duplex_config import (
    DMEL_BINS,
    DMEL_FRAMES,
    DMEL_LEVELS,
    FEATURE_WIDTH,
    SOUND_POSITIONS,
    TOKEN_KINDS,
    TOKEN_WIDTH,
    DuplexConfig,
    Sound,
)
from hocket.protocol.floor import FLOORS


@dataclass(frozen=True, slots=True, kw_only=True)
class TickTensors:
    """T ticks of R rows, one after the other. A ticks show their sound; N tokens in all."""

    rows: int
    length: int  # positions of the longest row
    tick_at_T: Tensor  # int64, places in the flat sequence [rows x length], see layout.py
    sound_at_S: Tensor
    token_at_N: Tensor
    last_at_T: Tensor
    last_floor_T: Tensor  # int64: the action of the tick before
    levels_TL: Tensor  # float32: played dB and share of the tick before; the user's dB if asked for
    played_dmel_TM: Tensor  # int64 [T, 80], of the tick before
    features_AQE: Tensor | None  # float32 [A, 4, 576]
    dmel_AFM: Tensor | None  # int64 [A, 8, 80]
    tokens_NE: Tensor | None  # float32 [N, 576]: frozen embeddings
    token_kinds_N: Tensor | None  # int64


class TickEmbedding(nn.Module):
    """Ticks to one padded sequence of embeddings [R, N, D]."""

    def __init__(self, config: DuplexConfig) -> None:
        super().__init__()
        width = config.backbone.width
        self.own = OwnSide(width, n_levels=2 + config.level)
        self.sound: SoundFeatures | SoundLevels | None = None
        if config.sound is Sound.FEATURES:
            self.sound = SoundFeatures(width)
        elif config.sound is Sound.DMEL:
            self.sound = SoundLevels(width)
        self.words = Words(width) if config.words else None

    def forward(self, ticks: TickTensors) -> Tensor:
        """Embeddings [R, N, D]; zeros where a row is padded."""
        own_TD: Tensor = self.own(ticks)
        flat_PD = own_TD.new_zeros(ticks.rows * ticks.length, own_TD.shape[1])
        flat_PD = flat_PD.index_copy(0, ticks.tick_at_T, own_TD)
        if self.sound is not None and len(ticks.sound_at_S):
            flat_PD = flat_PD.index_copy(0, ticks.sound_at_S, self.sound(ticks))
        if self.words is not None and len(ticks.token_at_N):
            flat_PD = flat_PD.index_copy(0, ticks.token_at_N, self.words(ticks))
        return flat_PD.view(ticks.rows, ticks.length, -1)


class OwnSide(nn.Module):
    """``F``: what we did in the last tick and what of it was heard."""

    def __init__(self, width: int, *, n_levels: int) -> None:
        super().__init__()
        self.floor = nn.Embedding(len(FLOORS), width)
        nn.init.normal_(self.floor.weight, std=0.2)  # as levels and bag have; torch's 1 drowns both
        self.levels = nn.Linear(n_levels, width)
        self.played = LevelBag(width, places=DMEL_BINS)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[T, D]."""
        sum_TD = self.floor(ticks.last_floor_T) + self.levels(ticks.levels_TL)
        return cast(Tensor, self.norm(sum_TD + self.played(ticks.played_dmel_TM)))


class SoundFeatures(nn.Module):
    """``A`` from the frozen encoder: one linear and a norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(FEATURE_WIDTH, width)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[4 A, D]."""
        assert ticks.features_AQE is not None
        projected_SD = self.project(ticks.features_AQE.flatten(0, 1))
        return cast(Tensor, self.norm(projected_SD.float()))  # autocast makes it bfloat16


class SoundLevels(nn.Module):
    """``A`` from dMel: embeddings of (frame, bin, level) summed over the two frames of a position."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.bag = LevelBag(width, places=DMEL_FRAMES * DMEL_BINS)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[4 A, D]."""
        assert ticks.dmel_AFM is not None
        pairs_SL = ticks.dmel_AFM.reshape(-1, DMEL_FRAMES * DMEL_BINS)
        assert len(pairs_SL) == len(ticks.dmel_AFM) * SOUND_POSITIONS
        return cast(Tensor, self.norm(self.bag(pairs_SL)))


class LevelBag(nn.Module):
    """A sum of embeddings, one for the level at each place.

    Measured on one core, 1,600 positions of 160 places: forward 23 ms and both ways 78 ms, against 30
    and 61 ms for a one-hot matrix product; of 2.2 s that the backbone takes for them.
    """

    offset_L: Tensor

    def __init__(self, width: int, *, places: int) -> None:
        super().__init__()
        # Sums of many are normed at once: a small start lets the learned part show early.
        self.weight = nn.Parameter(torch.randn(places * DMEL_LEVELS, width) * 0.02)
        self.register_buffer("offset_L", torch.arange(places) * DMEL_LEVELS, persistent=False)

    def forward(self, levels_TL: Tensor) -> Tensor:
        """Levels 0..15 [T, places] to [T, D]."""
        return nn.functional.embedding_bag(levels_TL + self.offset_L, self.weight, mode="sum")


class Words(nn.Module):
    """``W``: a token's frozen embedding through a trained linear, plus the embedding of its kind."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.project = nn.Linear(TOKEN_WIDTH, width, bias=False)
        self.kind = nn.Embedding(TOKEN_KINDS, width)
        nn.init.normal_(self.kind.weight, std=0.05)  # projected tokens have 0.08
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[N, D]."""
        assert ticks.tokens_NE is not None and ticks.token_kinds_N is not None
        sum_ND = self.project(ticks.tokens_NE) + self.kind(ticks.token_kinds_N)
        return cast(Tensor, self.norm(sum_ND))

"""What a tick shows the network, turned into embeddings: our own side, the user's sound, words.

Law: nothing of a tick's own floor enters; ``F`` holds the action and the playback of the tick before.
Each kind of position ends in a norm of its own, so that none drowns another at the start of training.
Source: model.md section 1.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from hocket.audio.dmel import LEVELS, MELS
from hocket.model.duplex_config import (
    DMEL_FRAMES,
    FEATURE_WIDTH,
    RECENT_LEVELS,
    SOUND_POSITIONS,
    TOKEN_KINDS,
    USER_VOICE,
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
    levels_TL: Tensor  # float32: played dB and share of the tick before; what else F is told
    played_dmel_TM: Tensor  # int64 [T, 80], of the tick before
    features_AQE: Tensor | None  # float32 [A, 4, 576]
    dmel_AFM: Tensor | None  # int64 [A, 8, 80]
    tokens_NE: Tensor | None  # float32 [N, E]: frozen embeddings, and what is known beside
    token_kinds_N: Tensor | None  # int64
    recent_TWS: Tensor | None = None  # float32: sound of the last W ticks, a mean of each
    recent_TWV: Tensor | None = None  # float32: who was heard, see user_voice.py
    latest_TE: Tensor | None = None  # float32: the latest token's vector
    latest_age_T: Tensor | None = None  # float32 0..1: 1 for a token of this tick, 0 for none


class TickEmbedding(nn.Module):
    """Ticks to one padded sequence of embeddings [R, N, D]."""

    def __init__(self, config: DuplexConfig) -> None:
        super().__init__()
        width = config.backbone.width
        self.own = OwnSide(width, n_levels=config.own_width)
        self.sound: SoundFeatures | SoundLevels | None = None
        if config.sound is Sound.FEATURES:
            self.sound = SoundFeatures(width)
        elif config.sound is Sound.DMEL:
            self.sound = SoundLevels(width)
        self.words = Words(width, config.token_width) if config.words else None
        self.recent = Recent(config) if config.recent_ticks else None

    def forward(self, ticks: TickTensors) -> Tensor:
        """Embeddings [R, N, D]; zeros where a row is padded."""
        own_TD: Tensor = self.own(ticks)
        flat_PD = own_TD.new_zeros(ticks.rows * ticks.length, own_TD.shape[1])
        flat_PD = flat_PD.index_copy(0, ticks.tick_at_T, own_TD)
        if self.sound is not None and len(ticks.sound_at_S):
            flat_PD = flat_PD.index_copy(0, ticks.sound_at_S, self.sound(ticks))
        if self.words is not None and len(ticks.token_at_N):
            flat_PD = flat_PD.index_copy(0, ticks.token_at_N, self.words(ticks))
        if self.recent is not None:
            flat_PD = flat_PD.index_add(0, ticks.last_at_T, self.recent(ticks))
        return flat_PD.view(ticks.rows, ticks.length, -1)


class OwnSide(nn.Module):
    """``F``: what we did in the last tick and what of it was heard."""

    def __init__(self, width: int, *, n_levels: int) -> None:
        super().__init__()
        self.floor = nn.Embedding(len(FLOORS), width)
        nn.init.normal_(self.floor.weight, std=0.2)  # as levels and bag have; torch's 1 drowns both
        self.levels = nn.Linear(n_levels, width)
        self.played = LevelBag(width, places=MELS)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[T, D]."""
        sum_TD = self.floor(ticks.last_floor_T) + self.levels(ticks.levels_TL)
        return cast(Tensor, self.norm(sum_TD + self.played(ticks.played_dmel_TM)))


class Recent(nn.Module):
    """What was heard lately, added to the position that decides.

    A linear reading of the last 1.4 s tells ends from pauses that a young transformer does not find in
    thousands of positions (docs/decisions/0040). Each tick's sound is normed by itself.
    """

    def __init__(self, config: DuplexConfig) -> None:
        super().__init__()
        width, ticks = config.backbone.width, config.recent_ticks
        self.sound: nn.Linear | None = None
        if config.sound is not Sound.NONE:
            size = FEATURE_WIDTH if config.sound is Sound.FEATURES else RECENT_LEVELS
            self.sound_norm = nn.LayerNorm(size)
            self.sound = nn.Linear(ticks * size, width, bias=False)
        self.user_voice: nn.Linear | None = None
        if config.user_voice:
            self.user_voice = nn.Linear(ticks * USER_VOICE, width, bias=False)
        self.latest: nn.Linear | None = None
        if config.words:
            self.latest = nn.Linear(config.token_width, width, bias=False)
            self.age = nn.Linear(1, width)
        self.floor = nn.Embedding(len(FLOORS), width)
        nn.init.normal_(self.floor.weight, std=0.2)
        self.dropout = nn.Dropout(config.recent_dropout)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[T, D]."""
        parts: list[Tensor] = [self.floor(ticks.last_floor_T)]
        if self.sound is not None:
            assert ticks.recent_TWS is not None
            heard_TWS = self.dropout(self.sound_norm(ticks.recent_TWS))
            parts.append(self.sound(heard_TWS.flatten(1)))
        if self.user_voice is not None:
            assert ticks.recent_TWV is not None
            parts.append(self.user_voice(ticks.recent_TWV.flatten(1)))
        if self.latest is not None:
            assert ticks.latest_TE is not None and ticks.latest_age_T is not None
            fresh_T1 = ticks.latest_age_T[:, None]
            parts.append(self.latest(self.dropout(ticks.latest_TE)) + self.age(fresh_T1))
        return cast(Tensor, self.norm(torch.stack(parts).sum(0).float()))


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
        self.bag = LevelBag(width, places=DMEL_FRAMES * MELS)
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[4 A, D]."""
        assert ticks.dmel_AFM is not None
        pairs_SL = ticks.dmel_AFM.reshape(-1, DMEL_FRAMES * MELS)
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
        self.weight = nn.Parameter(torch.randn(places * LEVELS, width) * 0.02)
        self.register_buffer("offset_L", torch.arange(places) * LEVELS, persistent=False)

    def forward(self, levels_TL: Tensor) -> Tensor:
        """Levels 0..15 [T, places] to [T, D]."""
        return nn.functional.embedding_bag(levels_TL + self.offset_L, self.weight, mode="sum")


class Words(nn.Module):
    """``W``: a token's frozen embedding through a trained linear, plus the embedding of its kind."""

    def __init__(self, width: int, token_width: int) -> None:
        super().__init__()
        self.project = nn.Linear(token_width, width, bias=False)
        self.kind = nn.Embedding(TOKEN_KINDS, width)
        nn.init.normal_(self.kind.weight, std=0.05)  # projected tokens have 0.08
        self.norm = nn.RMSNorm(width, eps=1e-5)

    def forward(self, ticks: TickTensors) -> Tensor:
        """[N, D]."""
        assert ticks.tokens_NE is not None and ticks.token_kinds_N is not None
        sum_ND = self.project(ticks.tokens_NE) + self.kind(ticks.token_kinds_N)
        return cast(Tensor, self.norm(sum_ND))

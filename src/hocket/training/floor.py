"""The floor as a subject of training: crops of packed sessions, judged by what should have been done.

Source: model.md section 4; loop.py for what a subject is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from hocket.core.provenance import commit
from hocket.data.pack import Pack, Packs
from hocket.model.duplex import Duplex
from hocket.model.inputs import TickTensors
from hocket.training.batches import Targets, collate
from hocket.training.checkpoint import Card, begin_as
from hocket.training.config import TrainingConfig
from hocket.training.crops import Crop, Crops
from hocket.training.curves import Row
from hocket.training.loop import Loss
from hocket.training.losses import class_weights, losses
from hocket.training.other_voices import OtherVoices
from hocket.training.provenance import data_hash
from hocket.training.report import validate
from hocket.training.word_vectors import WordVectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What a training needs beside its configuration."""

    data: Sequence[Path]  # packs, learnt from as one
    validation: Path
    vectors: WordVectors | None = None  # for networks that read words
    words: str = ""  # hash of the language model that told them of ends
    start: Path | None = None  # an exported floor network to begin as


class FloorTraining:
    """A duplex network that learns from packs.

    Raises:
        BadInput: a pack is none.
    """

    def __init__(self, config: TrainingConfig, materials: Materials, *, seed: int) -> None:
        self._config, self._vectors = config, materials.vectors
        self._data, self._validation = Packs(materials.data), Pack(materials.validation)
        self._crops = Crops(self._data, config, seed=seed)
        self._voices = OtherVoices(self._data) if config.voice_share else None
        weights_C = class_weights(self._data)
        self._class_weights_C = torch.from_numpy(weights_C)
        torch.manual_seed(seed)
        self.network = Duplex(config.network)
        start = begin_as(self.network, materials.start) if materials.start else ""
        self.card = Card(
            config=config,
            seed=seed,
            data="+".join(
                [*(data_hash(each) for each in materials.data), *filter(None, [materials.words])]
            ),
            validation=data_hash(materials.validation),
            commit=commit(),
            class_weights=tuple(float(weight) for weight in weights_C),
            start=start,
        )

    def batches(self) -> Iterator[tuple[Crop, ...]]:
        """Crops of the packs."""
        return self._crops.batches()

    def loss(self, batch: tuple[Crop, ...]) -> Loss:
        """Floor and voice activity ahead."""
        ticks, targets = self._tensors(batch)
        both = losses(self.network(ticks), targets, self._class_weights_C)
        return Loss(
            total=both.total(ahead_share=self._config.ahead_share),
            figures={"floor_loss": both.floor.item(), "ahead_loss": both.ahead.item()},
            n_positions=len(ticks.tick_at_T) + len(ticks.sound_at_S) + len(ticks.token_at_N),
        )

    def _tensors(self, crops: tuple[Crop, ...]) -> tuple[TickTensors, Targets]:
        made = collate(
            self._data,
            crops,
            self._config.network,
            self._vectors,
            silence_weight=self._config.silence_weight,
            voices=self._voices,
        )
        return made.ticks, made.targets

    def validate(self) -> Row:
        """Every tick of the validation's sessions, once."""
        report = validate(
            self.network, self._validation, self._config, self._vectors, self._class_weights_C
        )
        return report.row()

"""Trainings to files that are shipped.

Law: only weights that are used go out, with the card of their training in the head.
Source: engine/shipped.py reads them.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

from hocket.core.errors import BadInput
from hocket.engine import shipped, small_file
from hocket.model.duplex_config import Sound
from hocket.training.checkpoint import WEIGHTS, Card, load_card, load_network, tensors_of
from hocket.training.config import TrainingConfig, to_json


def export_floor(training: Path, folder: Path) -> Path:
    """``floor.safetensors`` of a training of the floor; returns its path.

    Raises:
        BadInput: it is no such training, or its network cannot be served.
    """
    network, card = load_network(training)
    config = card.config
    assert isinstance(config, TrainingConfig)
    kind = config.network
    whole = kind.words and kind.recent_ticks and kind.user_voice and kind.manner
    if kind.sound is not Sound.FEATURES or not whole:
        raise BadInput(f"expected the inputs of recipes/interaction.py, got {kind}")
    weights = {
        name: w.detach().numpy() for name, w in network.named_parameters() if w.requires_grad
    }
    about = _about(card) | {
        "backbone": json.dumps(asdict(replace(kind.backbone, vocab=1))),
        "window_ticks": str(config.crop_ticks),
        "context_ticks": str(config.context_ticks),
        "recent_ticks": str(kind.recent_ticks),
    }
    return _written(folder / shipped.FLOOR, weights, about)


def export_words(training: Path, folder: Path) -> Path:
    """``words.safetensors`` of a training of a language model; returns its path.

    Raises:
        BadInput: it is no such training.
    """
    card = load_card(training)
    if isinstance(card.config, TrainingConfig):
        raise BadInput(f"expected a training of a language model in {training}, got the floor's")
    weights = {name: w.numpy() for name, w in tensors_of(training / WEIGHTS).items()}
    return _written(folder / shipped.WORDS, weights, _about(card))


def _about(card: Card) -> dict[str, str]:
    return {
        "config": json.dumps(to_json(card.config)),
        "seed": str(card.seed),
        "data": card.data,
        "commit": card.commit,
    }


def _written(path: Path, weights: dict[str, small_file.Array], about: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    small_file.write(path, weights, about)
    return path

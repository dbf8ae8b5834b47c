"""A training on disk: a card, the weights to use, and everything that is needed to go on.

Law: each file appears whole or not at all, and ``training.safetensors`` alone decides where a resumed
training stands: going on from it gives what an uninterrupted training would have given. Pickle is
never read.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from hocket.core.errors import BadInput
from hocket.engine import small_file
from hocket.engine.derived import file_sha
from hocket.model.duplex import Duplex
from hocket.training.config import AnyConfig, TrainingConfig, from_json, to_json
from hocket.transports.atomic import PartFile

CARD: Final = "config.json"
WEIGHTS: Final = "model.safetensors"
TRAINING: Final = "training.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What was trained, on what, from which seed."""

    config: AnyConfig
    seed: int
    data: str  # hashes, see provenance.py
    validation: str
    commit: str
    class_weights: tuple[float, ...] = ()  # of the floor
    start: str = ""  # hash of the exported network that it began as; "" from nothing

    def differs(self, other: "Card") -> str:
        """What two cards of one training may not differ in, in words; "" if they agree."""
        for name in ("config", "seed", "data", "class_weights", "start"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                return f"{name} {theirs}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a training is."""

    step: int = 0
    elapsed_s: float = 0.0
    positions: int = 0


def save_card(folder: Path, card: Card) -> None:
    """Write ``config.json``."""
    values = {
        "config": to_json(card.config),
        "seed": card.seed,
        "data": card.data,
        "validation": card.validation,
        "commit": card.commit,
        "class_weights": card.class_weights,
        "start": card.start,
    }
    _write(folder / CARD, (json.dumps(values, indent=1) + "\n").encode())


def load_card(folder: Path) -> Card:
    """Read ``config.json``.

    Raises:
        BadInput: there is none, or it is none of ours.
    """
    try:
        values = json.loads((folder / CARD).read_text())
        return Card(
            config=from_json(values["config"]),
            seed=values["seed"],
            data=values["data"],
            validation=values["validation"],
            commit=values["commit"],
            class_weights=tuple(values["class_weights"]),
            start=values.get("start", ""),  # older trainings all began from nothing
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"expected a training in {folder}, got {error!r}") from None


def save_training(
    folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress
) -> None:
    """Write the weights to use, then the state to go on from."""
    trained = trained_of(network)
    weights = {f"model.{name}": w for name, w in trained.items()}
    state = {
        f"optimiser.{index}.{name}": value
        for index, values in optimiser.state_dict()["state"].items()
        for name, value in values.items()
    }
    place = {
        "step": str(progress.step),
        "elapsed_s": repr(progress.elapsed_s),
        "positions": str(progress.positions),
    }
    save_weights(folder, trained, place)
    everything = {**weights, **state, "rng": torch.get_rng_state()}
    _write(folder / TRAINING, save(everything, metadata=place))


def save_weights(folder: Path, weights: dict[str, Tensor], about: dict[str, str]) -> None:
    """Write the weights to use."""
    _write(folder / WEIGHTS, save(weights, metadata=about))


def load_training(folder: Path, network: nn.Module, optimiser: torch.optim.Optimizer) -> Progress:
    """Put network, optimiser and random numbers back to where they were saved.

    Raises:
        BadInput: there is nothing to go on from, or it is of another network.
    """
    tensors, place = _read(folder / TRAINING)
    _fill(network, _under("model.", tensors), folder)
    saved = optimiser.state_dict()
    saved["state"] = _by_index(_under("optimiser.", tensors))
    optimiser.load_state_dict(saved)
    torch.set_rng_state(tensors["rng"])
    return Progress(
        step=int(place["step"]),
        elapsed_s=float(place["elapsed_s"]),
        positions=int(place["positions"]),
    )


def can_resume(folder: Path) -> bool:
    """Whether there is a training to go on from."""
    return (folder / TRAINING).is_file()


def load_network(folder: Path) -> tuple[Duplex, Card]:
    """The trained network, ready to run, and its card.

    Raises:
        BadInput: there is none, or its parts do not fit.
    """
    card = load_card(folder)
    if not isinstance(card.config, TrainingConfig):
        raise BadInput(f"expected a training of the floor in {folder}, got {card.config.name}")
    network = Duplex(card.config.network)
    tensors, _ = _read(folder / WEIGHTS)
    _fill(network, tensors, folder)
    return network.eval(), card


def begin_as(network: nn.Module, exported: Path) -> str:
    """Give a network the weights of an exported file; returns the file's hash.

    Raises:
        BadInput: it is of another network.
        ModelFileError: there is none.
    """
    weights, _ = small_file.read(exported)
    _fill(network, {name: torch.from_numpy(w.copy()) for name, w in weights.items()}, exported)
    return file_sha(exported)[:8]


def trained_of(network: nn.Module) -> dict[str, Tensor]:
    """The weights that training moves, by name; frozen ones come from elsewhere."""
    return {name: w.detach() for name, w in network.named_parameters() if w.requires_grad}


def tensors_of(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of a training, by name.

    Raises:
        BadInput: there is none, or it is none.
    """
    return _read(path)[0]


def _fill(network: nn.Module, weights: dict[str, Tensor], folder: Path) -> None:
    try:
        unfit = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise BadInput(f"expected weights of this network in {folder}, got: {reason}") from None
    trained = trained_of(network).keys()
    if lacking := sorted(trained & set(unfit.missing_keys)) or unfit.unexpected_keys:
        raise BadInput(f"expected weights of this network in {folder}, got: {lacking[0]}")


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise BadInput(f"expected a checkpoint at {path}, got: {error}") from None


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    chosen = {name: w for name, w in tensors.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): w for name, w in chosen.items()}


def _by_index(flat: dict[str, Tensor]) -> dict[int, dict[str, Any]]:
    state: dict[int, dict[str, Any]] = {}
    for key, value in flat.items():
        index, name = key.split(".")
        state.setdefault(int(index), {})[name] = value
    return state


def _write(path: Path, data: bytes) -> None:
    file = PartFile(path)
    file.write(data)
    file.commit()

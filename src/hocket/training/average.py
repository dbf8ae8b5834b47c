"""The mean of several checkpoints of one training, weight by weight.

    python -m hocket.training.average TRAINING TRAINING [...] --out FOLDER

A folder that is named twice counts twice; one may be an engine's, with the exported network in it.

Law: they come one from the other. What a longer training learned by heart is forgotten by half, what both
know stays; the mean may be better on voices that neither has heard. It can be exported and judged, not gone
on from. Source: model soups (arXiv 2203.05482); docs/decisions/0070 for what it gave.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from hocket.core.errors import BadInput
from hocket.engine import small_file
from hocket.engine.shipped import FLOOR
from hocket.training.checkpoint import WEIGHTS, load_card, save_card, save_weights, tensors_of


def main() -> None:
    """Write the mean's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trainings", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    average(options.trainings, options.out)


def average(trainings: Sequence[Path], out: Path) -> None:
    """Each counts as much as the others; the card is that of the last, which is a training.

    Raises:
        BadInput: one is no training, or they are of different networks.
    """
    each = [weights_of(training) for training in trainings]
    shapes = [{name: w.shape for name, w in tensors.items()} for tensors in each]
    if unlike := [
        training for training, found in zip(trainings, shapes, strict=True) if found != shapes[0]
    ]:
        raise BadInput(f"expected trainings of one network, got {trainings[0]} and {unlike[0]}")
    out.mkdir(parents=True, exist_ok=True)
    save_card(out, load_card(trainings[-1]))
    means = {
        name: torch.stack([tensors[name].double() for tensors in each]).mean(0).to(w.dtype)
        for name, w in each[-1].items()
    }
    save_weights(out, means, {"mean_of": str(len(trainings))})


def weights_of(folder: Path) -> dict[str, Tensor]:
    """A training's weights, or those of an engine's exported network."""
    if not (exported := folder / FLOOR).is_file():
        return tensors_of(folder / WEIGHTS)
    return {name: torch.from_numpy(w.copy()) for name, w in small_file.read(exported)[0].items()}


if __name__ == "__main__":
    main()

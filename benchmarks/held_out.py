"""What floor networks say of packs that none has learned from: losses, decisions, ends told from pauses.

    python -m benchmarks.held_out PACK [PACK ...] --floor TRAINING [TRAINING|ENGINE ...] [--json FILE]

Packs are such as ``hocket synthesize people --split validation`` makes. The networks are of one shape; the
first is a training, whose configuration and class weights judge all. Beside each area under the curve
stands over how many ends and pauses it is.
"""

import argparse
from pathlib import Path

import torch

from benchmarks.result import write
from hocket.data.pack import Pack
from hocket.model.duplex import Duplex
from hocket.training.average import weights_of
from hocket.training.checkpoint import load_card
from hocket.training.config import TrainingConfig
from hocket.training.curves import Row
from hocket.training.predict import vectors_of
from hocket.training.report import validate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--floor", type=Path, nargs="+", required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    card = load_card(options.floor[0])
    assert isinstance(card.config, TrainingConfig)
    vectors = vectors_of(card.config, None)
    network = Duplex(card.config.network).eval()
    results: dict[str, dict[str, Row]] = {}
    for floor in options.floor:
        network.load_state_dict(weights_of(floor), strict=False)  # buffers are not saved
        results[floor.name] = {
            folder.name: validate(
                network, Pack(folder), card.config, vectors, torch.tensor(card.class_weights)
            ).row()
            for folder in options.packs
        }
    write(options.json, "held_out", {"floors": results})


if __name__ == "__main__":
    main()

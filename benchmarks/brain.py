"""What the backbone costs in time and memory, and what eight bits cost in quality.

    python -m benchmarks.brain [--json FILE] [--repeats N]

SmolLM2-135M in 8 bits unless said otherwise. The ways of running are taken in turn, repeat by
repeat, so that a neighbour's load falls on all of them alike. ``load`` is the machine's one-minute
load average before and after: figures taken above 1 on two cores are not quiet figures.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.result import write
from hocket.engine.derived import Model, derive, derive_gguf
from hocket.engine.port import Float32
from hocket.engine.runtime import Backbone
from hocket.model.config import HOCKET_13M, random_weights
from hocket.weights.store import path_of

SMOLLM2 = "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
POSITIONS = (1, 5, 10)
CACHED = (1024, 4096)
WAYS = {
    "two threads": {"threads": 2},
    "two threads, no spinning": {"threads": 2, "spin_us": 0},
    "one thread": {"threads": 1},
}
PARAGRAPHS = (
    "The old lighthouse stood at the end of a narrow spit of land, where the river met the sea. "
    "Every evening, just before dark, the keeper climbed the hundred and twelve steps to the lamp "
    "room, cleaned the glass, and lit the lamp. Ships far out on the water could see its beam "
    "turning slowly over the waves, and they knew that they were close to home.",
    "To make a simple vegetable soup, cut two onions, three carrots and a stick of celery into "
    "small pieces. Heat a little oil in a large pot and cook the vegetables for about ten minutes, "
    "until they are soft. Add one litre of water, some salt and pepper, and let it cook on a low "
    "heat for half an hour.",
    "Hello, how can I help you today? I would like to change my booking for next Friday. Of course. "
    "Could you tell me your name and the number of the booking, please? Yes, it is under Miller, "
    "and the number is four seven one nine. Thank you. What day would you like to come instead?",
)


def memory_mb() -> dict[str, float]:
    """Resident memory of this process: all, and the part that is no mapped file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    values = {
        line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmR", "Rss"))
    }
    return {
        "resident": round(int(values["VmRSS"]) / 1024),
        "of_it_private": round(int(values["RssAnon"]) / 1024),
    }


def spread(values_ms: list[float]) -> dict[str, float]:
    p50, p90 = np.percentile(values_ms, [50, 90])
    return {"min_ms": round(min(values_ms), 1), "p50_ms": round(p50, 1), "p90_ms": round(p90, 1)}


def elapsed_ms(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


def times(ways: dict[str, Backbone], cached: tuple[int, ...], repeats: int) -> dict[str, Any]:
    """Appending 1, 5 and 10 positions, and scoring the last one, way by way."""
    found: dict[str, list[float]] = defaultdict(list)
    for length in cached:
        sessions = {name: filled(backbone, length) for name, backbone in ways.items()}
        for _ in range(repeats):
            for name, backbone in ways.items():
                for n in POSITIONS:
                    kv, x_ND = sessions[name], backbone.embed(list(range(300, 300 + n)))
                    backbone.rollback(kv, length)
                    start = time.perf_counter()
                    hidden_ND = backbone.append(kv, x_ND)
                    found[f"{name}: append {n} at {length}"].append(elapsed_ms(start))
                    start = time.perf_counter()
                    backbone.logits(hidden_ND[-1])
                    found[f"{name}: logits"].append(elapsed_ms(start))
    return {name: spread(values) for name, values in found.items()}


def filled(backbone: Backbone, length: int) -> Any:
    kv = backbone.open(length + max(POSITIONS))
    ids = np.random.default_rng(0).integers(17, backbone.config.vocab, length)
    backbone.append(kv, backbone.embed(ids.tolist()))
    return kv


def next_token_losses(logits_NV: Float32, ids: list[int]) -> Float32:
    scores = logits_NV[:-1] - logits_NV[:-1].max(axis=1, keepdims=True)
    right = scores[np.arange(len(ids) - 1), ids[1:]]
    losses: Float32 = np.log(np.exp(scores).sum(axis=1)) - right
    return losses


def quality(rounded: Backbone) -> dict[str, Any]:
    """Eight bits beside float32 over three paragraphs."""
    with TemporaryDirectory() as folder:
        exact = Backbone.from_gguf(path_of(SMOLLM2), precision="float32", cache=Path(folder))
        losses: dict[str, list[float]] = {"float32": [], "int8": []}
        agreed: list[bool] = []
        for paragraph in PARAGRAPHS:
            ids = exact.tokenizer.encode(paragraph).ids
            logits = {
                name: backbone.logits(backbone.append(backbone.open(256), backbone.embed(ids)))
                for name, backbone in (("float32", exact), ("int8", rounded))
            }
            for name, logits_NV in logits.items():
                losses[name].extend(next_token_losses(logits_NV, ids).tolist())
            agreed.extend(logits["float32"].argmax(1) == logits["int8"].argmax(1))
    return {
        "tokens": len(agreed),
        "loss_float32": round(float(np.mean(losses["float32"])), 3),
        "loss_int8": round(float(np.mean(losses["int8"])), 3),
        "top1_agreement": round(float(np.mean(agreed)), 3),
    }


def build() -> None:
    """Build the graphs in a folder of their own, and print seconds and peak memory in MB."""
    with TemporaryDirectory() as folder:
        start = time.perf_counter()
        derive_gguf(path_of(SMOLLM2), cache=Path(folder))
        seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's memory
    print(seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024)


def building() -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.brain", "--build"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    seconds, peak_mb = (float(value) for value in done.stdout.split())
    return {"seconds": round(seconds, 1), "peak_mb": round(peak_mb)}


def small(folder: Path) -> Backbone:
    def load() -> Model:
        weights = random_weights(HOCKET_13M, seed=0)
        tokenizer_json = '{"model": {"type": "BPE", "vocab": {}, "merges": []}}'
        return Model(config=HOCKET_13M, weights=weights, tokenizer_json=tokenizer_json)

    return Backbone(derive("random-13m", "0", load, cache=folder))


def loading() -> tuple[Backbone, dict[str, Any]]:
    directory = derive_gguf(path_of(SMOLLM2))
    before_mb, start = memory_mb(), time.perf_counter()
    backbone = Backbone(directory)
    loaded_ms = elapsed_ms(start)
    loaded_mb = memory_mb()
    kv = filled(backbone, 1024)
    return backbone, {
        "load_ms": round(loaded_ms),
        "before_mb": before_mb,
        "loaded_mb": loaded_mb,
        "with_a_session_of_1024_mb": memory_mb(),
        "snapshot_mb": round(backbone.snapshot(kv).values.nbytes / 2**20, 1),
    }


def measure(repeats: int) -> dict[str, Any]:
    load_before = os.getloadavg()[0]
    first, memory = loading()
    ways = {name: Backbone(derive_gguf(path_of(SMOLLM2)), **way) for name, way in WAYS.items()}
    results: dict[str, Any] = {"memory": memory, "times": times(ways, CACHED, repeats)}
    del ways
    with TemporaryDirectory() as folder:
        results["times_13m"] = times({"two threads": small(Path(folder))}, (1024,), repeats)
    results["eight_bits"] = quality(first)
    results["building"] = building()
    return results | {"load": [round(load_before, 2), round(os.getloadavg()[0], 2)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build()
    else:
        write(options.json, "brain", measure(options.repeats))


if __name__ == "__main__":
    main()

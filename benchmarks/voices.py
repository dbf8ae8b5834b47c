"""How well model/timbre.py tells voices that it was not fitted to.

    python -m benchmarks.voices BANK [--json FILE]

Of the bank's validation voices, each at three speeds and in a room or none (training/voices.py): the chance
that a second or so of one is more like a few seconds of itself than of another (AUC), and the share of
others that pass where nine in ten of its own do. The same voice at another speed is neither its own nor
nobody's: it is left out. Intervals over resampled people.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import write
from hocket.data.bank import Bank
from hocket.data.splits import Split
from hocket.evaluation.intervals import bootstrap, percentile_interval
from hocket.evaluation.roc import auc
from hocket.model.timbre import timbre
from hocket.training.voices import Batch, Voices

BATCHES: Final = 30
REPEATS: Final = 100
OWN_KEPT: Final = 0.9
Float64 = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    voices = Voices.of(Bank(options.bank), Split.VALIDATION, np.random.default_rng(5))
    write(options.json, "voices", figures([alike(voices.batch()) for _ in range(BATCHES)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """The cosines of each query with what is known of each voice [V, V], and whose they are [V]."""

    cosine_QV: Float64
    people: list[str]


def alike(batch: Batch) -> Alike:
    """Everybody beside everybody."""
    known_VK, query_VK = (
        np.array([direction(each) for each in side]) for side in (batch.known, batch.query)
    )
    people = [name.split(" at ")[0] for name in batch.names]
    return Alike(cosine_QV=np.asarray(query_VK @ known_VK.T), people=people)


def direction(levels_TFM: NDArray[np.uint8]) -> Float64:
    """Of all ticks together, of length 1 [48]."""
    total_K = timbre(levels_TFM).sum(axis=0, dtype=np.float64)
    return np.asarray(total_K / np.linalg.norm(total_K))


def figures(found: list[Alike]) -> dict[str, Any]:
    """Of all batches; people are resampled."""
    people = sorted({each for one in found for each in one.people})
    own: dict[str, list[float]] = {each: [] for each in people}
    others: dict[str, list[float]] = {each: [] for each in people}
    for one in found:
        for i, who in enumerate(one.people):
            own[who].append(float(one.cosine_QV[i, i]))
            others[who] += [
                float(one.cosine_QV[i, j]) for j, other in enumerate(one.people) if other != who
            ]

    def of(counts_S: NDArray[np.int64]) -> Float64:
        drawn = [who for who, n in zip(people, counts_S, strict=True) for _ in range(n)]
        own_N = np.array([x for who in drawn for x in own[who]])
        others_N = np.array([x for who in drawn for x in others[who]])
        mistaken = np.mean(others_N > np.quantile(own_N, 1 - OWN_KEPT))
        return np.array([auc(own_N, others_N), mistaken])

    spread_R2 = bootstrap(of, len(people), seed=0, repeats=REPEATS)
    told: dict[str, Any] = {"people": len(people), "batches": len(found)}
    every = of(np.ones(len(people), np.int64))
    for name, value, column_R in zip(("auc", "mistaken"), every, spread_R2.T, strict=True):
        between = percentile_interval(column_R)
        ends = [round(between.low, 3), round(between.high, 3)]
        told[name] = {"is": round(float(value), 3), "interval": ends}
    return told


if __name__ == "__main__":
    main()

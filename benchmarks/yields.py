"""Thresholds for giving way, read off one run of the bench that seldom gave way.

    python -m benchmarks.yields SUITE_FOLDER [--json FILE]

The folder is that of a selectivity suite (~/.cache/hocket/bench/runs/...), played with thresholds that are
seldom reached, so that the chances over a sound are there to its end. For each rule: which share of sounds of
a kind would have been ignored (interruptions: given way to), and when. A sound that the engine itself gave
way to counts as the bench counted it. What users would have said otherwise is not known: it is a reading,
no result; the thresholds that are chosen by it are judged on other voices.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.result import write
from hocket.evaluation.bench.playing import take_of
from hocket.evaluation.metrics.exchange import OURS, Exchange
from hocket.evaluation.metrics.selectivity import Verdict, is_ignored, judge
from hocket.evaluation.truth import Kind
from hocket.protocol.floor import FLOORS, Floor

KINDS: Final = (Kind.INTERRUPTION, Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE, Kind.NOISE)
OURS_TO_STOP: Final = ("speak", "hold", "yield")
BEFORE_S, BEHIND_S = 0.3, 2.4
STOPPED_S: Final = 2.0  # behind the onset an interruption has to have stopped us,
SPOILT_S: Final = 1.0  # and all else must not have
TO_SILENCE_S: Final = 0.25  # from the decision's tick
YIELD: Final = FLOORS.index(Floor.YIELD)
RULES: Final = [
    (at_once, total, ticks)
    for ticks in (3, 5, 8)
    for at_once in (0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97, 0.975, 0.98, 0.985)
    for total in (1.2, 1.5, 1.8, 2.1, 2.4, 2.7, 3.0, 3.3, 3.6, 4.0, 4.5)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound over the agent: how the bench judged it, and the chances of giving way by seconds from it."""

    kind: Kind
    verdict: Verdict
    chances: list[tuple[float, float]]

    def given_way_s(self, at_once: float, total: float, ticks: int) -> float:
        """When the rule gives way; inf: never."""
        last: list[float] = []
        for at_s, p in self.chances:
            last = [*last, p][-ticks:]
            if p >= at_once or sum(last) >= total:
                return at_s
        return np.inf

    def is_right(self, at_s: float) -> bool:
        """Whether giving way then is what the sound asks for."""
        if self.kind is Kind.INTERRUPTION:
            stopped = self.verdict.stop_s < STOPPED_S or at_s <= STOPPED_S - TO_SILENCE_S
            return self.verdict.speaking and stopped
        spoilt = self.verdict.speaking and at_s <= SPOILT_S - TO_SILENCE_S
        return is_ignored(self.verdict, OURS) and not spoilt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = list(sounds(options.suite))
    counts = {str(kind): sum(each.kind is kind for each in found) for kind in KINDS}
    write(options.json, "yields", {"counts": counts, "rules": [read(found, *r) for r in RULES]})


def sounds(suite: Path) -> Iterator[Sound]:
    """All of a suite's takes that count."""
    for truth in sorted(suite.rglob("truth.json")):
        take = take_of(truth.parent, words=False)
        exchange = Exchange.of(take)
        for sound in exchange.user:
            verdict = judge(exchange, sound, OURS) if sound.kind in KINDS else None
            if verdict is not None:
                chances = [
                    (line.t - sound.start_s, line.p[YIELD])
                    for line in take.score.ticks
                    if -BEFORE_S <= line.t - sound.start_s <= BEHIND_S
                    and line.p
                    and line.floor in OURS_TO_STOP
                ]
                yield Sound(kind=sound.kind, verdict=verdict, chances=chances)


def read(found: list[Sound], at_once: float, total: float, ticks: int) -> dict[str, Any]:
    """One rule: the share that is right of each kind, and the median until it gives way."""
    at_s = [each.given_way_s(at_once, total, ticks) for each in found]
    right = [each.is_right(s) for each, s in zip(found, at_s, strict=True)]
    shares = {
        str(kind): round(
            float(np.mean([ok for e, ok in zip(found, right, strict=True) if e.kind is kind])), 3
        )
        for kind in {each.kind for each in found}
    }
    waits = [s for e, s in zip(found, at_s, strict=True) if e.kind is Kind.INTERRUPTION]
    median_s = (
        round(float(np.median(waits)), 2) if waits and np.isfinite(np.median(waits)) else None
    )
    return {
        "at_once": at_once,
        "total": total,
        "ticks": ticks,
        "median_s": median_s,
        **dict(sorted(shares.items())),
    }


if __name__ == "__main__":
    main()

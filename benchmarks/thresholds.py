"""From which chance on a trained floor gives way, and starts to speak: chosen on packs of validation voices.

    python -m benchmarks.thresholds PACK [PACK ...] --checkpoint FOLDER [--words FOLDER] [--json FILE]

Packs are such as ``hocket synthesize floor-probe|people --split validation`` makes: sounds over an agent
that speaks on, answers that come late. For giving way: the share of interruptions yielded to within 2 s,
and of each other kind of sound not yielded to until 1 s behind it, at every threshold; the best has the
highest least of them. For speaking: the threshold at which so many pauses are broken, with its gap; and what
comes of two thresholds, one at once and one that the chances of eight ticks have to reach together.
"""

import argparse
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.floor_probe import plain, sets_of
from benchmarks.floor_probe_engines import Engine, choices_of, model
from benchmarks.result import write
from hocket.evaluation.cases import BYSTANDERS
from hocket.evaluation.curves import ALL_PAUSES, READ_AT, operating_point
from hocket.evaluation.intervals import Float, wilson
from hocket.evaluation.roc import Events, decide, events_of

GRID = np.round(np.arange(0.05, 1.0, 0.05), 2)
GRID_SPEAK = (0.8, 0.85, 0.88, 0.9, 0.92, 0.94)
GRID_TOTAL = (1.2, 1.4, 1.6, 1.8, 2.0, 2.4)
TOTAL_TICKS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--words", type=Path)
    parser.add_argument("--trained-on", type=Path, nargs="*", default=[], metavar="PACK")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for tests in sets_of(options.packs, options.trained_on):
        engine = model("floor", options.checkpoint, tests.sessions, words=options.words)
        assert engine.stops is not None
        results[tests.name] = {
            "counts": tests.counts(),
            "yields": yields(events_of(tests.cases, engine.stops)),
            "speaks": speaks(engine, tests.cases),
            "speaks_at_two": speaks_at_two(engine, tests.cases),
        }
    write(options.json, "thresholds", plain(results))


def yields(events: Events) -> dict[str, Any]:
    rows = []
    for threshold in GRID:
        found = decide(events, float(threshold))
        kept = {
            kind: (events_n - yielded, events_n)
            for kind, (yielded, events_n) in found.false_by_kind.items()
            if events_n
        }
        rates = {"interruption": (found.decided, found.n_interruptions), **kept}
        rows.append(
            {
                "threshold": float(threshold),
                **{kind: good / n for kind, (good, n) in rates.items() if n},
                "least": min(good / n for good, n in rates.values() if n),
                "median_s": found.time_median_s,
                "p90_s": found.time_p90_s,
            }
        )
    best = max(rows, key=lambda row: row["least"])
    counts = {kind: events.kinds.count(kind) for kind in ("interruption", *BYSTANDERS)}
    worst = min((kind for kind in counts if kind in best), key=lambda kind: best[kind])
    interval = asdict(wilson(round(best[worst] * counts[worst]), counts[worst]))
    return {"events": counts, "best": best, "worst": {"kind": worst, **interval}, "grid": rows}


def speaks(engine: Engine, cases: Any) -> dict[str, Any]:
    family = engine.family(cases)
    found: dict[str, Any] = {}
    for pauses in choices_of(family):
        points = {f"{share:.2f}": operating_point(family, share, pauses) for share in READ_AT}
        found[pauses.name] = {
            share: None
            if point is None
            else {
                "threshold": point.threshold,
                "gap_median_s": point.gap_median_s,
                "gap_p90_s": point.gap_p90_s,
                "pause_share": point.pause_share,
            }
            for share, point in points.items()
        }
    return found


def speaks_at_two(engine: Engine, cases: Any) -> list[dict[str, Any]]:
    """At all pauses, for every pair of GRID_SPEAK and GRID_TOTAL."""
    [chances, *_] = engine.starts
    rows = []
    for at_once, in_all in product(GRID_SPEAK, GRID_TOTAL):
        scores = [np.maximum(p_T - at_once, total(p_T, TOTAL_TICKS) - in_all) for p_T in chances]
        two = replace(engine, starts=(scores,), thresholds=np.zeros(1))
        [judged] = two.family(cases)
        curve = judged.curve(ALL_PAUSES)
        rows.append(
            {
                "speak_p": at_once,
                "speak_total": in_all,
                "pause_share": float(curve.pause_share_N[0]),
                "gap_median_s": float(curve.gap_median_N[0]),
                "gap_p90_s": float(curve.gap_p90_N[0]),
                "taken": float(curve.taken_N[0]),
            }
        )
    return rows


def total(p_T: Float, ticks: int) -> Float:
    """The chances of each tick and of those before it, ``ticks`` in all, added up."""
    return np.convolve(p_T, np.ones(ticks))[: len(p_T)]


if __name__ == "__main__":
    main()

"""How often a trained floor would give way to nothing but its own voice.

    python -m benchmarks.own_sound PACK [PACK ...] --checkpoint FOLDER [--json FILE]

Judged are the agent's seconds of speech in which nobody else sounds nor has just sounded, apart for sessions
whose microphone hears the agent (echo) and others: onsets a minute of a chance to yield, at each threshold.
The interval resamples sessions.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.floor_probe_engines import model
from benchmarks.leave_out import ticks_of
from benchmarks.result import write
from hocket.core.units import TICK_S
from hocket.data.pack import Pack, SessionTicks
from hocket.evaluation.intervals import bootstrap, percentile_interval
from hocket.protocol.floor import FLOORS, Floor

GRID: Final = (0.3, 0.5, 0.7, 0.9)
SPEAK: Final = FLOORS.index(Floor.SPEAK)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sessions = [session for folder in options.packs for session in Pack(folder)]
    engine = model("floor", options.checkpoint, sessions)
    assert engine.stops is not None
    alone = [alone_of(session) for session in sessions]
    told: dict[str, Any] = {}
    for name, echoes in (("echo", True), ("no echo", False)):
        chosen = [
            i for i, each in enumerate(sessions) if (each.about["echo_db"] is not None) is echoes
        ]
        told[name] = {
            "sessions": len(chosen),
            "minutes": sum(int(alone[i].sum()) for i in chosen) * TICK_S / 60,
            "yields": [rate([(engine.stops[i], alone[i]) for i in chosen], t) for t in GRID],
        }
    write(options.json, "own_sound", told)


def alone_of(session: SessionTicks) -> NDArray[np.bool_]:
    """The ticks in which only the agent sounds: bool [T]."""
    alone_T = np.asarray(session.floor) == SPEAK
    for sound in session.about["sounds"]:
        alone_T[ticks_of(sound)] = False
    return alone_T


def rate(sessions: Sequence[tuple[NDArray[Any], NDArray[np.bool_]]], at: float) -> dict[str, Any]:
    """Onsets of a chance of ``at`` and more, a minute of the agent alone."""
    onsets_N, minutes_N = np.zeros(len(sessions)), np.zeros(len(sessions))
    for n, (score_T, alone_T) in enumerate(sessions):
        over_T = (score_T >= at) & alone_T
        onsets_N[n] = np.sum(over_T & ~np.concatenate([[False], over_T[:-1]]))
        minutes_N[n] = alone_T.sum() * TICK_S / 60

    def per_minute(counts_N: NDArray[np.int64]) -> float:
        minutes = float(counts_N @ minutes_N)
        return float(counts_N @ onsets_N) / minutes if minutes else float("nan")

    between = percentile_interval(bootstrap(per_minute, len(sessions), seed=0))
    return {
        "at": at,
        "onsets": int(onsets_N.sum()),
        "a_minute": per_minute(np.ones(len(sessions), np.int64)),
        "interval": [between.low, between.high],
    }


if __name__ == "__main__":
    main()

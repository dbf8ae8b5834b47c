"""What the loudness beside the user's usual tells alone: whether a sound over the agent is meant for it.

    python -m benchmarks.loudness PACK [PACK ...] [--json FILE]

For every kind of sound that falls on the agent's speech: how far its loudest tick in the first second lies
over the user's usual (hocket/model/loudness.py), its quartiles, and the chance that an interruption lies
higher than it. Beside that the same chance for the level by itself. Intervals are over resampled sessions.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import write
from hocket.core.units import TICK_S
from hocket.data.pack import Pack, SessionTicks
from hocket.evaluation.intervals import bootstrap, percentile_interval
from hocket.evaluation.roc import auc
from hocket.model.loudness import UNIT_DB, loudness

HEARD_TICKS: Final = 6  # the tick of the onset, and a second
SPOKEN_SHARE: Final = 0.6  # of a sound's time the agent is heard: it falls on its speech
MEANT: Final = "interruption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound over the agent's speech."""

    session: int
    kind: str
    level: float
    over_db: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sessions = [session for folder in options.packs for session in Pack(folder)]
    found = [sound for n, session in enumerate(sessions) for sound in sounds(n, session)]
    kinds = sorted({sound.kind for sound in found})
    write(options.json, "loudness", {kind: figures(found, kind, len(sessions)) for kind in kinds})


def sounds(number: int, session: SessionTicks) -> Iterator[Sound]:
    """What falls on the agent's speech, behind its first answer."""
    loud_TL = loudness(session.level_db, session.floor)
    for sound in session.about["sounds"]:
        first, stop = int(sound["start_s"] / TICK_S), int(np.ceil(sound["end_s"] / TICK_S))
        inside = slice(first, min(first + HEARD_TICKS, len(session)))
        spoken = np.mean(session.played_share[first:stop]) if stop <= len(session) else 0.0
        if spoken < SPOKEN_SHARE or not loud_TL[first, 3]:
            continue
        own = "own" if sound.get("voice") == session.about["voice"] else "others'"
        yield Sound(
            session=number,
            kind=f"side, {own}" if sound["role"] == "side" else str(sound["role"]),
            level=float(loud_TL[inside, 0].max()),
            over_db=float(loud_TL[inside, 1].max() * UNIT_DB),
        )


def figures(found: list[Sound], kind: str, n_sessions: int) -> dict[str, Any]:
    own = [sound.over_db for sound in found if sound.kind == kind]
    told: dict[str, Any] = {
        "n": len(own),
        "over_db_quartiles": np.round(np.quantile(own, [0.25, 0.5, 0.75]), 1).tolist(),
    }
    if kind != MEANT:
        told |= {name: lower(found, kind, name, n_sessions) for name in ("over_db", "level")}
    return told


def lower(found: list[Sound], kind: str, name: str, n_sessions: int) -> dict[str, Any]:
    """How often an interruption is louder, by one measure."""
    ours = [sound for sound in found if sound.kind in (MEANT, kind)]
    values_E = np.array([getattr(sound, name) for sound in ours])
    meant_E = np.array([sound.kind == MEANT for sound in ours])
    session_E = np.array([sound.session for sound in ours])

    def of(counts_S: NDArray[np.int64]) -> NDArray[np.float64]:
        rows = np.repeat(np.arange(len(ours)), counts_S[session_E])
        return np.array([auc(values_E[rows[meant_E[rows]]], values_E[rows[~meant_E[rows]]])])

    spread_R1 = bootstrap(of, n_sessions, seed=0)
    between = percentile_interval(spread_R1[:, 0])
    every = float(of(np.ones(n_sessions, np.int64))[0])
    return {"auc": round(every, 3), "interval": [round(between.low, 3), round(between.high, 3)]}


if __name__ == "__main__":
    main()

"""What is known of the user's voice tells alone: whether a sound over the agent is meant for it.

    python -m benchmarks.user_voice PACK [PACK ...] [--json FILE]

For every kind of sound that falls on the agent's speech (hocket/model/user_voice.py): how far its loudest
tick in the first second lies over the user's usual, quartiles; and the chance that an interruption is louder
than it, beside the user and by itself, falls deeper, and is more like the user's voice. Once for all, once
for those that are as loud as the user. Intervals are over resampled sessions.
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
from hocket.model.user_voice import UNIT_DB
from hocket.training.recent import session_voice

HEARD_TICKS: Final = 6  # the tick of the onset, and a second
SPOKEN_SHARE: Final = 0.6  # of a sound's time the agent is heard: it falls on its speech
MEANT: Final = "interruption"
MEASURES: Final = ("over_db", "level", "fall", "alike")
AS_LOUD_DB: Final = -3.0  # over the user's usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound over the agent's speech."""

    session: int
    kind: str
    level: float
    over_db: float
    fall: float
    alike: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sessions = [session for folder in options.packs for session in Pack(folder)]
    found = [sound for n, session in enumerate(sessions) for sound in sounds(n, session)]
    kinds = sorted({sound.kind for sound in found})
    as_loud = [sound for sound in found if sound.over_db >= AS_LOUD_DB]
    told = {
        name: {kind: figures(some, kind, len(sessions)) for kind in kinds}
        for name, some in (("all", found), ("as loud as the user", as_loud))
    }
    write(options.json, "user_voice", told)


def sounds(number: int, session: SessionTicks) -> Iterator[Sound]:
    """What falls on the agent's speech, behind its first answer."""
    heard_TV = session_voice(session, len(session))
    for sound in session.about["sounds"]:
        first, stop = int(sound["start_s"] / TICK_S), int(np.ceil(sound["end_s"] / TICK_S))
        inside = slice(first, min(first + HEARD_TICKS, len(session)))
        spoken = np.mean(session.played_share[first:stop]) if stop <= len(session) else 0.0
        if spoken < SPOKEN_SHARE or not heard_TV[first, 7]:
            continue
        own = "own" if sound.get("voice") == session.about["voice"] else "others'"
        yield Sound(
            session=number,
            kind=f"side, {own}" if sound["role"] == "side" else str(sound["role"]),
            level=float(heard_TV[inside, 0].max()),
            over_db=float(heard_TV[inside, 2].max() * UNIT_DB),
            fall=-float(heard_TV[inside, 1].min()),
            alike=float(heard_TV[inside, 5][-2:].mean()),
        )


def figures(found: list[Sound], kind: str, n_sessions: int) -> dict[str, Any]:
    own = [sound.over_db for sound in found if sound.kind == kind]
    if not own:
        return {"n": 0}
    told: dict[str, Any] = {
        "n": len(own),
        "over_db_quartiles": np.round(np.quantile(own, [0.25, 0.5, 0.75]), 1).tolist(),
    }
    if kind != MEANT:
        told |= {name: lower(found, kind, name, n_sessions) for name in MEASURES}
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

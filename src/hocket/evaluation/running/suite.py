"""The suite ``runtime``: ticks alone, sessions side by side, one long session.

Law: nothing here may run beside anything else; figures are of the machine as much as of the engine.
Bounded in time: quick takes a minute, ordinary six, full its two-hour session in virtual time.
Source: metrics.md, "Runtime".
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hocket.core.units import TICK_S
from hocket.engine.worker import Worker
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.running.costs import tick_costs
from hocket.evaluation.running.lane import example, repeated
from hocket.evaluation.running.sessions import rounds, session_figures
from hocket.evaluation.running.soak import soak
from hocket.evaluation.scenes.size import Size

SERVER_S: Final = 240.0  # to start, to be freed and to end, beside its rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Seconds of session time of each part; rounds are at real pace, the rest runs as fast as it can."""

    ticks_s: float
    round_s: float
    most_sessions: int
    soak_s: float


# On two 2.5 GHz cores a tick of cascade-vad costs 60 ms in the mean: an hour of session takes 18 minutes.
LENGTHS: Final[Mapping[Size, Lengths]] = {
    Size.QUICK: Lengths(ticks_s=20, round_s=4, most_sessions=2, soak_s=10),
    Size.ORDINARY: Lengths(ticks_s=180, round_s=30, most_sessions=4, soak_s=420),
    Size.FULL: Lengths(ticks_s=600, round_s=120, most_sessions=16, soak_s=7_200),
}


def runtime_figures(
    worker: Worker,
    size: Size,
    *,
    recording: Path | None = None,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
    lengths: Lengths | None = None,
) -> dict[str, Figure]:
    """All figures of the suite for an engine that ``hocket serve`` knows by its name.

    ``recording``: the user's side, by default the example of the repository; ``progress`` is told what
    is being done. What is measured in the server is the engine at its default setting.

    Raises:
        BadInput: there is no recording, or the server does not start.
        TimeoutError: the server hangs.
    """
    user, of = recording or example(), lengths or LENGTHS[size]
    say = progress or (lambda _: None)
    say("ticks of one session")
    found = tick_costs(worker, repeated(user, of.ticks_s), seed=seed)
    say("one long session")
    n_ticks = round(of.soak_s / TICK_S)
    found |= soak(worker, repeated(user, of.soak_s), n_ticks=n_ticks, seed=seed)
    say("sessions side by side")
    limit_s = SERVER_S + of.most_sessions * (of.round_s + 10)
    held = rounds(worker.engine.name, user, seconds=of.round_s, most=of.most_sessions)
    return found | session_figures(asyncio.run(asyncio.wait_for(held, limit_s)))

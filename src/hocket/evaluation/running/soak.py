"""What long sessions do: the first tenth of one session held against its last.

Law: nothing of the session is kept but one number a tick, so that what grows is the session's own. Only
a cost that rises with the hours, or memory that does, is told here; what a tick costs is told elsewhere.
"""

from array import array
from collections.abc import Iterator
from typing import Final

import numpy as np

from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.evaluation.intervals import Float, Interval, percentile_interval, resamples
from hocket.evaluation.metrics.figure import Case, Figure, Unit, absent, count
from hocket.evaluation.running.lane import hold
from hocket.evaluation.running.memory import rss_mb
from hocket.protocol.score import ScoreTick
from hocket.transports.conversation import MEASURED, Charge

TENTH: Final = 10
BLOCK_TICKS: Final = 10  # 2 s: ticks of one phrase are not independent


def soak(
    worker: Worker,
    lane: Iterator[Float32],
    *,
    n_ticks: int,
    seed: int = 0,
    charge: Charge = MEASURED,
) -> dict[str, Figure]:
    """Figures over one session of about ``n_ticks``, by name."""
    costs_ms = array("d")
    first_mb: list[float | None] = []

    def record(line: ScoreTick) -> None:
        costs_ms.append(line.compute_ms.total)
        if line.tick == n_ticks // TENTH:
            first_mb.append(rss_mb())

    totals = hold(worker, lane, record, seed=seed, charge=charge)
    missed = Case(scene="runtime/soak", value=float(totals.deadline_misses))
    found = [
        cost_ratio(np.array(costs_ms), seed=seed),
        _growth(first_mb[0] if first_mb else None, rss_mb(), totals.ticks),
        count("soak_deadline_misses", [missed], totals.ticks),
    ]
    return {figure.name: figure for figure in found}


def cost_ratio(costs_T: Float, *, seed: int = 0) -> Figure:
    """Median cost of a tick in the last tenth of the session, over that of the first."""
    name, n = "soak_cost_last_to_first", len(costs_T) // TENTH // BLOCK_TICKS * BLOCK_TICKS
    if n == 0 or np.median(costs_T[:n]) == 0:
        return absent(name, Unit.SHARE, note="too short a session")
    first, last = _medians(costs_T[:n], seed), _medians(costs_T[-n:], seed + 1)
    interval: Interval = percentile_interval(last / first)
    value = float(np.median(costs_T[-n:]) / np.median(costs_T[:n]))
    return Figure(name=name, unit=Unit.SHARE, value=value, n=2 * n, interval=interval)


def _medians(costs_T: Float, seed: int) -> Float:
    """The median of every resample of blocks [R]."""
    blocks_BT = costs_T.reshape(-1, BLOCK_TICKS)
    drawn_RB = resamples(len(blocks_BT), seed=seed)
    medians: Float = np.array(
        [np.median(np.repeat(blocks_BT, counts_B, axis=0)) for counts_B in drawn_RB]
    )
    return medians


def _growth(first_mb: float | None, last_mb: float | None, n: int) -> Figure:
    name = "soak_rss_growth_mb"
    if first_mb is None or last_mb is None:
        return absent(name, Unit.COUNT, note="the system does not tell")
    note = f"MB of this process, {first_mb:.0f} after the first tenth"
    return Figure(name=name, unit=Unit.COUNT, value=last_mb - first_mb, n=n, note=note)

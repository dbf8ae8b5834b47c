"""What a tick costs: a real engine over a fixed conversation, alone on the machine, compute measured.

Law: the figures are those of metrics/runtime.py. They rest on minutes, which stand for the scenes: ticks of
one minute share a phrase, a thought and a busy neighbour.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from hocket.core.units import TICK_S
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.runtime import (
    STAGES,
    deadline_misses,
    output_figures,
    stage_figures,
)
from hocket.evaluation.running.lane import hold
from hocket.protocol.score import Score, ScoreHeader, ScoreTick
from hocket.transports.selftest import busy_ticks_ms

MINUTE_TICKS: Final = round(60 / TICK_S)


def tick_costs(
    worker: Worker, lane: Iterator[Float32], *, seed: int = 0, warm_up: bool = True
) -> dict[str, Figure]:
    """Percentiles of each stage, deadline misses and output gaps, by name.

    ``warm_up``: first hold a short conversation, for the first runs of a graph allocate once.
    """
    if warm_up:
        busy_ticks_ms(worker)
    lines: list[ScoreTick] = []
    hold(worker, lane, lines.append, seed=seed)
    scored = minutes(lines, worker)
    found = [
        *(figure for stage in STAGES for figure in stage_figures(scored, stage, seed=seed)),
        deadline_misses(scored, seed=seed),
        *output_figures(scored, seed=seed),
    ]
    return {figure.name: figure for figure in found}


def minutes(lines: Sequence[ScoreTick], worker: Worker) -> list[tuple[str, Score]]:
    """The score of a session in pieces of a minute, by name."""
    header = ScoreHeader(
        model=worker.engine.name,
        mode="responsive",
        config={},
        seed=0,
        agent_rate_hz=worker.voice.rate_hz,
    )
    starts = range(0, len(lines), MINUTE_TICKS)
    pieces = [tuple(lines[start : start + MINUTE_TICKS]) for start in starts]
    return [
        (f"runtime/minute/{n:03d}", Score(header=header, ticks=piece, totals=None))
        for n, piece in enumerate(pieces)
    ]

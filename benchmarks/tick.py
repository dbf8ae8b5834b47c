"""Whole ticks over a long session: compute by stage, deadline misses, growth of time and memory.

    python -m benchmarks.tick [--minutes 10] [--model cascade-vad] [--json FILE]

The user's lane repeats examples/conversation.flac; the clock is virtual, compute is charged as measured.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.result import write
from hocket.core.clock import VirtualClock
from hocket.evaluation.running.lane import example, repeated
from hocket.protocol.score import ScoreTick
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import Conversation
from hocket.transports.playout import LanePlayer
from hocket.weights import store


def spread(values: list[float]) -> dict[str, float]:
    """Percentiles in ms."""
    names = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    return {name: round(float(np.percentile(values, q)), 1) for name, q in names.items()}


def measure(model: str, minutes: float) -> dict[str, Any]:
    store.ensure(engines.recipe(model).files)
    worker = engines.worker(store.path_of, model)
    config = SessionConfig(model=model, voice_rate_hz=worker.voice.rate_hz)
    ticks: list[tuple[float, float, float, bool]] = []  # hear, think, voice ms; sounding
    rss_mb: list[float] = []
    process = psutil.Process()

    def record(line: ScoreTick) -> None:
        cost = line.compute_ms
        ticks.append((cost.hear, cost.think, cost.voice, bool(line.sent_samples)))
        if line.tick % 300 == 299:
            rss_mb.append(round(process.memory_info().rss / 2**20, 1))

    conversation = Conversation(
        session=Session(config),
        worker=worker,
        player=LanePlayer(rate_hz=config.voice_rate_hz, sink=lambda samples: None),
        clock=VirtualClock(),
        record=record,
    )
    totals = conversation.run(repeated(example(), minutes * 60))
    totals_ms = [hear + think + voice for hear, think, voice, _ in ticks]
    half = len(ticks) // 2
    return {
        "model": model,
        "ticks": len(ticks),
        "tick_ms": spread(totals_ms),
        "speaking_tick_ms": spread(
            [t for t, tick in zip(totals_ms, ticks, strict=True) if tick[3]]
        ),
        "hear_ms": spread([tick[0] for tick in ticks]),
        "think_ms": spread([tick[1] for tick in ticks]),
        "voice_ms": spread([tick[2] for tick in ticks]),
        "first_half_ms": spread(totals_ms[:half]),
        "second_half_ms": spread(totals_ms[half:]),
        "deadline_misses": totals.deadline_misses,
        "responses": len(totals.responses),
        "response_gap_median_s": totals.response_gap_median_s,
        "rss_mb_each_minute": rss_mb,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--model", default="cascade-vad", choices=engines.names())
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    write(arguments.json, "tick", measure(arguments.model, arguments.minutes))


if __name__ == "__main__":
    main()

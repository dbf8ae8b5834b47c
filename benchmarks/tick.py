"""Whole ticks over a long session: compute by stage, deadline misses, growth of time and memory.

    python -m benchmarks.tick [--minutes 10] [--model cascade-vad] [--fact "My name is Clara."] [--json FILE]

The user's lane repeats examples/conversation.flac; the clock is virtual, compute is charged as measured.
With a fact, the user says it at the start, in the voice that comes with the repository, and it is told in
which minutes the chat that the language model reads holds it, word for word.
"""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.result import write
from hocket.audio.resample import resample
from hocket.core.clock import VirtualClock
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.port import Float32
from hocket.engine.worker import Seat, Worker
from hocket.evaluation.running.lane import example, repeated
from hocket.evaluation.words import tokens
from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from hocket.protocol.score import ScoreTick
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import Conversation
from hocket.transports.playout import LanePlayer
from hocket.weights import store


def spread(values: list[float]) -> dict[str, float]:
    """Percentiles in ms; none of nothing."""
    names = {"p50": 50, "p95": 95, "p99": 99, "max": 100} if values else {}
    return {name: round(float(np.percentile(values, q)), 1) for name, q in names.items()}


class Watched(Worker):
    """A worker whose last seat can be looked at."""

    seat: Seat

    def open(self, *, seed: int, instructions: str) -> Seat:
        self.seat = super().open(seed=seed, instructions=instructions)
        return self.seat


def spoken(worker: Worker, text: str) -> Iterator[Float32]:
    """Ticks [3200] of a text, a second of silence before and six behind."""
    voice = worker.voice
    phrase = voice.prepare(text, seed=0)
    sound_S = resample(voice.render(phrase, 0, phrase.n_samples), voice.rate_hz, USER_RATE_HZ)
    silence = np.zeros(USER_RATE_HZ, np.float32)
    lane_S = np.concatenate([silence, sound_S, *[silence] * 6])
    whole = len(lane_S) // TICK_USER_SAMPLES * TICK_USER_SAMPLES
    return iter(lane_S[:whole].reshape(-1, TICK_USER_SAMPLES))


def is_in(fact: str, read: str) -> bool:
    """Whether a text holds the fact's words in a row, whatever marks the ears guessed."""
    return f" {' '.join(tokens(fact))} " in f" {' '.join(tokens(read))} "


def measure(model: str, minutes: float, fact: str = "") -> dict[str, Any]:
    store.ensure(engines.recipe(model).files)
    served = engines.worker(store.path_of, model)
    worker = Watched(ears=served.ears, engine=served.engine, voice=served.voice)
    tokenizer = tokenizer_of(GgufFile(store.path_of(engines.BRAIN)))
    config = SessionConfig(model=model, voice_rate_hz=worker.voice.rate_hz)
    ticks: list[tuple[float, float, float, bool]] = []  # hear, think, voice ms; sounding
    rss_mb: list[float] = []
    held: list[bool] = []
    process = psutil.Process()

    def record(line: ScoreTick) -> None:
        cost = line.compute_ms
        ticks.append((cost.hear, cost.think, cost.voice, bool(line.sent_samples)))
        if line.tick % 300 == 299:
            rss_mb.append(round(process.memory_info().rss / 2**20, 1))
            if fact:
                held.append(is_in(fact, tokenizer.decode(worker.seat.slot.talk.chat.ids)))

    conversation = Conversation(
        session=Session(config),
        worker=worker,
        player=LanePlayer(rate_hz=config.voice_rate_hz, sink=lambda samples: None),
        clock=VirtualClock(),
        record=record,
    )
    lane = repeated(example(), minutes * 60)
    totals = conversation.run(chain(spoken(worker, fact), lane) if fact else lane)
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
        "second_minute_ms": spread(totals_ms[300:600]),
        "last_minute_ms": spread(totals_ms[-300:]),
        "deadline_misses": totals.deadline_misses,
        "responses": len(totals.responses),
        "response_gap_median_s": totals.response_gap_median_s,
        "rss_mb_each_minute": rss_mb,
        **({"fact": fact, "minutes_that_hold_it": sum(held), "minutes": len(held)} if fact else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--model", default="cascade-vad", choices=engines.names())
    parser.add_argument("--fact", default="")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    write(arguments.json, "tick", measure(arguments.model, arguments.minutes, arguments.fact))


if __name__ == "__main__":
    main()

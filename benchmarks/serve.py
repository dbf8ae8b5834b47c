"""Load on a real server: many connects and disconnects, then two sessions at the pace of time.

    python -m benchmarks.serve [--connects 1000] [--minutes 20] [--sessions 2] [--json FILE]

Bounded in count and time. Memory, open files, gaps in the sound as the client hears them, and what the
server counted: a gap that no counter knows is a fault.
"""

import argparse
import asyncio
import json
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.result import write
from hocket.evaluation.running.listener import Listener, chunks, converse
from hocket.evaluation.running.served import Server, freed, server
from hocket.recipes import engines

EXAMPLE = Path("examples/conversation.flac")
CONNECT_WITHIN_S = 20.0
START_APART_S = 7.3  # the two users do not speak in step


async def connect_once(url: str, n: int, outcomes: dict[str, int]) -> None:
    """One of four visitors: silent and rude, polite, one that speaks, one that vanishes."""
    outcome = "left before hello"
    try:
        async with (
            asyncio.timeout(CONNECT_WITHIN_S),
            connect(f"ws://{url}/v1/native", compression=None) as socket,
        ):
            if n % 4:
                await socket.send('{"type":"hello"}')
                outcome = json.loads(await socket.recv())["type"]
            if n % 4 == 2:
                for chunk in islice(chunks(EXAMPLE), 5):
                    await socket.send(chunk)
            if n % 4 == 3:
                socket.transport.abort()
    except (TimeoutError, ConnectionClosed) as error:
        outcome = type(error).__name__
    outcomes[outcome] = outcomes.get(outcome, 0) + 1


async def visits(served: Server, count: int, at_once: int) -> dict[str, Any]:
    outcomes: dict[str, int] = {}
    memory = [served.rss_mb()]
    fds = served.fds()
    for start in range(0, count, at_once):
        batch = range(start, min(count, start + at_once))
        await asyncio.gather(*(connect_once(served.url, n, outcomes) for n in batch))
        if (start // at_once) % max(1, count // at_once // 10) == 0:
            memory.append(served.rss_mb())
    await freed(served)
    return {
        "connects": count,
        "outcomes": outcomes,
        "rss_mb": [*memory, served.rss_mb()],
        "open_files": {"before": fds, "after": served.fds()},
    }


async def memory_of(served: Server, every_s: float, rss_mb: list[float | None]) -> None:
    while True:
        rss_mb.append(served.rss_mb())
        await asyncio.sleep(every_s)


async def conversations(served: Server, minutes: float, sessions: int) -> dict[str, Any]:
    rss_mb: list[float | None] = []
    before = await served.counters()
    watching = asyncio.create_task(memory_of(served, max(5.0, minutes * 3), rss_mb))
    clients = await asyncio.gather(
        *(
            converse(served.url, EXAMPLE, seconds=minutes * 60, wait_s=n * START_APART_S)
            for n in range(sessions)
        )
    )
    watching.cancel()
    await freed(served)
    after = await served.counters()
    gaps = sum(len(client.gaps_ms) for client in clients)

    def grown(name: str) -> float:
        return after[f"hocket_{name}_total"] - before[f"hocket_{name}_total"]

    return {
        "sessions": sessions,
        "minutes": minutes,
        "rss_mb": rss_mb,
        "each": [heard(client) for client in clients],
        "counted": {
            name: round(grown(name), 2)
            for name in (
                "ticks",
                "deadline_misses",
                "underruns",
                "user_audio_missing_seconds",
                "user_audio_dropped_seconds",
            )
        },
        "gaps_heard": gaps,
        "gaps_not_counted": max(0, gaps - round(grown("underruns"))),
    }


def heard(client: Listener) -> dict[str, Any]:
    return {
        "ticks": client.lines,
        "ended_by": client.errors[-1] if client.errors else "us",
        "sounds": client.sounds,
        "deadline_misses": len(client.late_ms),
        "late_ms_max": max(client.late_ms, default=0.0),
        "gaps": len(client.gaps_ms),
        "gap_ms_max": max(client.gaps_ms, default=0.0),
        "responses": len(client.responses_s),
        "response_gap_median_s": round(median(client.responses_s or [0.0]), 3),
    }


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    async with server(options.model, options.sessions) as served:
        results: dict[str, Any] = {"model": options.model}
        results["visits"] = await visits(served, options.connects, options.sessions)
        results["conversations"] = await conversations(served, options.minutes, options.sessions)
        return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connects", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--sessions", type=int, default=2)
    parser.add_argument("--model", default=engines.DEFAULT)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    limit_s = 600 + options.connects * 2 + options.minutes * 90
    write(options.json, "serve", asyncio.run(asyncio.wait_for(measure(options), limit_s)))


if __name__ == "__main__":
    main()

"""How many sessions a real server holds without a missed deadline: 1, 2, 3, ... at real pace.

Law: each round has one user more, until a deadline is missed or nobody more is to be tried; the server's
own counters and what the clients heard must agree that nothing was late. One server holds all rounds.
Needs the extra ``serve``.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hocket.core.errors import ProtocolViolation
from hocket.evaluation.metrics.figure import Figure, Unit, absent
from hocket.evaluation.running.listener import Listener, converse
from hocket.evaluation.running.served import Server, freed, server

APART_S: Final = 7.3  # users do not speak in step
WATCH_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """So many sessions side by side."""

    sessions: int
    ticks: int
    misses: int
    gaps: int  # heard by the clients
    turned_away: int  # sessions that ended with an error
    rss_mb: float | None  # the most that the server held

    @property
    def held(self) -> bool:
        """Whether all sessions ran, and every answer was there in time."""
        return self.ticks > 0 and not (self.misses or self.turned_away)


async def rounds(model: str, recording: Path, *, seconds: float, most: int) -> list[Round]:
    """Rounds of so many seconds with 1, 2, ... sessions, up to the first that is not held.

    Raises:
        BadInput: the server does not start.
        TimeoutError: it does not start or end in time.
    """
    done: list[Round] = []
    async with server(model, most) as served:
        for n in range(1, most + 1):
            done.append(await one_round(served, recording, n=n, seconds=seconds))
            if not done[-1].held:
                break
    return done


async def one_round(served: Server, recording: Path, *, n: int, seconds: float) -> Round:
    """``n`` sessions at once."""
    before = await served.counters()
    peak: list[float] = []
    watching = asyncio.create_task(_watch(served, peak))
    apart_s = min(APART_S, seconds / 4 / n)
    clients = await asyncio.gather(
        *(
            _user(served.url, recording, seconds=seconds - i * apart_s, wait_s=i * apart_s)
            for i in range(n)
        )
    )
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    await freed(served)
    after = await served.counters()

    def grown(name: str) -> int:
        return round(after[f"hocket_{name}_total"] - before[f"hocket_{name}_total"])

    return Round(
        sessions=n,
        ticks=grown("ticks"),
        misses=grown("deadline_misses"),
        gaps=sum(len(client.gaps_ms) for client in clients if client is not None),
        turned_away=sum(client is None or bool(client.errors) for client in clients),
        rss_mb=max(peak, default=None),
    )


async def _user(url: str, recording: Path, *, seconds: float, wait_s: float) -> Listener | None:
    """One user's session; None if the server would not have them."""
    try:
        return await converse(url, recording, seconds=seconds, wait_s=wait_s)
    except ProtocolViolation:
        return None


async def _watch(served: Server, peak: list[float]) -> None:
    while True:
        if (now_mb := served.rss_mb()) is not None:
            peak.append(now_mb)
        await asyncio.sleep(WATCH_EVERY_S)


def session_figures(done: Sequence[Round]) -> dict[str, Figure]:
    """Sessions held, and what each of them adds to the server's memory."""
    found = [_held(done), _memory(done)]
    return {figure.name: figure for figure in found}


def _held(done: Sequence[Round]) -> Figure:
    name, held = "sessions_held", [each for each in done if each.held]
    if not done:
        return absent(name, Unit.COUNT, note="no round was run")
    last = done[-1]
    late = (
        f"{last.sessions} at once: {last.misses} of {last.ticks} ticks late, {last.gaps} gaps heard"
    )
    note = "nobody tried more" if last.held else late
    most = held[-1].sessions if held else 0
    return Figure(
        name=name, unit=Unit.COUNT, value=float(most), n=sum(r.ticks for r in done), note=note
    )


def _memory(done: Sequence[Round]) -> Figure:
    """From the rounds with the fewest and the most sessions: what the first allocates, all share."""
    name = "rss_per_session_mb"
    known = [(each.sessions, each.rss_mb) for each in done if each.rss_mb is not None]
    if len(known) < 2:
        return absent(name, Unit.COUNT, note="needs two rounds on Linux")
    (few, low_mb), (many, high_mb) = known[0], known[-1]
    each_mb = (high_mb - low_mb) / (many - few)
    note = f"MB; the server with one session: {low_mb:.0f}"
    return Figure(name=name, unit=Unit.COUNT, value=each_mb, n=many, note=note)

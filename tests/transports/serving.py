"""A whole server over fakes on a free port, and a bare client of its native socket."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hocket.audio.pcm import to_bytes
from hocket.engine.fake import Decide, FakeEars, FakeEngine, FakeVoice, decision
from hocket.engine.port import Float32, TickInput, TickOutput
from hocket.engine.worker import Seat, Worker
from hocket.protocol.floor import Floor, Permit
from hocket.transports.admission import Admission, TickCost
from hocket.transports.host import Host, HostSettings
from hocket.transports.http import build_app
from hocket.transports.server import GentleServer, listen
from hocket.transports.stage_pool import StagePool

LOUD = (0.1 * np.sin(np.arange(3_200))).astype(np.float32)
WORDS = "One two three. Four five six. Seven eight nine."


def silent(tick_input: TickInput, permit: Permit) -> TickOutput:
    return decision(Floor.LISTEN)


def answers(text: str = WORDS, *, at_tick: int = 1) -> Decide:
    """Says a text from a tick on, yields when it may not go on."""

    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        if tick_input.tick == at_tick:
            return decision(Floor.SPEAK, text)
        if tick_input.plan and tick_input.tick > at_tick and Floor.SPEAK in permit.allowed:
            return decision(Floor.SPEAK)
        return decision(Floor.YIELD if tick_input.plan else Floor.LISTEN, drop=True)

    return decide


def talks_for_ever(tick_input: TickInput, permit: Permit) -> TickOutput:
    return decision(Floor.SPEAK, "word " * 4)


class CountingWorker(Worker):
    """A worker that knows how many seats are taken."""

    seats = 0

    def open(self, *, seed: int, instructions: str) -> Seat:
        self.seats += 1
        return super().open(seed=seed, instructions=instructions)

    def close(self, seat: Seat) -> None:
        self.seats -= 1
        super().close(seat)


def fake_worker(decide: Decide = silent, *, rate_hz: int = 22_050) -> CountingWorker:
    return CountingWorker(
        ears=FakeEars(), engine=FakeEngine(decide), voice=FakeVoice(rate_hz=rate_hz)
    )


@dataclass
class Client:
    """One native socket; ``until`` keeps all that comes."""

    socket: ClientConnection
    heard: list[tuple[int, bytes]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, type_: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def sound(self, samples: Float32) -> None:
        await self.socket.send(to_bytes(samples))

    async def next(self) -> dict[str, Any]:
        """The next message; sound is ``{"type": "sound"}``."""
        data = await self.socket.recv()
        if isinstance(data, bytes):
            (position,) = struct.unpack("<Q", data[:8])
            self.heard.append((position, data[8:]))
            return {"type": "sound", "position": position}
        found: dict[str, Any] = json.loads(data)
        self.messages.append(found)
        return found

    async def until(self, type_: str) -> dict[str, Any]:
        while (found := await self.next())["type"] != type_:
            pass
        return found

    async def line(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first score line that is wanted."""
        while not wanted(line := (await self.until("score"))["line"]):
            pass
        found: dict[str, Any] = line
        return found

    async def event(self, kind: str) -> dict[str, Any]:
        """The first event of a kind in the score."""
        line = await self.line(lambda line: any(e["kind"] == kind for e in line["events"]))
        found: dict[str, Any] = next(e for e in line["events"] if e["kind"] == kind)
        return found

    async def close_code(self) -> int | None:
        """Read to the end."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.next()
        return self.socket.close_code

    def of(self, type_: str) -> list[dict[str, Any]]:
        return [found for found in self.messages if found["type"] == type_]


@asynccontextmanager
async def native_client(port: int, **options: Any) -> AsyncIterator[Client]:
    url = f"ws://127.0.0.1:{port}/v1/native"
    async with connect(url, max_size=None, compression=None, **options) as connection:
        yield Client(connection)


@dataclass
class Served:
    host: Host
    server: GentleServer
    port: int

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[Client]:
        async with native_client(self.port, **options) as client:
            yield client

    @asynccontextmanager
    async def talking(self, hello: dict[str, Any] | None = None) -> AsyncIterator[Client]:
        """A client that said hello and is ready."""
        async with self.client() as client:
            await client.say("hello", **(hello or {}))
            await client.until("ready")
            yield client

    async def free(self) -> None:
        """Wait until no session holds a seat."""
        worker = self.host.pool.worker
        assert isinstance(worker, CountingWorker)
        while self.host.running or worker.seats:
            await asyncio.sleep(0.01)


def serve(
    test: Callable[[Served], Awaitable[None]],
    *,
    worker: Worker | None = None,
    sessions: int | None = 8,
    limit_s: float = 20.0,
    send_buffer: int | None = None,
    web: Path | None = None,
    **settings: Any,
) -> Host:
    """Run a test against a server; returns its host for a look afterwards."""

    async def main() -> Host:
        listener = listen(0)
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        with StagePool(worker or fake_worker()) as pool:
            admission = Admission(TickCost(median_ms=5.0, p95_ms=10.0), fixed=sessions)
            host = Host(pool, admission, replace(HostSettings(model="fake"), **settings))
            server = GentleServer(build_app(host, web=web), drain=host.drain)
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started and not task.done():
                await asyncio.sleep(0.005)
            try:
                async with asyncio.timeout(limit_s):
                    await test(Served(host, server, listener.getsockname()[1]))
            finally:
                server.end()
                await task
            return host

    return asyncio.run(main())


def counted(host: Host, name: str, **labels: str) -> float:
    """A counter's value."""
    return host.metrics.registry.get_sample_value(name, labels) or 0.0

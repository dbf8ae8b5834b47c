"""A real server on a free port over fakes, and the unmodified openai SDK against it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.asyncio.client import ClientConnection, connect

from hocket.audio.pcm import to_bytes
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.transports.admission import Admission, TickCost
from hocket.transports.host import Host, HostSettings
from hocket.transports.http import build_app
from hocket.transports.server import GentleServer, listen
from hocket.transports.stage_pool import StagePool

CHUNK = 24_000 // 25  # 40 ms


@dataclass(frozen=True)
class Served:
    host: Host
    url: str

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[AsyncRealtimeConnection]:
        """The SDK, connected; session.created is read."""
        sdk = AsyncOpenAI(base_url=f"http://{self.url}/v1", api_key="none")
        async with sdk, sdk.realtime.connect(model="hocket", **options) as connection:
            created = await connection.recv()
            assert created.type == "session.created"
            yield connection

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[ClientConnection]:
        """A bare socket, for what the SDK would not send."""
        async with connect(f"ws://{self.url}/v1/realtime", max_size=None, **options) as socket:
            yield socket


def serving(
    worker: Worker,
    test: Callable[[Served], Awaitable[None]],
    *,
    limit_s: float = 30.0,
    sessions: int | None = None,
    **settings: Any,
) -> Host:
    """Run a test against a server; returns its host for a look afterwards."""

    async def main() -> Host:
        with StagePool(worker) as pool:
            admission = Admission(TickCost(median_ms=5.0, p95_ms=10.0), fixed=sessions)
            host = Host(pool, admission, replace(HostSettings(model="fake"), **settings))
            async with served(host) as url, asyncio.timeout(limit_s):
                await test(Served(host, url))
            host.close()
            return host

    return asyncio.run(main())


@asynccontextmanager
async def served(host: Host) -> AsyncIterator[str]:
    """``127.0.0.1:PORT`` of the server as ``hocket serve`` runs it."""
    listener = listen(0)
    server = GentleServer(build_app(host), drain=host.drain)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.end()
        await task


def text_item(text: str) -> Any:
    """A line that the user typed."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def encoded(samples: Float32) -> str:
    return base64.b64encode(to_bytes(samples)).decode()


async def append(connection: AsyncRealtimeConnection, samples: Float32) -> None:
    """All at once, in chunks of 40 ms."""
    for start in range(0, len(samples), CHUNK):
        await connection.input_audio_buffer.append(audio=encoded(samples[start : start + CHUNK]))


async def until(connection: AsyncRealtimeConnection, type_: str) -> list[Any]:
    """Events up to and with the first of a type."""
    events: list[Any] = []
    while not events or events[-1].type != type_:
        events.append(await connection.recv())
    return events


def types(events: list[Any]) -> list[str]:
    return [event.type for event in events]


async def said(socket: ClientConnection, type_: str) -> dict[str, Any]:
    """The next event of a type on a bare socket."""
    while True:
        event: dict[str, Any] = json.loads(await socket.recv())
        if event["type"] == type_:
            return event

"""A bridge on 127.0.0.1 between voicebench's websocket adapter and the native socket of ``hocket serve``.

Law: only frames move here, each as soon as it comes; what a frame waits in the bridge is measured. One
connection of voicebench is one session; when either side ends it, so does the other.
Source: docs/voicebench.md; voicebench_frames.py translates.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hocket.core.errors import BadInput
from hocket.evaluation.peers.voicebench_frames import HELLO, Frame, Out, Translation

HOST: Final = "127.0.0.1"
READY_WITHIN_S: Final = 10.0
NORMAL, BROKEN, TRY_LATER = 1000, 1011, 1013

Socket = ClientConnection | ServerConnection


@dataclass(slots=True)
class Passage:
    """One session through the bridge."""

    waits_ms: list[float] = field(default_factory=list)  # of each frame, from taken to handed on
    left_out_s: float = 0.0
    ahead_max_s: float = 0.0
    errors: list[str] = field(default_factory=list)
    closed: str = ""  # by whom, if not by voicebench
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Bridge:
    """An open bridge: where voicebench shall connect, and what passed."""

    url: str
    passages: list[Passage] = field(default_factory=list)


async def ready(server: ClientConnection) -> dict[str, Any]:
    """Say hello on a fresh native socket; the server's ``ready``.

    Raises:
        BadInput: it refused or said something else.
    """
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await server.send(HELLO)
            found: dict[str, Any] = json.loads(await server.recv())
    except (ConnectionClosed, TimeoutError) as error:
        raise BadInput(f"expected a session of hocket serve, got: {error}") from error
    if found["type"] != "ready":
        why = found.get("message", found["type"])
        raise BadInput(f"expected a session of hocket serve, got: {why}")
    return found


@asynccontextmanager
async def bridge(server_url: str, *, port: int = 0) -> AsyncIterator[Bridge]:
    """A bridge to ``server_url`` (ws://…/v1/native) for the length of a ``with``; port 0 takes any."""
    made = Bridge("")

    async def session(client: ServerConnection) -> None:
        made.passages.append(passage := Passage())
        try:
            async with connect(server_url, compression=None, ping_interval=None) as server:
                rate_hz = (await ready(server))["voice_rate_hz"]
                await _pass(client, server, Translation(voice_rate_hz=rate_hz), passage)
        except (BadInput, OSError) as error:
            passage.closed = str(error)
            await client.close(TRY_LATER, str(error)[:100])
        finally:
            passage.over.set()

    # No pings of the bridge's own: frames come all the time, and it shall be no reason for an end.
    async with serve(session, HOST, port, compression=None, ping_interval=None) as listening:
        made.url = f"ws://{HOST}:{listening.sockets[0].getsockname()[1]}"
        yield made


async def _pass(
    client: ServerConnection, server: ClientConnection, translation: Translation, passage: Passage
) -> None:
    """Both ways until one side ends it."""
    sides: list[tuple[Socket, Callable[..., Out]]] = [
        (client, translation.from_client),
        (server, translation.from_server),
    ]

    async def pump(source: Socket, translate: Callable[..., Out]) -> None:
        clock = asyncio.get_running_loop().time
        async for frame in source:
            now = clock()
            await _send(translate(frame, now=now), client, server)
            passage.waits_ms.append((clock() - now) * 1000)

    tasks = [asyncio.create_task(pump(*side)) for side in sides]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    by_server = client.close_code is None
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    passage.left_out_s, passage.ahead_max_s = translation.left_out_s, translation.ahead_max_s
    passage.errors = translation.errors
    if by_server:
        passage.closed = f"the server closed: {server.close_code} {server.close_reason}"
    await client.close(BROKEN if by_server else NORMAL, passage.closed[:100])
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            with suppress(ConnectionClosed):
                raise error


async def _send(out: Out, client: ServerConnection, server: ClientConnection) -> None:
    async def all_of(socket: Socket, frames: tuple[Frame, ...]) -> None:
        for frame in frames:
            await socket.send(frame)

    await all_of(server, out.to_server)
    await all_of(client, out.to_client)

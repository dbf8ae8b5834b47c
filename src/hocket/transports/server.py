"""The socket that listens, and its end.

Law: a first signal ends the server gently: nobody is admitted, spoken sentences are finished, sockets
close with 1001; a second one ends it at once. Only 127.0.0.1 is listened on.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from hocket.core.errors import BadInput

ADDRESS: Final = "127.0.0.1"
# OpenAI Realtime takes 15 MiB of sound in one append, in base64; beyond it the socket closes with 1009.
MESSAGE_BYTES: Final = 21 * 2**20
PING_S: Final = 20.0  # a peer that vanished without a word is noticed after at most twice this
UNREAD_MS: Final = 30_000  # the kernel gives up a peer that takes nothing for this long
GRACE_S: Final = 5  # for connections to close once all sessions have ended


def listen(port: int) -> socket.socket:
    """A socket on ``127.0.0.1:port`` (0: any that is free).

    Raises:
        BadInput: the port is in use or not ours to take.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; accepted sockets inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    try:
        listener.bind((ADDRESS, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise BadInput(f"expected a free port, got {port}: {error.strerror}") from None
    return listener


class GentleServer(uvicorn.Server):
    """Uvicorn with a drain before its own shutdown, which would cut every socket at once."""

    def __init__(self, app: ASGIApp, *, drain: Callable[[], Awaitable[None]]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                ws_max_size=MESSAGE_BYTES,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,  # sound does not compress, and a bomb would
                timeout_graceful_shutdown=GRACE_S,
                log_config=None,
                access_log=False,
                lifespan="on",
            )
        )
        self._drain = drain
        self._ending: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until ``end`` or a signal."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: drain first, then as uvicorn does."""
        if self._ending is not None or self._loop is None:
            super().handle_exit(sig, frame)
            self.force_exit = True
        else:
            self._loop.call_soon_threadsafe(self.end)

    def end(self) -> None:
        """Drain, then shut down. May be called twice."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        try:
            await self._drain()
            if tasks := self.server_state.tasks:  # sockets that say their last words
                await asyncio.wait(tasks, timeout=GRACE_S)
        finally:
            self.should_exit = True

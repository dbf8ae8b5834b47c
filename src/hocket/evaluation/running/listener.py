"""A client of the native socket: a microphone at real pace and a loudspeaker that hears each gap.

Law: it counts what a person would hear, on its own clock; the server's counters are held against it.
Needs the extra ``serve``.
"""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hocket.audio.pcm import to_bytes
from hocket.core.errors import ProtocolViolation
from hocket.core.units import USER_RATE_HZ
from hocket.transports.files import Recording

CHUNK_MS: Final = 40  # as a browser sends
GAP_MS: Final = 20.0  # a queue that is dry for less is the network's jitter, not a late tick


@dataclass
class Listener:
    """Plays what comes in time and counts where the sound broke."""

    socket: ClientConnection
    rate_hz: int = 22_050
    gaps_ms: list[float] = field(default_factory=list)
    responses_s: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)  # of ticks, as the score counts them
    lines: int = 0
    sounds: int = 0
    errors: list[str] = field(default_factory=list)
    ended: dict[str, Any] | None = None
    _ends_s: float = 0.0  # when the queue is dry, on the loop's clock
    _position: int = 0  # behind the last sample queued
    _in_run: bool = False

    async def listen(self) -> None:
        """Until the socket closes, by whomever and why ever."""
        with suppress(ConnectionClosed):
            async for data in self.socket:
                if isinstance(data, bytes):
                    self._sound(data)
                else:
                    await self._message(json.loads(data))

    def _sound(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        (at,) = struct.unpack("<Q", data[:8])
        n = (len(data) - 8) // 2
        gap_ms = (now - self._ends_s) * 1000
        if self._in_run and gap_ms > GAP_MS:
            self.gaps_ms.append(round(gap_ms, 1))
        self._ends_s = max(now, self._ends_s) + n / self.rate_hz
        self._position, self._in_run = at + n, True
        self.sounds += 1

    async def _message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "score":
                await self._line(message["line"])
            case "stop_playout":
                position = self._played()
                self._ends_s, self._in_run = 0.0, False
                await self._say("stopped", position=position)
            case "error":
                self.errors.append(message["code"])
            case "ended":
                self.ended = message["totals"]

    async def _line(self, line: dict[str, Any]) -> None:
        self.lines += 1
        if not line["sent_samples"]:
            self._in_run = False
        for event in line["events"]:
            if event["kind"] == "deadline_missed":
                self.late_ms.append(event["detail"]["late_ms"])
            elif event["kind"] == "response":
                self.responses_s.append(event["detail"]["to_s"] - event["detail"]["from_s"])
        if line["played_samples"] < self._played():
            await self._say("played", position=self._played())

    def _played(self) -> int:
        left_s = max(0.0, self._ends_s - asyncio.get_running_loop().time())
        return max(0, self._position - round(left_s * self.rate_hz))

    async def _say(self, type_: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **fields}))


@asynccontextmanager
async def listener(url: str) -> AsyncIterator[Listener]:
    """A session that is ready.

    Raises:
        ProtocolViolation: the server said something else.
    """
    async with connect(f"ws://{url}/v1/native", compression=None, max_size=None) as socket:
        await socket.send('{"type":"hello"}')
        ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            raise ProtocolViolation(f"expected ready, got {ready}")
        yield Listener(socket, rate_hz=ready["voice_rate_hz"])


def chunks(recording: Path) -> Iterator[bytes]:
    """A recording over and over, as a microphone sends it."""
    n = USER_RATE_HZ * CHUNK_MS // 1000
    while True:
        for tick in Recording(recording).ticks():
            for start in range(0, len(tick), n):
                yield to_bytes(tick[start : start + n])


async def speak(client: Listener, recording: Path, seconds: float) -> None:
    """The recording at the pace of a microphone."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n, chunk in enumerate(islice(chunks(recording), round(seconds * 1000 / CHUNK_MS))):
        await asyncio.sleep(max(0.0, began + n * CHUNK_MS / 1000 - loop.time()))
        await client.socket.send(chunk)


async def converse(url: str, recording: Path, *, seconds: float, wait_s: float) -> Listener:
    """One session of so many seconds, begun after a wait; ends with the server's end at the latest."""
    await asyncio.sleep(wait_s)
    async with listener(url) as client:
        listening = asyncio.create_task(client.listen())
        speaking = asyncio.create_task(speak(client, recording, seconds))
        await asyncio.wait({speaking, listening}, return_when=asyncio.FIRST_COMPLETED)
        speaking.cancel()
        await asyncio.wait({speaking})
        await client.socket.close()
        await listening
        return client

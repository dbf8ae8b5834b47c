"""A ``hocket serve`` of its own and a client of its native socket that listens like a loudspeaker."""

import asyncio
import json
import struct
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hocket.audio.pcm import to_bytes
from hocket.transports.files import Recording

CHUNK_MS = 40  # as a browser sends
GAP_MS = 20.0  # a queue that is dry for less is the network's jitter, not a late tick


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    process: psutil.Process

    def rss_mb(self) -> float:
        return float(round(self.process.memory_info().rss / 2**20, 1))

    def fds(self) -> int:
        return int(self.process.num_fds())

    async def counters(self) -> dict[str, float]:
        """Totals that /metrics tells."""
        async with httpx.AsyncClient() as client:
            page = await client.get(f"http://{self.url}/metrics")
        return {
            sample.name: sample.value
            for family in text_string_to_metric_families(page.text)
            for sample in family.samples
            if not sample.labels
        }


@asynccontextmanager
async def server(model: str, sessions: int) -> AsyncIterator[Server]:
    """Start, wait until it says where it is, stop gently."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("hocket"),
        *("serve", "--port", "0", "--model", model, "--sessions", str(sessions)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(180):
        said = (await process.stdout.readline()).decode()
    try:
        yield Server(said.split()[0].removeprefix("http://"), psutil.Process(process.pid))
    finally:
        process.terminate()
        await process.wait()


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
    """A session that is ready."""
    async with connect(f"ws://{url}/v1/native", compression=None, max_size=None) as socket:
        await socket.send('{"type":"hello"}')
        ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            raise RuntimeError(f"expected ready, got {ready}")
        yield Listener(socket, rate_hz=ready["voice_rate_hz"])


def chunks(recording: Path) -> Iterator[bytes]:
    """A recording over and over, as a microphone sends it."""
    n = 16 * CHUNK_MS
    while True:
        for tick in Recording(recording).ticks():
            for start in range(0, len(tick), n):
                yield to_bytes(tick[start : start + n])

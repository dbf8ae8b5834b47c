"""The native socket: a session as the page sees it, one connection a session.

Law: only data moves here. What is wrong is answered with an ``error`` and the session goes on; a peer
that sends nothing but wrong messages, sends no sound for long, or does not read is let go with a reason.
Source: docs/native.md.
"""

import asyncio
import contextlib
import json
import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from hocket.audio.pcm import to_bytes
from hocket.core.errors import Overloaded, ProtocolViolation
from hocket.core.units import TICK_MS, USER_RATE_HZ
from hocket.protocol.events import (
    ModeChosen,
    Muted,
    OutsideEvent,
    Play,
    PlaybackReported,
    PlaybackStopped,
    StopPlayout,
    StopPressed,
    TextTyped,
)
from hocket.protocol.native import (
    AudioFormat,
    ChooseMode,
    ClientMessage,
    Hello,
    Mute,
    Played,
    Stop,
    Stopped,
    Typed,
    message,
    read_audio,
    read_message,
)
from hocket.protocol.score import ScoreTick
from hocket.transports.host import Host, Running
from hocket.transports.live import LiveSession
from hocket.transports.outbox import Outbox, PeerTooSlow

SUBPROTOCOL: Final = "hocket.native.v1"
HELLO_WITHIN_S: Final = 1.0  # without one the session begins with its defaults
LAST_WORDS_S: Final = 2.0  # for a peer to read why it is let go
GOING_AWAY, POLICY, BROKEN, TRY_LATER = 1001, 1008, 1011, 1013

log = logging.getLogger(__name__)


async def native_endpoint(websocket: WebSocket, host: Host) -> None:
    """One connection, from accept to close."""
    offered = websocket.scope.get("subprotocols", [])
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    await Connection(websocket, host).serve()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection ended; ``gone``: the peer closed it, or vanished."""

    code: int
    why: str = ""
    error: str = ""  # code of the error message that says it to the peer
    gone: bool = False


GONE: Final = Ended(GOING_AWAY, gone=True)


class Connection:
    """One peer: the wire of a session and the reader of a socket."""

    def __init__(self, websocket: WebSocket, host: Host) -> None:
        self._websocket, self._host = websocket, host
        self._outbox = Outbox(self._send, audio_s=host.settings.outbox_s)
        self._live: LiveSession | None = None
        self._format: AudioFormat = "pcm16"
        self._bad_in_a_row = 0
        self._heard_s = 0.0  # when sound last came, on the loop's clock

    async def serve(self) -> None:
        """Hold the conversation until either side ends it."""
        sending = asyncio.create_task(self._outbox.run())
        ended = Ended(BROKEN, "the server failed", "failed")
        try:
            ended = await self._session(sending)
        except (WebSocketDisconnect, OSError):
            ended = GONE
        except PeerTooSlow as error:
            ended = Ended(POLICY, str(error), "too_slow")
        except Overloaded as error:
            ended = Ended(TRY_LATER, str(error), "overloaded")
        finally:
            await self._finish(sending, ended)

    async def _session(self, sending: asyncio.Task[None]) -> Ended:
        first, hello = await self._hello()
        if first is not None and first["type"] == "websocket.disconnect":
            return GONE
        self._format = hello.format
        self._heard_s = asyncio.get_running_loop().time()
        async with self._host.session(
            self, mode=hello.mode, instructions=hello.instructions, seed=hello.seed, sheds=True
        ) as running:
            self._live = running.live
            self._put(self._ready(hello))
            if first is not None:
                self._take(first)
            ended = await self._until_over(running, sending)
        if running.live.totals is not None and not ended.gone:
            self._put(message("ended", totals=running.live.totals.model_dump(mode="json")))
        return ended

    async def _hello(self) -> tuple[Mapping[str, Any] | None, Hello]:
        """The first frame if it was no hello, and the hello or its defaults."""
        frame = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HELLO_WITHIN_S):
                frame = await self._websocket.receive()
        text = None if frame is None else frame.get("text")
        if text is not None:
            with contextlib.suppress(ProtocolViolation):  # it is answered when it is taken
                if isinstance(found := read_message(text), Hello):
                    return None, found
        return frame, Hello(type="hello")

    async def _until_over(self, running: Running, sending: asyncio.Task[None]) -> Ended:
        reading = asyncio.create_task(self._read())
        over = asyncio.create_task(_over(running))
        try:
            await asyncio.wait({reading, over, sending}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()  # raises: it never ends by itself before the session
            return reading.result() if reading.done() else over.result()
        finally:
            for task in (reading, over):
                task.cancel()
            await asyncio.wait({reading, over})

    async def _finish(self, sending: asyncio.Task[None], ended: Ended) -> None:
        """Say why, send what waits, close."""
        if ended.error:
            log.info("native: %s: %s", ended.error, ended.why)
            self._error(ended.error, ended.why)
        self._outbox.end()
        if not ended.gone:
            await asyncio.wait({sending}, timeout=LAST_WORDS_S)
        sending.cancel()
        await asyncio.wait({sending})
        if not sending.cancelled():
            sending.exception()  # known already, or the peer is gone
        if not ended.gone:
            with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._websocket.close(ended.code, ended.why[:100])

    # -- from the peer --------------------------------------------------------------------------

    async def _read(self) -> Ended:
        settings, loop = self._host.settings, asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout_at(self._heard_s + settings.idle_s):
                    frame = await self._websocket.receive()
            except TimeoutError:
                if loop.time() < self._heard_s + settings.idle_s:
                    continue
                why = f"expected sound within {settings.idle_s:.0f} s, got none"
                return Ended(POLICY, why, "idle")
            if frame["type"] == "websocket.disconnect":
                return GONE
            self._take(frame)
            if self._bad_in_a_row >= settings.bad_messages:
                why = f"expected messages, got {self._bad_in_a_row} in a row that are none"
                return Ended(POLICY, why, "bad_messages")

    def _take(self, frame: Mapping[str, Any]) -> None:
        live = self._live
        assert live is not None  # frames are taken while a session runs
        try:
            if frame.get("bytes") is not None:
                samples = read_audio(frame["bytes"], self._format)
                self._heard_s = asyncio.get_running_loop().time()
                live.hear(samples)
            else:
                live.tell(_event(read_message(frame["text"])))
        except ProtocolViolation as error:
            self._bad_in_a_row += 1
            self._error("bad_message", str(error))
        else:
            self._bad_in_a_row = 0

    # -- from the session (Wire) ----------------------------------------------------------------

    def play(self, action: Play) -> None:
        """Sound with the position of its first sample, then its words."""
        assert self._live is not None
        rate_hz = self._host.voice_rate_hz
        length_s = len(action.samples) / rate_hz
        frame = struct.pack("<Q", action.position) + to_bytes(action.samples)
        self._outbox.put(frame, audio_s=length_s)
        if not action.words:
            return
        starts_s = self._live.session.playing_until_s - length_s

        def position(at_s: float) -> int:
            return action.position + round((at_s - starts_s) * rate_hz)

        words = [
            {
                "text": word.text,
                "start_s": round(word.start_s, 4),
                "end_s": round(word.end_s, 4),
                "start": position(word.start_s),
                "end": position(word.end_s),
            }
            for word in action.words
        ]
        self._put(message("words", words=words))

    def stop_playout(self, action: StopPlayout) -> None:
        """What was not sent yet is not sent any more."""
        self._outbox.drop_audio()
        self._put(message("stop_playout", fade_ms=action.fade_ms))

    def record(self, line: ScoreTick) -> None:
        """The line as it stands in the score."""
        self._outbox.put(f'{{"type":"score","line":{line.model_dump_json()}}}')

    # -- to the peer ----------------------------------------------------------------------------

    def _ready(self, hello: Hello) -> dict[str, Any]:
        assert self._live is not None
        settings = self._host.settings
        return message(
            "ready",
            session=self._live.id,
            user_rate_hz=USER_RATE_HZ,
            voice_rate_hz=self._host.voice_rate_hz,
            tick_ms=TICK_MS,
            model=settings.model,
            mode=str(hello.mode or settings.mode),
        )

    def _error(self, code: str, why: str) -> None:
        self._put(message("error", code=code, message=why))

    def _put(self, fields: dict[str, Any]) -> None:
        self._outbox.put(json.dumps(fields, separators=(",", ":")))

    async def _send(self, data: str | bytes) -> None:
        if isinstance(data, str):
            await self._websocket.send_text(data)
        else:
            await self._websocket.send_bytes(data)


async def _over(running: Running) -> Ended:
    try:
        await running.over()
    except Overloaded as error:
        return Ended(TRY_LATER, str(error), "overloaded")
    except Exception:  # noqa: BLE001 - a stage failed; the host has it in its log
        return Ended(BROKEN, "the session failed", "failed")
    return Ended(GOING_AWAY, "the server ends")


def _event(found: ClientMessage) -> OutsideEvent:
    """What a message means to the session. Raises ProtocolViolation for a hello out of place."""
    match found:
        case Typed(text=text):
            return TextTyped(text=text)
        case Played(position=position):
            return PlaybackReported(position=position)
        case Stopped(position=position):
            return PlaybackStopped(position=position)
        case Mute(on=on):
            return Muted(on=on)
        case Stop():
            return StopPressed()
        case ChooseMode(mode=mode):
            return ModeChosen(mode=mode)
        case Hello():
            raise ProtocolViolation("expected hello to be the first message, got it later")
        case _:
            assert_never(found)

"""The OpenAI Realtime socket: a shell around ``protocol.realtime``.

Law: only data moves here. What a client does wrong is answered with an error event and the session goes
on; what a session cannot have (a seat, a peer that reads) ends the connection with the reason.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from hocket.core.errors import Overloaded
from hocket.core.units import TICK_S, TICK_USER_SAMPLES, USER_RATE_HZ, tick_start_s
from hocket.protocol.events import OutsideEvent, Play, StopPlayout
from hocket.protocol.realtime.client_messages import ClientMessage
from hocket.protocol.realtime.codec import Encoder, decode, error_of
from hocket.protocol.realtime.conversation import Act, Conversation, Restart
from hocket.protocol.realtime.refusal import Refusal
from hocket.protocol.realtime.server_messages import AudioDelta, ServerMessage
from hocket.protocol.realtime.settings import Settings
from hocket.protocol.score import ScoreTick
from hocket.transports.host import Host, Running
from hocket.transports.live import LiveSession
from hocket.transports.outbox import Outbox, PeerTooSlow

BETA: Final = "realtime=v1"
SUBPROTOCOL: Final = "realtime"
BETA_SUBPROTOCOL: Final = "openai-beta.realtime-v1"
FED_AHEAD_SAMPLES: Final = (
    2 * TICK_USER_SAMPLES
)  # what a session holds; the rest can still be cleared
LAST_WORDS_S: Final = 2.0  # for a client to read why it is closed
LARGE_CHARS: Final = 250_000  # 4 s of sound: decoding more takes longer than the loop may be held
TRY_LATER, GOING_AWAY, POLICY, BROKEN = 1013, 1001, 1008, 1011

log = logging.getLogger(__name__)


async def realtime_endpoint(websocket: WebSocket, host: Host) -> None:
    """One connection, from accept to close."""
    offered = websocket.scope.get("subprotocols", [])
    beta = BETA in websocket.headers.get("openai-beta", "") or BETA_SUBPROTOCOL in offered
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    await Connection(websocket, host, beta=beta).serve()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection ended; ``gone``: the client closed it, or vanished."""

    code: int
    why: str
    gone: bool = False


class Connection:
    """One client: the wire of a session and the reader of a socket."""

    def __init__(self, websocket: WebSocket, host: Host, *, beta: bool) -> None:
        self._websocket, self._host = websocket, host
        self._encoder = Encoder(beta=beta)
        self._outbox = Outbox(self._send, audio_s=host.settings.outbox_s)
        self._conversation = Conversation(
            Settings(model=host.settings.model),
            session_id=f"sess_{secrets.token_hex(8)}",
            rate_hz=host.voice_rate_hz,
            beta=beta,
        )
        self._live: LiveSession | None = None
        self._play: tuple[Play, float] | None = None
        self._restart: str | None = None  # instructions of the session that is to begin
        self._bad_in_a_row = 0

    async def serve(self) -> None:
        """Hold the conversation until either side ends it."""
        sending = asyncio.create_task(self._outbox.run())
        ended = Ended(BROKEN, "the server failed")
        try:
            ended = await self._sessions(sending)
        except (PeerTooSlow, WebSocketDisconnect) as error:
            log.info("realtime: %s", error or "the client vanished")
            ended = Ended(POLICY, str(error), gone=isinstance(error, WebSocketDisconnect))
        except Overloaded as error:
            ended = Ended(TRY_LATER, str(error))
            self._refuse(Refusal("session_limit_exceeded", str(error), blame="server_error"))
        finally:
            await self._finish(sending, ended)

    async def _sessions(self, sending: asyncio.Task[None]) -> Ended:
        """One session, or several if instructions come before anything is said."""
        instructions, ended = "", None
        while ended is None:
            async with self._host.session(self, instructions=instructions) as running:
                self._live = running.live
                self._do(self._conversation.begin())
                ended = await self._until_over(running, sending)
                self._live = None
            instructions, self._restart = self._restart or "", None
        return ended

    async def _until_over(self, running: Running, sending: asyncio.Task[None]) -> Ended | None:
        """How the connection ended, or None if a new session is to begin."""
        reading = asyncio.create_task(self._read())
        over = asyncio.create_task(self._over(running))
        await asyncio.wait({reading, over, sending}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if reading.done():
                return reading.result()
            if over.done():
                return over.result()
            sending.result()  # raises: it never ends by itself
            return Ended(GOING_AWAY, "")
        finally:
            for task in (reading, over):
                task.cancel()
            await asyncio.wait({reading, over})

    async def _over(self, running: Running) -> Ended:
        try:
            await running.over()
        except Exception:  # noqa: BLE001 - a stage failed; the host has it in its log
            self._refuse(Refusal("server_error", "the session failed", blame="server_error"))
            return Ended(BROKEN, "the session failed")
        return Ended(GOING_AWAY, "the server ends")

    async def _finish(self, sending: asyncio.Task[None], ended: Ended) -> None:
        """Send what waits, then close."""
        self._outbox.end()
        if not ended.gone:
            await asyncio.wait({sending}, timeout=LAST_WORDS_S)
        if not sending.done():
            sending.cancel()
        await asyncio.wait({sending})
        failed = None if sending.cancelled() else sending.exception()
        if ended.gone or isinstance(failed, WebSocketDisconnect):
            return
        with contextlib.suppress(TimeoutError, WebSocketDisconnect):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._websocket.close(ended.code, ended.why[:100])

    # -- from the client ------------------------------------------------------------------------

    async def _read(self) -> Ended | None:
        """Take messages until the client goes, or a new session must begin (None)."""
        settings = self._host.settings
        while self._restart is None:
            try:
                async with asyncio.timeout(settings.idle_s):
                    frame = await self._websocket.receive()
            except TimeoutError:
                why = f"expected a message within {settings.idle_s:.0f} s, got none"
                self._refuse(Refusal("session_idle", why))
                return Ended(POLICY, why)
            if frame["type"] == "websocket.disconnect":
                return Ended(GOING_AWAY, "", gone=True)
            await self._take(frame)
            if self._bad_in_a_row >= settings.bad_messages:
                return Ended(POLICY, f"{self._bad_in_a_row} messages in a row were no events")
        return None

    async def _take(self, frame: Mapping[str, Any]) -> None:
        try:
            message = await self._decode(frame)
        except Refusal as refusal:
            self._bad_in_a_row += 1
            self._refuse(refusal)
            return
        self._bad_in_a_row = 0
        live = self._live
        assert live is not None  # messages are read while a session runs
        try:
            self._do(self._conversation.receive(message, now=live.now_s, ahead_s=_ahead_s(live)))
        except Refusal as refusal:
            self._refuse(refusal, message.event_id)
        self._feed()

    async def _decode(self, frame: Mapping[str, Any]) -> ClientMessage:
        text = frame.get("text")
        if text is None:
            raise Refusal("invalid_json", "expected an event as text, got a binary frame")
        if len(text) > LARGE_CHARS:
            return await asyncio.to_thread(decode, text)
        return decode(text)

    def _feed(self) -> None:
        """Hand the session what it can soon use; what waits here can still be cleared."""
        live, backlog = self._live, self._conversation.backlog
        if live is None:
            return
        session = live.session
        while session.pending_samples < FED_AHEAD_SAMPLES:
            piece = backlog.take(TICK_S)
            if piece is None:
                return
            start, stop, samples = piece
            live.hear(samples)
            end = session.listening_tick * TICK_USER_SAMPLES + session.pending_samples
            backlog.fed(start, stop, at_sample=end - len(samples), n_session=len(samples))

    # -- from the session (Wire) ----------------------------------------------------------------

    def play(self, action: Play) -> None:
        """Sound: sent with the tick's line, which follows at once."""
        if self._live is not None:
            rate_hz = self._host.voice_rate_hz
            start_s = self._live.session.playing_until_s - len(action.samples) / rate_hz
            self._play = (action, start_s)

    def stop_playout(self, action: StopPlayout) -> None:
        """The client drops what it plays when it reads that the user speaks; it fades by itself."""
        if self._live is not None:
            self._outbox.drop_audio()
            self._do(self._conversation.stopped(self._live.now_s))

    def record(self, line: ScoreTick) -> None:
        """A tick is over."""
        if self._live is None:
            return  # the last tick of a session that nobody hears any more
        play, start_s = self._play or (None, 0.0)
        self._play = None
        now = self._live.now_s
        self._do(self._conversation.tick(line, play, start_s=start_s, now=now))
        asyncio.get_running_loop().call_soon(self._feed)  # the session has not returned yet

    # -- to both --------------------------------------------------------------------------------

    def _do(self, acts: list[Act]) -> None:
        for act in acts:
            if isinstance(act, ServerMessage):
                self._put(act)
            elif isinstance(act, Restart):
                self._restart = act.instructions
            else:
                # Later: the session may be in the middle of giving us its own actions.
                asyncio.get_running_loop().call_soon(self._tell, act)

    def _tell(self, event: OutsideEvent) -> None:
        if self._live is not None:
            self._live.tell(event)

    def _put(self, message: ServerMessage) -> None:
        text = self._encoder.encode(message)
        if text is None:
            return
        audio_s = 0.0
        if isinstance(message, AudioDelta):
            spoken = self._conversation.settings.spoken
            audio_s = len(message.delta) * 3 / 4 / spoken.width / spoken.rate_hz
        self._outbox.put(text, audio_s=audio_s)

    def _refuse(self, refusal: Refusal, event_id: str | None = None) -> None:
        self._put(error_of(refusal, event_id))

    async def _send(self, data: str | bytes) -> None:
        assert isinstance(data, str)  # Realtime has no binary frames
        await self._websocket.send_text(data)


def _ahead_s(live: LiveSession) -> float:
    """How far the sound that the session holds is ahead of its clock."""
    session = live.session
    held_s = session.pending_samples / USER_RATE_HZ
    return held_s - (live.now_s - tick_start_s(session.listening_tick))

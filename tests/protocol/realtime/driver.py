"""A conversation driven tick by tick; every event it sends is checked against the SDK's own types."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from hocket.audio.pcm import to_bytes
from hocket.core.units import TICK_S, TICK_USER_SAMPLES
from hocket.protocol.events import OutsideEvent, Play, SaidWord
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.realtime.codec import Encoder, decode
from hocket.protocol.realtime.conversation import Act, Conversation, Restart
from hocket.protocol.realtime.server_messages import ServerMessage
from hocket.protocol.realtime.settings import Settings
from hocket.protocol.score import Ahead, ScorePermit, ScoreTick, ScoreUser

RATE = 22_050
TICK = RATE // 5
SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)


@dataclass
class Talk:
    """``sent`` and ``told`` hold what the last call gave to the client and to the session."""

    beta: bool = False
    conversation: Conversation = field(init=False)
    now: float = 0.0
    ticks: int = 0
    position: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)
    told: list[OutsideEvent] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conversation = Conversation(
            Settings(model="fake"), session_id="sess_1", rate_hz=RATE, beta=self.beta
        )
        self._encoder = Encoder(beta=self.beta)
        self._take(self.conversation.begin())

    def send(self, type_: str, **fields: Any) -> list[str]:
        """A client event; returns the types of the events it caused."""
        message = decode(json.dumps({"type": type_, **fields}))
        return self._take(self.conversation.receive(message, now=self.now))

    def append(self, ms: int, level: float = 0.1, rate_hz: int = 24_000) -> list[str]:
        """Append a piece of sound."""
        samples = np.full(rate_hz * ms // 1000, level, np.float32)
        return self.send(
            "input_audio_buffer.append", audio=base64.b64encode(to_bytes(samples)).decode()
        )

    def feed(self) -> None:
        """Hand all that waits to the session, as a shell does."""
        backlog = self.conversation.backlog
        at = self.ticks * TICK_USER_SAMPLES
        while (piece := backlog.take(TICK_S)) is not None:
            start, stop, _ = piece
            n = round((stop - start) / 3)  # less the resampler's delay of 2 ms
            backlog.fed(start, stop, at_sample=at, n_session=n)
            at += n

    def tick(
        self,
        floor: Floor = Floor.LISTEN,
        *,
        word: str = "",
        speaks: bool = False,
        heard: str = "",
        tentative: str = "",
        rule: str = "open",
    ) -> list[str]:
        """One tick of the session; a ``word`` is 200 ms of our sound."""
        line = ScoreTick(
            tick=self.ticks,
            t=self.ticks * TICK_S,
            user=ScoreUser(
                level_db=-20.0 if speaks else -70.0,
                heard=tuple(heard.split()),
                tentative=tuple(tentative.split()),
            ),
            floor=floor,
            p=(1.0, 0.0, 0.0, 0.0, 0.0),
            permit=ScorePermit(allowed=FLOORS, rule=rule, reason="because"),
            ahead=Ahead(user=(0.9 if speaks else 0.0,) * 4),
        )
        self.ticks += 1
        self.now = self.ticks * TICK_S
        play = self._play(word) if word else None
        acts = self.conversation.tick(line, play, start_s=self.now, now=self.now)
        return self._take(acts)

    def stop(self) -> list[str]:
        """The session cuts its sound."""
        return self._take(self.conversation.stopped(self.now))

    def found(self, type_: str) -> dict[str, Any]:
        """The one event of a type among the last ones."""
        events = [event for event in self.sent if event["type"] == type_]
        assert len(events) == 1, (type_, [event["type"] for event in self.sent])
        return events[0]

    def _play(self, word: str) -> Play:
        end_s = self.now + TICK_S
        said = SaidWord(text=word, start_s=self.now, end_s=end_s)
        play = Play(samples=np.full(TICK, 0.1, np.float32), position=self.position, words=(said,))
        self.position += TICK
        return play

    def _take(self, acts: list[Act]) -> list[str]:
        self.sent, self.told = [], []
        for act in acts:
            if isinstance(act, ServerMessage):
                text = self._encoder.encode(act)
                if text is not None:
                    self._see(json.loads(text))
            elif isinstance(act, Restart):
                self.restarts.append(act.instructions)
            else:
                self.told.append(act)
        return [event["type"] for event in self.sent]

    def _see(self, event: dict[str, Any]) -> None:
        if not self.beta:
            SERVER_EVENT.validate_python(event)
        self.sent.append(event)

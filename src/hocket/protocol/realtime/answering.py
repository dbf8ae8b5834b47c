"""Our side: answers as responses, each with one item and one content part.

Law: a response begins when it is asked for or when we begin to sound, and ends exactly once: completed
when we fall silent of ourselves, cancelled when the sound is cut, failed when nothing came. Words are
sent with the sound in which they end; what was cut is never sent later.
"""

import base64
from dataclasses import dataclass, field
from typing import Any, Final

from hocket.audio.resample import StreamResampler
from hocket.protocol.events import Play
from hocket.protocol.realtime.items import Item, Items, SaidAt
from hocket.protocol.realtime.server_messages import (
    AudioDelta,
    AudioDone,
    ItemAdded,
    ItemDone,
    OutputItemAdded,
    OutputItemDone,
    PartAdded,
    PartDone,
    ResponseCreated,
    ResponseDone,
    ServerMessage,
    TextDelta,
    TextDone,
    TranscriptDelta,
    TranscriptDone,
)
from hocket.protocol.realtime.settings import VOICE, Settings

NO_USAGE: Final = {
    "total_tokens": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "input_token_details": {"text_tokens": 0, "audio_tokens": 0, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 0, "audio_tokens": 0},
}
CONVERSATION: Final = "conv_0001"


@dataclass(slots=True, kw_only=True)
class Response:
    """One answer."""

    id: str
    settings: Settings
    metadata: dict[str, str] | None = None
    item: Item | None = None  # from the first sound on
    previous_id: str | None = None
    resampler: StreamResampler | None = None
    status: str = "in_progress"
    details: dict[str, Any] | None = field(default=None)

    def shown(self) -> dict[str, Any]:
        """The protocol's response object."""
        spoken = {"format": self.settings.spoken.ga, "voice": VOICE}
        over = self.status != "in_progress"
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self.status,
            "status_details": self.details,
            "output": [self.item.shown()] if self.item is not None and over else [],
            "conversation_id": CONVERSATION,
            "output_modalities": self.settings.modalities,
            "max_output_tokens": "inf",
            "audio": {"output": spoken},
            "usage": NO_USAGE if over else None,
            "metadata": self.metadata,
        }


class Answering:
    """Makes responses of what we play; at most one is open."""

    def __init__(self, items: Items, *, rate_hz: int) -> None:
        self._items, self._rate_hz = items, rate_hz
        self._count = 0
        self.active: Response | None = None
        self.last_id: str | None = None  # of the newest response
        self.last_item: Item | None = None  # the newest with sound

    def open(
        self, settings: Settings, metadata: dict[str, str] | None = None
    ) -> list[ServerMessage]:
        """A response was asked for, or we begin to sound."""
        self._count += 1
        self.active = Response(id=f"resp_{self._count:04d}", settings=settings, metadata=metadata)
        self.last_id = self.active.id
        return [ResponseCreated(response=self.active.shown())]

    def play(self, play: Play, *, start_s: float) -> list[ServerMessage]:
        """We sound; ``start_s`` is when the piece is expected to begin."""
        response = self.active
        assert response is not None
        out = self._begin(response, play.position) if response.item is None else []
        assert response.item is not None
        response.item.stop = play.position + len(play.samples)
        if response.resampler is not None:
            out += self._sound(response, response.resampler.push(play.samples))
        for word in play.words:
            end = play.position + round((word.end_s - start_s) * self._rate_hz)
            out.append(self._word(response, word.text))
            response.item.words.append(SaidAt(text=word.text, end=min(end, response.item.stop)))
        return out

    def complete(self) -> list[ServerMessage]:
        """We fell silent of ourselves."""
        response = self.active
        if response is None:
            return []
        rest: list[ServerMessage] = []
        if response.resampler is not None:
            rest = self._sound(response, response.resampler.flush())
        return [*rest, *self._end("completed", None)]

    def cancel(self, reason: str) -> list[ServerMessage]:
        """The sound is cut: ``turn_detected`` or ``client_cancelled``."""
        return self._end("cancelled", {"type": "cancelled", "reason": reason})

    def fail(self, code: str, message: str) -> list[ServerMessage]:
        """Nothing came."""
        error = {"type": "server_error", "code": code, "message": message}
        return self._end("failed", {"type": "failed", "error": error})

    @property
    def sounding(self) -> bool:
        """Whether the open response has sound."""
        return self.active is not None and self.active.item is not None

    # -- pieces -------------------------------------------------------------------------------

    def _begin(self, response: Response, position: int) -> list[ServerMessage]:
        aloud = response.settings.aloud
        kind = "output_audio" if aloud else "output_text"
        item = Item(id=self._items.new_id(), role="assistant", kind=kind, start=position)
        response.item = self.last_item = item
        response.previous_id = self._items.add(item)
        if aloud:
            response.resampler = StreamResampler(self._rate_hz, response.settings.spoken.rate_hz)
        shown = item.shown(empty=True)
        return [
            OutputItemAdded(response_id=response.id, item=shown),
            ItemAdded(previous_item_id=response.previous_id, item=shown),
            PartAdded(response_id=response.id, item_id=item.id, part=self._part(item, "")),
        ]

    def _sound(self, response: Response, samples: Any) -> list[ServerMessage]:
        if not len(samples):
            return []
        delta = base64.b64encode(response.settings.spoken.encode(samples)).decode()
        return [AudioDelta(response_id=response.id, item_id=self._item_id(response), delta=delta)]

    def _word(self, response: Response, text: str) -> ServerMessage:
        assert response.item is not None
        delta = f" {text}" if response.item.words else text
        kind = TranscriptDelta if response.settings.aloud else TextDelta
        return kind(response_id=response.id, item_id=response.item.id, delta=delta)

    def _end(self, status: str, details: dict[str, Any] | None) -> list[ServerMessage]:
        response, self.active = self.active, None
        if response is None:
            return []
        response.status, response.details = status, details
        out: list[ServerMessage] = []
        if (item := response.item) is not None:
            item.status = "completed" if status == "completed" else "incomplete"
            out = self._end_item(response, item)
        return [*out, ResponseDone(response=response.shown())]

    def _end_item(self, response: Response, item: Item) -> list[ServerMessage]:
        of, it = response.id, item.id
        shown = item.shown()
        texts: list[ServerMessage] = [TextDone(response_id=of, item_id=it, text=item.said)]
        if response.settings.aloud:
            texts = [
                AudioDone(response_id=of, item_id=it),
                TranscriptDone(response_id=of, item_id=it, transcript=item.said),
            ]
        return [
            *texts,
            PartDone(response_id=of, item_id=it, part=self._part(item, item.said)),
            OutputItemDone(response_id=response.id, item=shown),
            ItemDone(previous_item_id=response.previous_id, item=shown),
        ]

    @staticmethod
    def _part(item: Item, text: str) -> dict[str, Any]:
        aloud = item.kind == "output_audio"
        return {"type": "audio", "transcript": text} if aloud else {"type": "text", "text": text}

    @staticmethod
    def _item_id(response: Response) -> str:
        return response.item.id if response.item is not None else ""

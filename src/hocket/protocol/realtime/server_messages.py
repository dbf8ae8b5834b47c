"""The server events that are sent, under their GA names.

Law: a message is a plain value without an id; the codec numbers messages as they go out and turns them
into beta's shape for clients that asked for it. Source: the event types of openai-python 3.x.
"""

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

Json: TypeAlias = dict[str, Any]


class ServerMessage(BaseModel):
    """Any server event."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: str


class Error(ServerMessage):
    """``error``: one client event was refused, or something was lost."""

    type: Literal["error"] = "error"
    error: Json


class SessionCreated(ServerMessage):
    """``session.created``."""

    type: Literal["session.created"] = "session.created"
    session: Json


class SessionUpdated(ServerMessage):
    """``session.updated``."""

    type: Literal["session.updated"] = "session.updated"
    session: Json


class SpeechStarted(ServerMessage):
    """The user has the floor: a client drops what it still plays."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    item_id: str
    audio_start_ms: int


class SpeechStopped(ServerMessage):
    """The user stopped speaking."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    item_id: str
    audio_end_ms: int


class AudioCommitted(ServerMessage):
    """The user's sound so far is an item now."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    item_id: str
    previous_item_id: str | None


class AudioCleared(ServerMessage):
    """``input_audio_buffer.cleared``."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class OutputCleared(ServerMessage):
    """``output_audio_buffer.cleared``."""

    type: Literal["output_audio_buffer.cleared"] = "output_audio_buffer.cleared"
    response_id: str


class WordsHeard(ServerMessage):
    """Words of the user that are final."""

    type: Literal["conversation.item.input_audio_transcription.delta"] = (
        "conversation.item.input_audio_transcription.delta"
    )
    item_id: str
    content_index: int = 0
    delta: str


class Transcribed(ServerMessage):
    """All words of an item."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    item_id: str
    content_index: int = 0
    transcript: str
    usage: Json


class ItemAdded(ServerMessage):
    """``conversation.item.added``."""

    type: Literal["conversation.item.added"] = "conversation.item.added"
    previous_item_id: str | None
    item: Json


class ItemDone(ServerMessage):
    """``conversation.item.done``."""

    type: Literal["conversation.item.done"] = "conversation.item.done"
    previous_item_id: str | None
    item: Json


class ItemTruncated(ServerMessage):
    """``conversation.item.truncated``."""

    type: Literal["conversation.item.truncated"] = "conversation.item.truncated"
    item_id: str
    content_index: int = 0
    audio_end_ms: int


class ItemDeleted(ServerMessage):
    """``conversation.item.deleted``."""

    type: Literal["conversation.item.deleted"] = "conversation.item.deleted"
    item_id: str


class ItemRetrieved(ServerMessage):
    """``conversation.item.retrieved``."""

    type: Literal["conversation.item.retrieved"] = "conversation.item.retrieved"
    item: Json


class ResponseCreated(ServerMessage):
    """``response.created``."""

    type: Literal["response.created"] = "response.created"
    response: Json


class ResponseDone(ServerMessage):
    """``response.done``."""

    type: Literal["response.done"] = "response.done"
    response: Json


class _OfResponse(ServerMessage):
    response_id: str
    output_index: int = 0


class OutputItemAdded(_OfResponse):
    """``response.output_item.added``."""

    type: Literal["response.output_item.added"] = "response.output_item.added"
    item: Json


class OutputItemDone(_OfResponse):
    """``response.output_item.done``."""

    type: Literal["response.output_item.done"] = "response.output_item.done"
    item: Json


class OfPart(_OfResponse):
    """Anything about the one content part of an answer."""

    item_id: str
    content_index: int = 0


class PartAdded(OfPart):
    """``response.content_part.added``."""

    type: Literal["response.content_part.added"] = "response.content_part.added"
    part: Json


class PartDone(OfPart):
    """``response.content_part.done``."""

    type: Literal["response.content_part.done"] = "response.content_part.done"
    part: Json


class AudioDelta(OfPart):
    """Sound, base64 in the session's output format."""

    type: Literal["response.output_audio.delta"] = "response.output_audio.delta"
    delta: str


class AudioDone(OfPart):
    """``response.output_audio.done``."""

    type: Literal["response.output_audio.done"] = "response.output_audio.done"


class TranscriptDelta(OfPart):
    """A word whose sound is complete with what was sent."""

    type: Literal["response.output_audio_transcript.delta"] = (
        "response.output_audio_transcript.delta"
    )
    delta: str


class TranscriptDone(OfPart):
    """``response.output_audio_transcript.done``."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: str


class TextDelta(OfPart):
    """A word of an answer in text."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: str


class TextDone(OfPart):
    """``response.output_text.done``."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: str

"""The client events that are accepted, parsed at the edge.

Law: what is not named here is refused, never dropped in silence. Fields typed ``Unused`` belong to the
protocol, mean nothing to Hocket and change nothing; ``session.updated`` shows what holds instead.
GA and beta names are both taken on every connection. Source: the event types of openai-python 3.x.
"""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Unused: TypeAlias = Any
MAX_TEXT: Final = 8_000  # characters of a typed turn: about the context of the small backbone
Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AudioFormat(_Model):
    """GA's ``{"type": "audio/pcm", "rate": 24000}``."""

    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"]
    rate: int | None = None


BetaFormat: TypeAlias = Literal["pcm16", "g711_ulaw", "g711_alaw"]


class TurnDetection(_Model):
    """Only whether to answer unasked counts: Hocket has no detector to tune."""

    type: Literal["server_vad", "semantic_vad"] = "semantic_vad"
    create_response: bool | None = None
    interrupt_response: Unused = None
    eagerness: Unused = None
    idle_timeout_ms: Unused = None
    prefix_padding_ms: Unused = None
    silence_duration_ms: Unused = None
    threshold: Unused = None


class AudioInput(_Model):
    """``session.audio.input``."""

    format: AudioFormat | None = None
    turn_detection: TurnDetection | None = None
    transcription: dict[str, Any] | None = None
    noise_reduction: Unused = None


class AudioOutput(_Model):
    """``session.audio.output``."""

    format: AudioFormat | None = None
    voice: Unused = None
    speed: Unused = None


class Audio(_Model):
    """``session.audio``."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class SessionFields(_Model):
    """``session`` of ``session.update``: GA's fields, then beta's flat ones."""

    type: Literal["realtime"] = "realtime"
    instructions: str | None = Field(default=None, max_length=MAX_TEXT)
    audio: Audio | None = None
    output_modalities: list[Literal["audio", "text"]] | None = None
    tools: list[Any] | None = None
    model: Unused = None
    object: Unused = None
    id: Unused = None
    expires_at: Unused = None
    include: Unused = None
    max_output_tokens: Unused = None
    parallel_tool_calls: Unused = None
    prompt: Unused = None
    reasoning: Unused = None
    tool_choice: Unused = None
    tracing: Unused = None
    truncation: Unused = None
    # beta
    modalities: list[Literal["audio", "text"]] | None = None
    input_audio_format: BetaFormat | None = None
    output_audio_format: BetaFormat | None = None
    input_audio_transcription: dict[str, Any] | None = None
    turn_detection: TurnDetection | None = None
    voice: Unused = None
    speed: Unused = None
    input_audio_noise_reduction: Unused = None
    max_response_output_tokens: Unused = None
    temperature: Unused = None
    client_secret: Unused = None


class _Event(_Model):
    event_id: str | None = Field(default=None, max_length=512)


class SessionUpdate(_Event):
    """``session.update``."""

    type: Literal["session.update"]
    session: SessionFields


class AudioAppend(_Event):
    """``input_audio_buffer.append``; the sound is checked where it is decoded."""

    type: Literal["input_audio_buffer.append"]
    audio: str


class AudioCommit(_Event):
    """``input_audio_buffer.commit``."""

    type: Literal["input_audio_buffer.commit"]


class AudioClear(_Event):
    """``input_audio_buffer.clear``."""

    type: Literal["input_audio_buffer.clear"]


class OutputClear(_Event):
    """``output_audio_buffer.clear``."""

    type: Literal["output_audio_buffer.clear"]


class InputText(_Model):
    """A part of a typed message."""

    type: Literal["input_text"]
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class NewItem(_Model):
    """A typed message of the user: the only item that a client can add."""

    type: Literal["message"]
    role: Literal["user"]
    content: Annotated[list[InputText], Field(min_length=1, max_length=16)]
    id: Id | None = None
    object: Unused = None
    status: Unused = None


class ItemCreate(_Event):
    """``conversation.item.create``; items always go to the end."""

    type: Literal["conversation.item.create"]
    item: NewItem
    previous_item_id: str | None = None


class ItemTruncate(_Event):
    """``conversation.item.truncate``: the user heard only so much."""

    type: Literal["conversation.item.truncate"]
    item_id: Id
    content_index: int = 0
    audio_end_ms: Annotated[int, Field(ge=0)]


class ItemDelete(_Event):
    """``conversation.item.delete``."""

    type: Literal["conversation.item.delete"]
    item_id: Id


class ItemRetrieve(_Event):
    """``conversation.item.retrieve``."""

    type: Literal["conversation.item.retrieve"]
    item_id: Id


class ResponseFields(_Model):
    """``response`` of ``response.create``; the session's settings hold, whatever is asked here."""

    metadata: dict[str, str] | None = None
    conversation: Literal["auto"] | None = None  # out-of-band answers are refused
    instructions: Annotated[str, Field(max_length=0)] | None = None  # of one answer: refused
    input: Annotated[list[Any], Field(max_length=0)] | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    audio: Unused = None
    max_output_tokens: Unused = None
    output_modalities: Unused = None
    parallel_tool_calls: Unused = None
    prompt: Unused = None
    reasoning: Unused = None
    tool_choice: Unused = None
    # beta
    modalities: Unused = None
    voice: Unused = None
    output_audio_format: Unused = None
    temperature: Unused = None
    max_response_output_tokens: Unused = None


class ResponseCreate(_Event):
    """``response.create``."""

    type: Literal["response.create"]
    response: ResponseFields | None = None


class ResponseCancel(_Event):
    """``response.cancel``."""

    type: Literal["response.cancel"]
    response_id: str | None = None


ClientMessage: TypeAlias = (
    SessionUpdate
    | AudioAppend
    | AudioCommit
    | AudioClear
    | OutputClear
    | ItemCreate
    | ItemTruncate
    | ItemDelete
    | ItemRetrieve
    | ResponseCreate
    | ResponseCancel
)
CLIENT_MESSAGE: Final[TypeAdapter[ClientMessage]] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)

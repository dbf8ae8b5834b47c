"""The native socket's messages from a client, parsed at the edge.

Law: what is not exactly a message of this file is refused with one line that says what was expected.
Source: docs/native.md.
"""

from typing import Annotated, Any, Final, Literal, TypeAlias

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hocket.audio.pcm import from_bytes, silence_non_finite
from hocket.core.errors import ProtocolViolation
from hocket.protocol.events import Float32
from hocket.protocol.modes import Mode

AudioFormat: TypeAlias = Literal["pcm16", "float32"]
SHOWN: Final = 80  # characters of a wrong message that are quoted back


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hello(_Message):
    """First message, if any: how the session shall be."""

    type: Literal["hello"]
    mode: Mode | None = None
    instructions: Annotated[str, Field(max_length=4_000)] = ""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    format: AudioFormat = "pcm16"


class Typed(_Message):
    """Keystrokes as they were typed."""

    type: Literal["typed"]
    text: Annotated[str, Field(min_length=1, max_length=4_000)]


class Played(_Message):
    """Our stream was played up to this absolute sample."""

    type: Literal["played"]
    position: Annotated[int, Field(ge=0)]


class Stopped(_Message):
    """Answer to ``stop_playout``: the sound ended at this absolute sample."""

    type: Literal["stopped"]
    position: Annotated[int, Field(ge=0)]


class Mute(_Message):
    """The mute button."""

    type: Literal["mute"]
    on: bool


class Stop(_Message):
    """The stop button."""

    type: Literal["stop"]


class ChooseMode(_Message):
    """The person chose when the agent may speak."""

    type: Literal["mode"]
    mode: Mode


ClientMessage: TypeAlias = Hello | Typed | Played | Stopped | Mute | Stop | ChooseMode
_MESSAGES: Final[TypeAdapter[ClientMessage]] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)


def read_message(text: str) -> ClientMessage:
    """A text frame.

    Raises:
        ProtocolViolation: not a message of the native socket.
    """
    try:
        return _MESSAGES.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        at = f" at {where}" if where else ""
        shown = text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
        raise ProtocolViolation(f"expected a message{at}: {first['msg']}, got {shown!r}") from None


def read_audio(data: bytes, audio_format: AudioFormat) -> Float32:
    """A binary frame: little-endian mono at 16 kHz, as float32 [S] in [-1, 1].

    Raises:
        ProtocolViolation: half a sample.
    """
    if audio_format == "pcm16":
        return from_bytes(data)
    if len(data) % 4:
        raise ProtocolViolation(f"expected float32, four bytes a sample, got {len(data)} bytes")
    samples_S: Float32 = np.frombuffer(data, "<f4").astype(np.float32)
    return np.clip(silence_non_finite(samples_S)[0], -1, 1)


def message(type_: str, **fields: Any) -> dict[str, Any]:
    """A message to the client, ready for ``json.dumps``."""
    return {"type": type_, **fields}

"""Text frames to client messages, server messages to text frames; the two dialects.

Law: decoding either gives a message or raises a ``Refusal`` that can be sent back; encoding numbers the
events of a connection 1, 2, 3, so the same conversation gives the same bytes. Beta is GA renamed: names
of events and content parts differ, added items are "created" and there is no "done" of an item.
"""

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from hocket.protocol.realtime.client_messages import CLIENT_MESSAGE, ClientMessage
from hocket.protocol.realtime.refusal import Refusal
from hocket.protocol.realtime.server_messages import Error, ServerMessage

BETA_EVENTS: Final = {
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "conversation.item.added": "conversation.item.created",
}
BETA_PARTS: Final = {"output_audio": "audio", "output_text": "text"}
UNKNOWN_TO_BETA: Final = frozenset({"conversation.item.done"})
CODES: Final = {
    "extra_forbidden": "unknown_parameter",
    "missing": "missing_required_parameter",
    "union_tag_not_found": "missing_required_parameter",
    "union_tag_invalid": "unknown_event",
}


def decode(text: str | bytes) -> ClientMessage:
    """One client event.

    Raises:
        Refusal: no JSON, no event that we know, or one with wrong fields; says what was expected.
    """
    try:
        data = from_json(text)
    except ValueError as error:
        raise Refusal("invalid_json", f"expected a JSON object, got {_short(error)}") from None
    if not isinstance(data, dict):
        raise Refusal("invalid_json", f"expected a JSON object, got {_short(data)}")
    event_id = data.get("event_id")
    try:
        return CLIENT_MESSAGE.validate_python(data)
    except ValidationError as error:
        raise _refusal(error, event_id if isinstance(event_id, str) else None) from None


def _refusal(error: ValidationError, event_id: str | None) -> Refusal:
    first = error.errors(include_url=False, include_context=False)[0]
    where = [str(part) for part in first["loc"]][1:]  # the first part is the event's type
    param = ".".join(where) or None
    wrong_type = str(first["type"]).endswith("_type") or first["type"] == "dict_type"
    code = CODES.get(first["type"], "invalid_type" if wrong_type else "invalid_value")
    if code == "unknown_event":
        got = first["input"].get("type")
        return Refusal(code, f"expected a client event, got {_short(got)}", event_id=event_id)
    message = f"{param or 'event'}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    if code != "missing_required_parameter":
        message += f", got {_short(first['input'])}"
    return Refusal(code, message, param=param, event_id=event_id)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def error_of(refusal: Refusal, event_id: str | None = None) -> Error:
    """A refusal as it is told to the client."""
    return Error(
        error={
            "type": refusal.blame,
            "code": refusal.code,
            "message": refusal.message,
            "param": refusal.param,
            "event_id": refusal.event_id or event_id,
        }
    )


class Encoder:
    """Numbers and writes one connection's server events."""

    def __init__(self, *, beta: bool) -> None:
        self._beta = beta
        self._count = 0

    def encode(self, message: ServerMessage) -> str | None:
        """A text frame; None for what the dialect does not have."""
        data = message.model_dump()
        if self._beta:
            if message.type in UNKNOWN_TO_BETA:
                return None
            data = to_beta(data)
        self._count += 1
        return to_json({"event_id": f"event_{self._count:06d}", **data}).decode()


def to_beta(data: dict[str, Any]) -> dict[str, Any]:
    """A GA event in beta's words; ``session`` objects are made for beta beforehand."""
    data = {**data, "type": BETA_EVENTS.get(data["type"], data["type"])}
    if "item" in data:
        data["item"] = _beta_item(data["item"])
    if "response" in data:
        data["response"] = _beta_response(data["response"])
    return data


def _beta_item(item: dict[str, Any]) -> dict[str, Any]:
    parts = [
        {**part, "type": BETA_PARTS.get(part["type"], part["type"])} for part in item["content"]
    ]
    return {**item, "content": parts}


def _beta_response(response: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in response.items() if key not in _GA_ONLY}
    spoken = response["audio"]["output"]
    aloud = response["output_modalities"] == ["audio"]
    return {
        **kept,
        "output": [_beta_item(item) for item in response["output"]],
        "modalities": ["audio", "text"] if aloud else ["text"],
        "voice": spoken["voice"],
        "output_audio_format": _BETA_FORMATS[spoken["format"]["type"]],
    }


_GA_ONLY: Final = frozenset({"output_modalities", "audio"})
_BETA_FORMATS: Final = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.protocol.realtime.client_messages import ItemCreate, ResponseCreate, SessionUpdate
from hocket.protocol.realtime.codec import Encoder, decode, error_of
from hocket.protocol.realtime.refusal import Refusal
from hocket.protocol.realtime.server_messages import (
    AudioDelta,
    ItemAdded,
    ItemDone,
    ServerMessage,
    TranscriptDone,
)


def refused(data: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode(data if isinstance(data, str) else json.dumps(data))
    return caught.value


def told(message: ServerMessage, *, beta: bool) -> dict[str, Any]:
    text = Encoder(beta=beta).encode(message)
    assert text is not None
    event: dict[str, Any] = json.loads(text)
    return event


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "3", '"hello"', "\x00", "{'type': 1}", "[" * 5000]
)
def test_what_is_no_json_object_is_refused(text: str) -> None:
    assert refused(text).code == "invalid_json"


def test_an_unknown_event_is_refused_with_its_name_and_the_clients_id() -> None:
    refusal = refused({"type": "input_audio_buffer.append_all", "event_id": "mine"})
    assert (refusal.code, refusal.event_id) == ("unknown_event", "mine")
    assert "input_audio_buffer.append_all" in refusal.message


def test_an_event_without_type_is_refused() -> None:
    assert refused({"audio": "AAAA"}).code == "missing_required_parameter"


@pytest.mark.parametrize(
    ("data", "code", "param"),
    [
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": 3}, "invalid_type", "audio"),
        ({"type": "response.cancel", "loud": True}, "unknown_parameter", "loud"),
        ({"type": "response.create", "response": []}, "invalid_type", "response"),
        (
            {"type": "conversation.item.truncate", "item_id": "a", "audio_end_ms": -1},
            "invalid_value",
            "audio_end_ms",
        ),
        (
            {"type": "conversation.item.truncate", "item_id": "a", "audio_end_ms": 1.5},
            "invalid_type",
            "audio_end_ms",
        ),
        (
            {"type": "session.update", "session": {"type": "realtime", "shout": 1}},
            "unknown_parameter",
            "session.shout",
        ),
        (
            {
                "type": "session.update",
                "session": {"audio": {"input": {"format": {"type": "mp3"}}}},
            },
            "invalid_value",
            "session.audio.input.format.type",
        ),
        (
            {"type": "response.create", "response": {"conversation": "none"}},
            "invalid_value",
            "response.conversation",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "system", "content": [{"type": "input_text"}]},
            },
            "invalid_value",
            "item.role",
        ),
    ],
)
def test_a_wrong_field_is_named(data: object, code: str, param: str) -> None:
    refusal = refused(data)
    assert (refusal.code, refusal.param) == (code, param)


def test_a_huge_value_is_not_quoted_back_whole() -> None:
    assert len(refused({"type": "response.cancel", "x": "y" * 100_000}).message) < 200


def test_both_dialects_of_a_session_update_are_read() -> None:
    ga = decode(
        '{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}'
    )
    beta = decode('{"type":"session.update","session":{"modalities":["text"]}}')
    assert isinstance(ga, SessionUpdate) and ga.session.output_modalities == ["text"]
    assert isinstance(beta, SessionUpdate) and beta.session.modalities == ["text"]


def test_what_clients_usually_send_with_a_response_is_taken() -> None:
    text = '{"type":"response.create","response":{"modalities":["audio","text"],"temperature":0.8}}'
    assert isinstance(decode(text), ResponseCreate)


def test_a_text_item_is_read() -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    message = decode(json.dumps({"type": "conversation.item.create", "item": item}))
    assert isinstance(message, ItemCreate)
    assert message.item.content[0].text == "hi"


@given(st.text(max_size=200))
def test_no_text_breaks_the_decoder(text: str) -> None:
    try:
        decode(text)
    except Refusal as refusal:
        assert refusal.message


@given(
    st.dictionaries(
        st.sampled_from(["type", "audio", "session", "item", "response", "event_id", "item_id"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=8), inner, max_size=3)
            ),
        )
        | st.sampled_from(["session.update", "response.create", "conversation.item.create"]),
    )
)
def test_no_object_breaks_the_decoder(data: dict[str, object]) -> None:
    try:
        decode(json.dumps(data))
    except Refusal as refusal:
        assert error_of(refusal).error["type"] == "invalid_request_error"


def test_events_are_numbered_from_one() -> None:
    encoder = Encoder(beta=False)
    ids = [
        json.loads(encoder.encode(AudioDelta(response_id="r", item_id="i", delta="")) or "")[
            "event_id"
        ]
        for _ in range(3)
    ]
    assert ids == ["event_000001", "event_000002", "event_000003"]


def test_beta_clients_get_beta_names() -> None:
    item = {"id": "i", "content": [{"type": "output_audio", "transcript": "x"}]}
    added = told(ItemAdded(previous_item_id=None, item=item), beta=True)
    assert added["type"] == "conversation.item.created"
    assert added["item"]["content"][0]["type"] == "audio"
    delta = told(AudioDelta(response_id="r", item_id="i", delta=""), beta=True)
    assert delta["type"] == "response.audio.delta"
    done = told(TranscriptDone(response_id="r", item_id="i", transcript="x"), beta=True)
    assert done["type"] == "response.audio_transcript.done"
    assert Encoder(beta=True).encode(ItemDone(previous_item_id=None, item=item)) is None


def test_an_error_names_the_clients_event() -> None:
    error = error_of(Refusal("c", "m", param="p"), "mine").error
    assert (error["code"], error["message"], error["param"], error["event_id"]) == (
        "c",
        "m",
        "p",
        "mine",
    )

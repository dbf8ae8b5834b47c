"""The Realtime socket over a real server, fakes behind it, the unmodified openai SDK before it."""

import asyncio
import base64
import json
import runpy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosed

from hocket.audio import alaw
from hocket.audio.pcm import from_bytes
from hocket.engine.port import Float32
from tests.transports.parrot import ANSWER, Parrot, parrot_worker, silence, speech
from tests.transports.realtime_server import (
    Served,
    append,
    encoded,
    said,
    serving,
    text_item,
    types,
    until,
)

ASKED = np.concatenate([silence(200), speech(400), silence(400)])


def sound(events: list[Any]) -> Float32:
    deltas = [event.delta for event in events if event.type == "response.output_audio.delta"]
    return np.concatenate([from_bytes(base64.b64decode(delta)) for delta in deltas])


async def still_answers(connection: AsyncRealtimeConnection) -> None:
    """The session goes on: it answers a typed line."""
    await connection.conversation.item.create(item=text_item("still there?"))
    await connection.response.create()
    done = (await until(connection, "response.done"))[-1]
    assert done.response.status == "completed"


def test_a_spoken_question_gets_sound_and_words() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            await append(connection, ASKED)
            events = await until(connection, "response.done")
            seen = types(events)
            assert seen.index("input_audio_buffer.speech_started") < seen.index(
                "input_audio_buffer.speech_stopped"
            )
            assert events[-1].response.status == "completed"
            assert events[-1].response.output[0].content[0].transcript == ANSWER
            words = [e.delta for e in events if e.type == "response.output_audio_transcript.delta"]
            assert "".join(words) == ANSWER
            assert len(sound(events)) == 8 * 4_800  # 200 ms a word
            assert 0.25 < np.abs(sound(events)).max() < 0.35
            started = next(e for e in events if e.type == "input_audio_buffer.speech_started")
            stopped = next(e for e in events if e.type == "input_audio_buffer.speech_stopped")
            assert abs(started.audio_start_ms - 200) < 30
            assert abs(stopped.audio_end_ms - 600) < 30

    serving(parrot_worker(), test)


def test_speech_while_we_speak_stops_the_sound() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            await append(connection, ASKED)
            await until(connection, "response.output_audio.delta")
            spoke = time.monotonic()
            await append(connection, speech(400))
            events = await until(connection, "response.done")
            assert time.monotonic() - spoke < 1.0
            started = next(e for e in events if e.type == "input_audio_buffer.speech_started")
            done = events[-1].response
            assert (done.status, done.status_details.reason) == ("cancelled", "turn_detected")
            assert done.output[0].status == "incomplete"
            assert started.item_id != done.output[0].id
            await still_answers(connection)

    serving(parrot_worker(), test)


def test_a_cancelled_response_ends_and_the_next_turn_is_answered() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            await connection.conversation.item.create(item=text_item("hello"))
            await until(connection, "response.output_audio.delta")
            await connection.response.cancel()
            done = (await until(connection, "response.done"))[-1].response
            assert done.status_details.reason == "client_cancelled"
            await still_answers(connection)

    serving(parrot_worker(), test)


def test_a_truncation_keeps_exactly_the_words_heard() -> None:
    parrot = Parrot()

    async def test(served: Served) -> None:
        async with served.client() as connection:
            await connection.conversation.item.create(item=text_item("hello"))
            events = await until(connection, "response.output_audio.delta")
            for _ in range(4):
                events += await until(connection, "response.output_audio.delta")
            item_id = events[-1].item_id
            await connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=650
            )
            truncated = (await until(connection, "conversation.item.truncated"))[-1]
            assert truncated.audio_end_ms == 650
            await connection.conversation.item.retrieve(item_id=item_id)
            item = (await until(connection, "conversation.item.retrieved"))[-1].item
            assert item.content[0].transcript == "one two three"
            await still_answers(connection)
        told = [event for tick in parrot.slots[0].inputs for event in tick.events]
        assert 'user heard up to "one two three"' in told

    serving(parrot_worker(parrot), test)


def test_a_typed_line_is_answered() -> None:
    parrot = Parrot()

    async def test(served: Served) -> None:
        async with served.client() as connection:
            await connection.conversation.item.create(item=text_item("hello there"))
            await connection.response.create()
            events = await until(connection, "response.done")
            assert types(events).count("response.created") == 1
            assert events[-1].response.status == "completed"
        assert "hello there\n" in [tick.typed for tick in parrot.slots[0].inputs]

    serving(parrot_worker(parrot), test)


def test_instructions_reach_the_engine_and_formats_change() -> None:
    parrot = Parrot()

    async def test(served: Served) -> None:
        async with served.client() as connection:
            await connection.session.update(
                session={
                    "type": "realtime",
                    "instructions": "be kind",
                    "audio": {
                        "input": {"format": {"type": "audio/pcmu"}},
                        "output": {"format": {"type": "audio/pcma"}},
                    },
                }
            )
            updated = (await until(connection, "session.updated"))[-1].session
            assert updated.instructions == "be kind"
            assert updated.audio.output.format.type == "audio/pcma"
            await connection.conversation.item.create(item=text_item("hello"))
            events = await until(connection, "response.done")
            deltas = [e.delta for e in events if e.type == "response.output_audio.delta"]
            heard = np.concatenate([alaw.decode(base64.b64decode(delta)) for delta in deltas])
            assert len(heard) == 8 * 1_600
            assert 0.25 < np.abs(heard).max() < 0.35
        assert [slot.instructions for slot in parrot.slots] == ["", "be kind"]

    host = serving(parrot_worker(parrot), test)
    assert host.running == 0


def test_without_turn_detection_only_a_response_create_is_answered() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            audio: Any = {"input": {"turn_detection": None}}
            await connection.session.update(session={"type": "realtime", "audio": audio})
            await append(connection, ASKED)
            await connection.input_audio_buffer.commit()
            quiet = await until(connection, "conversation.item.input_audio_transcription.completed")
            assert quiet[-1].transcript.startswith("w0 w1")
            assert not [kind for kind in types(quiet) if kind.startswith("response.")]
            await connection.response.create()
            done = (await until(connection, "response.done"))[-1].response
            assert done.status == "completed"
            await connection.conversation.item.create(item=text_item("muted?"))
            await still_answers(connection)

    serving(parrot_worker(), test)


def test_a_recording_sent_at_once_is_answered_when_it_was_heard() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            began = time.monotonic()
            await connection.input_audio_buffer.append(
                audio=encoded(np.concatenate([speech(2_000), silence(300)]))
            )
            await connection.input_audio_buffer.commit()
            await connection.response.create()
            events = await until(connection, "response.output_audio.delta")
            assert 1.9 < time.monotonic() - began < 4.0
            assert types(events).count("input_audio_buffer.committed") == 1
            assert types(events).count("response.created") == 1

    serving(parrot_worker(), test)


def test_an_append_beyond_the_backlog_says_what_was_dropped() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            await connection.input_audio_buffer.append(audio=encoded(silence(180_000)))
            error = (await until(connection, "error"))[-1].error
            assert error.code == "audio_dropped"
            assert "150." in error.message or "149." in error.message
            await still_answers(connection)

    serving(parrot_worker(), test)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_json"),
        (b"\x00\x01", "invalid_json"),
        ('{"type": "session.explode"}', "unknown_event"),
        ('{"type": "input_audio_buffer.append", "audio": 5}', "invalid_type"),
        ('{"type": "input_audio_buffer.append", "audio": "%%%"}', "invalid_value"),
        ('{"type": "input_audio_buffer.append", "audio": "AAAA"}', "invalid_value"),
        ('{"type": "input_audio_buffer.commit"}', "input_audio_buffer_commit_empty"),
        ('{"type": "response.cancel"}', "response_cancel_not_active"),
        (
            '{"type": "conversation.item.truncate", "item_id": "x", "content_index": 0,'
            ' "audio_end_ms": 5}',
            "item_not_found",
        ),
        ('{"type": "conversation.item.create", "item": {"type": "function_call"}}', None),
    ],
)
def test_what_is_wrong_is_answered_with_an_error_and_the_session_goes_on(
    frame: str | bytes, code: str | None
) -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            await said(socket, "session.created")
            await socket.send(frame)
            error = (await said(socket, "error"))["error"]
            assert error["type"] == "invalid_request_error"
            assert code in (None, error["code"])
            create = {"type": "conversation.item.create", "item": text_item("hello")}
            await socket.send(json.dumps(create))
            await said(socket, "response.output_audio.delta")

    host = serving(parrot_worker(), test)
    assert host.running == 0


def test_a_peer_that_sends_only_garbage_is_closed() -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            for _ in range(5):
                await socket.send("garbage")
            with pytest.raises(ConnectionClosed) as caught:
                while True:
                    await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1008

    serving(parrot_worker(), test, bad_messages=5)


def test_a_session_too_many_is_refused_with_the_reason() -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection, served.socket() as second:
            event = json.loads(await second.recv())
            assert event["error"]["code"] == "session_limit_exceeded"
            with pytest.raises(ConnectionClosed) as caught:
                await second.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1013
            await still_answers(connection)

    host = serving(parrot_worker(), test, sessions=1)
    assert host.running == 0


def test_an_idle_peer_is_told_and_closed() -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            assert (await said(socket, "error"))["error"]["code"] == "session_idle"
            with pytest.raises(ConnectionClosed):
                await socket.recv()

    serving(parrot_worker(), test, idle_s=0.3)


def test_a_peer_for_whom_too_much_waits_is_closed() -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            create = {"type": "conversation.item.create", "item": text_item("hello")}
            await socket.send(json.dumps(create))
            with pytest.raises(ConnectionClosed) as caught:
                while True:
                    await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1008

    host = serving(parrot_worker(), test, outbox_s=0.1)
    assert host.running == 0


def test_a_peer_that_vanishes_frees_its_seat() -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            await said(socket, "session.created")
            socket.transport.abort()
        while served.host.running:
            await asyncio.sleep(0.02)

    serving(parrot_worker(), test)


def test_a_beta_client_is_answered_in_beta() -> None:
    async def test(served: Served) -> None:
        beta = {"OpenAI-Beta": "realtime=v1"}
        async with served.socket(additional_headers=beta) as socket:
            created = await said(socket, "session.created")
            assert created["session"]["modalities"] == ["audio", "text"]
            create = {"type": "conversation.item.create", "item": text_item("hello")}
            await socket.send(json.dumps(create))
            await said(socket, "conversation.item.created")
            await said(socket, "response.audio.delta")
            assert (await said(socket, "response.audio_transcript.done"))["transcript"] == ANSWER

    serving(parrot_worker(), test)


def test_a_browsers_subprotocols_are_understood() -> None:
    async def test(served: Served) -> None:
        offered = ["realtime", "openai-insecure-api-key.none", "openai-beta.realtime-v1"]
        async with served.socket(subprotocols=offered) as socket:
            assert socket.subprotocol == "realtime"
            assert "modalities" in (await said(socket, "session.created"))["session"]

    serving(parrot_worker(), test)


def test_a_server_that_ends_finishes_the_answer_and_says_goodbye() -> None:
    async def test(served: Served) -> None:
        async with served.socket() as socket:
            create = {"type": "conversation.item.create", "item": text_item("hello")}
            await socket.send(json.dumps(create))
            await said(socket, "response.output_audio.delta")
            drained = asyncio.create_task(served.host.drain())
            with pytest.raises(ConnectionClosed) as caught:
                while True:
                    await socket.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 1001
            await drained

    serving(parrot_worker(Parrot("one two three.")), test)


def test_the_example_client_holds_a_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "realtime_client.py"))
    monkeypatch.setitem(example["speak"].__globals__, "TAIL_S", 3.0)
    question, answer = tmp_path / "question.wav", tmp_path / "answer.wav"
    soundfile.write(question, np.concatenate([silence(200, 16_000), speech(400, 16_000)]), 16_000)

    async def test(served: Served) -> None:
        await example["converse"](str(question), str(answer), f"http://{served.url}/v1")

    serving(parrot_worker(), test)
    assert f"agent {ANSWER} (completed)" in capsys.readouterr().out
    samples, rate_hz = soundfile.read(answer, dtype="float32")
    assert (rate_hz, len(samples)) == (24_000, 8 * 4_800)

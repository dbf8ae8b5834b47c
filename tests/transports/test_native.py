import asyncio
import itertools
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from hocket.audio.pcm import to_bytes
from hocket.engine.fake import decision
from hocket.engine.port import TickInput, TickOutput
from hocket.protocol.floor import Floor, Permit
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.files import Recording, audio_sha256
from hocket.transports.replay import replay
from hocket.transports.scores import load_score
from tests.transports.serving import (
    LOUD,
    WORDS,
    CountingWorker,
    Served,
    answers,
    counted,
    fake_worker,
    serve,
    silent,
    talks_for_ever,
)


def test_a_hello_opens_a_session_whose_ticks_come_as_score_lines() -> None:
    async def test(served: Served) -> None:
        async with served.client(subprotocols=["hocket.native.v1"]) as client:
            assert client.socket.subprotocol == "hocket.native.v1"
            await client.say("hello", mode="reserved")
            ready = await client.until("ready")
            rates = ready["user_rate_hz"], ready["voice_rate_hz"], ready["tick_ms"]
            assert rates == (16_000, 22_050, 200)
            assert (ready["model"], ready["mode"]) == ("fake", "reserved")
            lines = [(await client.until("score"))["line"] for _ in range(3)]
            assert [line["tick"] for line in lines] == [0, 1, 2]

    serve(test)


def test_speech_comes_with_contiguous_positions_and_words_that_fit_them() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            while len(client.of("words")) < 5:
                await client.next()
            places = [(at, len(data) // 2) for at, data in client.heard]
            assert places[0][0] == 0
            assert all(a + n == b for (a, n), (b, _) in itertools.pairwise(places))
            words = [word for found in client.of("words") for word in found["words"]]
            assert [word["text"] for word in words][:4] == WORDS.split()[:4]
            assert [word["end"] for word in words][:4] == [8_820, 17_640, 26_460, 35_280]

    serve(test, worker=fake_worker(answers()))


def test_two_sessions_hear_only_their_own_user() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as loud, served.talking() as quiet:
            for _ in range(5):
                await loud.sound(LOUD)
                await quiet.sound(0.001 * LOUD)
            levels = {
                name: (await client.line(lambda line: line["tick"] == 2))["user"]["level_db"]
                for name, client in (("loud", loud), ("quiet", quiet))
            }
            assert levels["loud"] == pytest.approx(-23, abs=1)
            assert levels["quiet"] < -70

    serve(test)


def test_float32_sound_is_heard_like_pcm16() -> None:
    async def test(served: Served) -> None:
        async with served.talking({"format": "float32"}) as client:
            broken = np.concatenate([LOUD, LOUD, [np.nan, np.inf]]).astype("<f4")
            await client.socket.send(broken.tobytes())
            line = await client.line(lambda line: line["tick"] == 1)
            assert line["user"]["level_db"] == pytest.approx(-23, abs=1)

    serve(test)


@pytest.mark.parametrize(
    "frame",
    [
        "garbage {",
        "[]",
        '{"type": "nonsense"}',
        '{"type": "mute"}',
        '{"type": "mute", "on": true, "more": 1}',
        '{"type": "played", "position": -1}',
        '{"type": "played", "position": 99999999}',
        '{"type": "hello"}',
        b"\x01\x02\x03",
    ],
)
def test_a_wrong_frame_is_answered_and_the_session_goes_on(frame: str | bytes) -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            await client.socket.send(frame)
            error = await client.until("error")
            assert error["code"] == "bad_message"
            assert error["message"].startswith("expected")
            tick = (await client.until("score"))["line"]["tick"]
            assert (await client.until("score"))["line"]["tick"] == tick + 1

    serve(test)


def test_nothing_but_wrong_frames_ends_the_connection() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            for _ in range(5):
                await client.socket.send("garbage")
            assert await client.close_code() == 1008
            assert client.of("error")[-1]["code"] == "bad_messages"
        await served.free()

    serve(test, bad_messages=5)


def test_a_message_of_100_mb_is_refused_by_its_header() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as other, served.client() as client:
            header = b"\x82\xff" + (100_000_000).to_bytes(8, "big") + b"mask"
            client.socket.transport.write(header + bytes(1000))
            assert await client.close_code() == 1009
            await other.until("score")
        await served.free()

    serve(test)


def test_a_peer_that_sends_nothing_gets_a_session_on_silence_and_is_let_go_in_time() -> None:
    async def test(served: Served) -> None:
        async with served.client() as client:
            await client.until("ready")
            assert (await client.event("audio_missing"))["detail"]["samples"] == 3_200
            assert await client.close_code() == 1008
            assert client.of("error")[-1]["code"] == "idle"
            assert client.of("ended")[-1]["totals"]["ticks"] > 1
        await served.free()

    host = serve(test, idle_s=1.8)
    assert counted(host, "hocket_user_audio_missing_seconds_total") > 0.4


def test_a_first_frame_that_is_no_hello_is_not_lost() -> None:
    async def test(served: Served) -> None:
        async with served.client() as client:
            await client.say("typed", text="h")
            line = await client.line(lambda line: line["user"]["text"] != "")
            assert line["user"]["text"] == "h"

    serve(test)


def test_sound_that_comes_too_fast_is_bounded_and_counted() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            for _ in range(40):  # 8 s
                await client.sound(LOUD)
            dropped = await client.event("audio_dropped")
            assert 0 < dropped["detail"]["samples"] <= 3_200
            await client.until("score")

    host = serve(test)
    assert counted(host, "hocket_user_audio_dropped_seconds_total") == pytest.approx(3, abs=0.5)


def test_sound_that_comes_too_slowly_is_filled_with_silence() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            for _ in range(3):
                await client.sound(LOUD[:800])
                await client.until("score")
            await client.event("audio_missing")

    host = serve(test)
    assert counted(host, "hocket_user_audio_missing_seconds_total") > 0


def test_a_vanished_peer_frees_its_seat_and_the_others_go_on() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as other:
            async with served.talking() as client:
                await client.until("sound")
                client.socket.transport.abort()
            while served.host.running > 1:
                await other.until("score")
            await other.until("score")

    host = serve(test, worker=fake_worker(answers()))
    assert counted(host, "hocket_sessions_open") == 0


def test_a_peer_that_never_reads_is_let_go_and_delays_nobody() -> None:
    async def test(served: Served) -> None:
        deaf = socket.create_connection(("127.0.0.1", served.port))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        async with served.talking() as other, served.client(sock=deaf, max_queue=1) as client:
            await client.say("hello")
            await client.until("ready")
            while served.host.running > 1:  # nobody reads ``client`` any more
                await other.next()
            assert not [x for x in other.messages if "deadline_missed" in str(x)]
            client.socket.transport.abort()

    host = serve(
        test, worker=fake_worker(talks_for_ever, rate_hz=220_500), outbox_s=0.5, send_buffer=16_384
    )
    assert counted(host, "hocket_sessions_open") == 0


def test_one_session_more_than_fits_is_refused_with_a_reason_and_admitted_later() -> None:
    async def test(served: Served) -> None:
        async with served.talking(), served.client() as client:
            await client.say("hello")
            assert await client.close_code() == 1013
            (error,) = client.of("error")
            assert error["code"] == "overloaded"
            assert "--sessions 1" in error["message"]
        await served.free()
        async with served.talking() as client:
            await client.until("score")

    host = serve(test, sessions=1)
    assert counted(host, "hocket_sessions_refused_total") == 1


def test_a_stage_that_fails_ends_its_own_session_only() -> None:
    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        if tick_input.typed:
            raise ValueError("broken")
        return decision(Floor.LISTEN)

    async def test(served: Served) -> None:
        async with served.talking() as other, served.talking() as client:
            await client.say("typed", text="x")
            assert await client.close_code() == 1011
            assert client.of("error")[-1]["code"] == "failed"
            await other.until("score")
        await served.free()

    host = serve(test, worker=fake_worker(decide))
    assert counted(host, "hocket_sessions_ended_total", how="failed") == 1


def test_stop_cuts_the_sound_and_the_score_says_what_was_heard() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            while len(client.of("words")) < 2:
                await client.next()
            await client.say("played", position=17_640)
            await client.say("stop")
            assert (await client.until("stop_playout"))["fade_ms"] == 30
            sounds = len(client.heard)
            await client.say("stopped", position=17_641)
            event = await client.event("interrupted")
            assert event["detail"]["heard"] == "One two"
            assert len(client.heard) == sounds

    serve(test, worker=fake_worker(answers()))


def test_the_end_of_the_server_waits_for_the_sentence() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            while len(client.of("words")) < 1:  # "One" of "One two three."
                await client.next()
            served.server.end()
            assert await client.close_code() == 1001
            said = [w["text"] for found in client.of("words") for w in found["words"]]
            assert "three." in said
            assert "six." not in said
            assert client.of("ended")

    serve(test, worker=fake_worker(answers()))


def test_a_session_whose_seat_was_being_made_when_the_server_ended_ends_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test(served: Served) -> None:
        made, asked, go_on = served.host.pool.open, asyncio.Event(), asyncio.Event()

        async def slow(**wanted: Any) -> Any:
            asked.set()
            await go_on.wait()
            return await made(**wanted)

        monkeypatch.setattr(served.host.pool, "open", slow)
        async with served.client() as client:
            await client.say("hello")
            await asked.wait()
            served.server.end()
            while not served.host.draining:
                await asyncio.sleep(0.005)
            go_on.set()
            assert await client.close_code() == 1001

    serve(test)


def test_a_server_that_ends_admits_nobody() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as talking:
            while not talking.of("words"):
                await talking.next()
            served.server.end()
            async with served.client() as client:
                await client.say("hello")
                assert await client.close_code() == 1013

    serve(test, worker=fake_worker(answers()))


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "null"])
def test_a_foreign_page_cannot_open_a_session(origin: str) -> None:
    async def test(served: Served) -> None:
        with pytest.raises(InvalidStatus):
            async with served.client(origin=origin):
                pass
        async with served.client(origin=f"http://127.0.0.1:{served.port}") as client:
            await client.say("hello")
            await client.until("ready")

    serve(test)


def test_a_hundred_connects_and_disconnects_leave_nothing(tmp_path: Path) -> None:
    async def one(served: Served, n: int) -> None:
        async with served.client() as client:
            if n % 3:
                await client.say("hello")
                await client.until("ready")
            if n % 2:
                client.socket.transport.abort()

    async def test(served: Served) -> None:
        for start in range(0, 100, 10):
            await asyncio.gather(*(one(served, start + n) for n in range(10)))
        await served.free()

    worker = fake_worker()
    host = serve(test, worker=worker, sessions=64, scores=tmp_path)
    assert worker.seats == host.running == 0
    assert not list(tmp_path.glob("*.part"))


def test_a_kept_score_replays_equal(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        async with served.talking({"seed": 3}) as client:
            await client.sound(LOUD)
            await client.sound(LOUD[:1_000])
            while len(client.of("words")) < 2:
                await client.next()
            await client.say("played", position=8_900)
            await client.say("typed", text="x")
            await client.say("mode", mode="reserved")
            await client.say("stop")
            await client.until("stop_playout")
            await client.say("stopped", position=17_700)
            await client.event("interrupted")
            await client.until("score")
        await served.free()

    serve(test, worker=fake_worker(answers()), scores=tmp_path)
    (path,) = tmp_path.glob("*.jsonl")
    score = load_score(path)
    recording = Recording(path.with_suffix(".wav"))
    kinds = [event.kind for line in score.ticks for event in line.events]
    assert {"played", "typed", "mode", "stop_pressed", "playback_stopped"} <= set(kinds)
    config = SessionConfig(model="fake", voice_rate_hz=22_050, seed=3, backlog_s=5.0)
    pairs = list(replay(score, Session(config), fake_worker(answers()), recording.ticks()))
    assert len(pairs) == len(score.ticks) + 1
    assert [old for old, new in pairs if old != new] == []
    assert score.totals is not None and score.totals.user_audio_sha256 == audio_sha256(
        recording.path
    )


def test_seats_are_given_back_when_opening_fails() -> None:
    class Full(CountingWorker):
        def open(self, *, seed: int, instructions: str):  # type: ignore[no-untyped-def]
            raise MemoryError("no room")

    async def test(served: Served) -> None:
        async with served.client() as client:
            await client.say("hello")
            assert await client.close_code() == 1011
        assert served.host.running == 0

    base = fake_worker(silent)
    serve(test, worker=Full(ears=base.ears, engine=base.engine, voice=base.voice))


def test_half_a_sample_of_float32_is_refused() -> None:
    async def test(served: Served) -> None:
        async with served.talking({"format": "float32"}) as client:
            await client.socket.send(to_bytes(LOUD)[:6])
            assert (await client.until("error"))["code"] == "bad_message"

    serve(test)


def test_the_youngest_session_gives_way_when_ticks_come_too_late() -> None:
    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        if tick_input.typed:
            time.sleep(1.2)  # a machine that is suddenly busy
        return decision(Floor.LISTEN)

    async def test(served: Served) -> None:
        async with served.talking() as old, served.talking() as young:
            await old.say("typed", text="x")
            assert await young.close_code() == 1013
            assert young.of("error")[-1]["code"] == "overloaded"
            assert young.of("ended")
            tick = (await old.until("score"))["line"]["tick"]
            await old.line(lambda line: line["tick"] > tick + 3)

    host = serve(test, worker=fake_worker(decide), late_s=0.5)
    assert counted(host, "hocket_sessions_ended_total", how="gave way") == 1

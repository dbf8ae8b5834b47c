"""Frames as voicebench's websocket adapter documents them, against the native socket's."""

import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.evaluation.peers.voicebench_frames import Loudspeaker, Out, Translation

SPEECH = b"\x01\x02" * 320  # 20 ms at 16 kHz
SILENCE = bytes(640)
RATE_HZ = 22_050


def translation() -> Translation:
    return Translation(voice_rate_hz=RATE_HZ)


def native(type_: str, **fields: Any) -> str:
    return json.dumps({"type": type_, **fields})


def sound(position: int, n_samples: int) -> bytes:
    return struct.pack("<Q", position) + b"\x07\x00" * n_samples


def read(frames: tuple[str | bytes, ...]) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in frames if isinstance(frame, str)]


def test_the_users_sound_passes_unchanged() -> None:
    assert translation().from_client(SPEECH, now=5.0) == Out(to_server=(SPEECH,))


def test_silence_that_came_before_its_time_is_left_out() -> None:
    """voicebench's clock runs before it is connected: it catches up in one burst."""
    found = translation()
    burst = [found.from_client(SILENCE, now=1.0) for _ in range(30)]
    assert [bool(out.to_server) for out in burst] == [True] + [False] * 29
    assert found.left_out_s == pytest.approx(29 * 0.02)
    later = [found.from_client(SILENCE, now=1.02 + 0.02 * n) for n in range(50)]
    assert all(out.to_server for out in later)


def test_speech_is_never_left_out_and_what_it_is_ahead_is_known() -> None:
    found = translation()
    assert all(found.from_client(SPEECH, now=1.0).to_server for _ in range(30))
    assert found.ahead_max_s > 0.57
    assert found.left_out_s == 0.0


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.floats(0.0, 0.1), max_size=60), st.data())
def test_sound_that_comes_late_or_in_time_is_all_passed_on(
    late_s: list[float], data: st.DataObject
) -> None:
    found, now = translation(), 0.0
    found.from_client(SILENCE, now=0.0)
    for n, each in enumerate(late_s, start=1):
        now = max(now, 0.02 * n + each)
        frame = data.draw(st.sampled_from([SPEECH, SILENCE]))
        assert found.from_client(frame, now=now).to_server == (frame,)


def test_our_sound_goes_out_without_its_position() -> None:
    out = translation().from_server(sound(4_410, 3), now=0.0)
    assert out == Out(to_client=(b"\x07\x00" * 3,))


def test_the_server_is_told_what_was_heard_ten_times_a_second_while_sound_plays() -> None:
    found = translation()
    found.from_server(sound(0, RATE_HZ // 2), now=10.0)
    told = [
        (n, message["position"])
        for n in range(64)
        for message in read(found.from_client(SPEECH, now=10.0 + n / 64).to_server)
    ]
    assert [n for n, _ in told] == [1, 8, 15, 22, 29, 36]
    assert [position for _, position in told] == [
        pytest.approx(min(RATE_HZ // 2, n / 64 * RATE_HZ), abs=1) for n, _ in told
    ]


def test_a_stop_drops_what_did_not_play_and_says_where_the_sound_ended() -> None:
    found = translation()
    found.from_server(sound(0, RATE_HZ), now=10.0)
    out = found.from_server(native("stop_playout", fade_ms=30), now=10.4)
    assert read(out.to_client) == [{"type": "clear"}]
    assert read(out.to_server) == [{"type": "stopped", "position": 8_820}]
    found.from_server(sound(8_820, 441), now=10.5)
    assert found._speaker.played(now=10.6) == 9_261


def test_words_heard_are_voicebenchs_transcripts() -> None:
    line = {"user": {"heard": ["What", "is"]}}
    (told,) = read(translation().from_server(native("score", line=line), now=0.0).to_client)
    assert told == {"type": "transcript", "role": "user", "text": "What is", "final": True}


def test_what_the_other_side_cannot_use_is_not_sent() -> None:
    found = translation()
    assert found.from_server(native("score", line={"user": {"heard": []}}), now=0.0) == Out()
    assert found.from_server(native("words", words=[]), now=0.0) == Out()
    assert found.from_client('{"type": "start", "sample_rate": 16000}', now=0.0) == Out()


def test_errors_of_the_server_are_kept() -> None:
    found = translation()
    found.from_server(native("error", code="overloaded", message="full"), now=0.0)
    assert found.errors == ["overloaded: full"]


def test_a_piece_starts_when_it_comes_or_when_the_one_before_it_ends() -> None:
    speaker = Loudspeaker(1_000)
    speaker.play(0, 200, now=1.0)
    speaker.play(200, 200, now=1.1)
    assert speaker.played(now=1.3) == 300
    speaker.play(400, 100, now=2.0)
    assert speaker.played(now=2.05) == 450
    assert speaker.played(now=9.0) == 500

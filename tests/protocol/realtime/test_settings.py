import json
from typing import Any

import numpy as np
import pytest

from hocket.protocol.realtime.client_messages import SessionUpdate
from hocket.protocol.realtime.codec import decode
from hocket.protocol.realtime.formats import Coding, SoundFormat, sound_bytes
from hocket.protocol.realtime.refusal import Refusal
from hocket.protocol.realtime.settings import Settings


def updated(session: dict[str, Any]) -> Settings:
    message = decode(json.dumps({"type": "session.update", "session": session}))
    assert isinstance(message, SessionUpdate)
    return Settings(model="fake").updated(message.session)


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ({"type": "audio/pcm"}, SoundFormat()),
        ({"type": "audio/pcm", "rate": 16_000}, SoundFormat(rate_hz=16_000)),
        ({"type": "audio/pcmu"}, SoundFormat(coding=Coding.ULAW, rate_hz=8_000)),
        ({"type": "audio/pcma", "rate": 8_000}, SoundFormat(coding=Coding.ALAW, rate_hz=8_000)),
    ],
)
def test_formats_are_taken_in_both_directions(asked: dict[str, Any], got: SoundFormat) -> None:
    new = updated({"audio": {"input": {"format": asked}, "output": {"format": asked}}})
    assert new.heard == new.spoken == got
    assert new.shown("s")["audio"]["input"]["format"] == got.ga


@pytest.mark.parametrize(
    "session",
    [
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 44_100}}}},
        {"audio": {"output": {"format": {"type": "audio/pcma", "rate": 16_000}}}},
        {"audio": {"output": {"speed": 1.5}}},
        {"speed": 0.5},
    ],
)
def test_what_cannot_be_had_is_refused(session: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        updated(session)


def test_turn_detection_is_shown_as_what_it_is() -> None:
    vad = {"type": "server_vad", "threshold": 0.9, "silence_duration_ms": 100}
    shown = updated({"audio": {"input": {"turn_detection": vad}}}).shown("s")
    assert shown["audio"]["input"]["turn_detection"]["type"] == "semantic_vad"
    assert updated({"turn_detection": None}).shown_beta("s")["turn_detection"] is None


def test_beta_words_mean_the_same() -> None:
    new = updated(
        {
            "modalities": ["audio", "text"],
            "input_audio_format": "g711_ulaw",
            "output_audio_format": "pcm16",
            "input_audio_transcription": None,
            "temperature": 0.7,
        }
    )
    assert (new.heard.coding, new.spoken.rate_hz) == (Coding.ULAW, 24_000)
    assert new.aloud and not new.transcribes


@pytest.mark.parametrize("name", list(Coding))
def test_sound_survives_a_format(name: Coding) -> None:
    sound_format = SoundFormat.of_beta(name)
    samples = np.linspace(-0.5, 0.5, 480, dtype=np.float32)
    back = sound_format.decode(sound_format.encode(samples))
    assert np.abs(back - samples).max() < 0.02


def test_bytes_must_be_whole_samples() -> None:
    assert sound_bytes("AAAA", SoundFormat.of_beta("g711_ulaw")) == bytes(3)
    with pytest.raises(Refusal, match="two bytes"):
        sound_bytes("AAAA", SoundFormat())

"""A recorded question through the unmodified openai SDK and the real models, at real pace."""

import asyncio
import base64
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from hocket.audio.levels import rms_db
from hocket.audio.resample import resample
from hocket.engine.port import Float32
from hocket.recipes import engines
from hocket.weights import store
from tests.transports.realtime_server import Served, encoded, serving, text_item

pytestmark = pytest.mark.models

EXAMPLE = Path(__file__).parents[2] / "examples" / "conversation.flac"
RATE = 24_000
CHUNK = RATE // 50  # 20 ms, as a microphone gives them


def piece(start_s: float, end_s: float) -> Float32:
    samples, rate_hz = soundfile.read(EXAMPLE, dtype="float32")
    return resample(samples[int(start_s * rate_hz) : int(end_s * rate_hz)], rate_hz, RATE)


def speech_end(samples: Float32) -> int:
    """Behind the last 10 ms that are louder than a room."""
    frame = RATE // 100
    loud = [i for i in range(len(samples) // frame) if rms_db(samples[i * frame :][:frame]) > -45]
    return (loud[-1] + 1) * frame


@dataclass
class Caller:
    """A microphone at real pace, and a loudspeaker that plays whatever comes and drops nothing."""

    connection: AsyncRealtimeConnection
    lane: list[Float32] = field(default_factory=list)
    sound_ends: float = 0.0

    async def speak(self) -> None:
        """Send ``lane``, then silence, a chunk every 20 ms."""
        due = time.monotonic()
        while True:
            chunk = self.lane.pop(0) if self.lane else np.zeros(CHUNK, np.float32)
            await self.connection.input_audio_buffer.append(audio=encoded(chunk))
            due += CHUNK / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def say(self, samples: Float32) -> float:
        """Queue a recording; returns when its speech will have been sent."""
        self.lane += [samples[i : i + CHUNK] for i in range(0, len(samples), CHUNK)]
        return time.monotonic() + speech_end(samples) / RATE

    async def next(self) -> Any:
        event = await self.connection.recv()
        if event.type == "response.output_audio.delta":
            seconds = len(base64.b64decode(event.delta)) / 2 / RATE
            self.sound_ends = max(self.sound_ends, time.monotonic()) + seconds
        return event

    async def until(self, type_: str) -> Any:
        event = await self.next()
        while event.type != type_:
            event = await self.next()
        return event


def test_a_recorded_question_is_answered_and_an_interruption_ends_the_sound(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def test(served: Served) -> None:
        async with served.client() as connection:
            caller = Caller(connection)
            microphone = asyncio.create_task(caller.speak())
            spoken = caller.say(piece(1.0, 3.2))
            await caller.until("response.output_audio.delta")
            gap_s = time.monotonic() - spoken
            done = await caller.until("response.done")
            transcript = done.response.output[0].content[0].transcript
            assert "Paris" in transcript
            assert -0.5 < gap_s < 3.0

            await asyncio.sleep(max(0.0, caller.sound_ends - time.monotonic()))
            # Typed, and long to answer: a short answer may end before anyone can interrupt it.
            await connection.conversation.item.create(item=text_item("Count from one to ten."))
            await connection.response.create()
            await caller.until("response.output_audio.delta")
            caller.say(piece(12.0, 15.0))
            spoke = time.monotonic()
            await caller.until("input_audio_buffer.speech_started")
            told = time.monotonic()
            cancelled = (await caller.until("response.done")).response
            assert cancelled.status_details.reason == "turn_detected"
            left_s = caller.sound_ends - told
            assert left_s < 0.4
            microphone.cancel()
        with capsys.disabled():
            sys.stdout.write(
                f"\n  asked: {transcript!r}, response gap at the client {gap_s:.2f} s\n"
                f"  interrupted: told {told - spoke:.2f} s after its first sample was queued; sound "
                f"left at a client that drops nothing {max(0.0, left_s) * 1000:.0f} ms\n"
            )

    worker = engines.served(store.path_of, engines.DEFAULT)
    serving(worker, test, limit_s=60.0)

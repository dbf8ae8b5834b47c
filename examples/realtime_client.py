"""Talk to a running ``hocket serve`` through the openai SDK: a recording in, the answers out.

    python examples/realtime_client.py QUESTION.wav ANSWER.wav [http://127.0.0.1:8787/v1]

The recording (mono or its first channel; 8, 16, 24 or 48 kHz) is sent as a microphone would send it.
"""

import asyncio
import base64
import sys
import wave

import soundfile
from openai import AsyncOpenAI

CHUNK_S = 0.04
TAIL_S = 6.0  # silence behind the recording: time for the last answer


async def speak(connection, recording):
    """Send the recording and some silence at real pace, then hang up."""
    samples, rate_hz = soundfile.read(recording, dtype="int16", always_2d=True)
    pcm = samples[:, 0].tobytes() + bytes(2 * int(TAIL_S * rate_hz))
    audio = {"input": {"format": {"type": "audio/pcm", "rate": rate_hz}}}
    await connection.session.update(session={"type": "realtime", "audio": audio})
    step = 2 * int(CHUNK_S * rate_hz)
    started = asyncio.get_running_loop().time()
    for n, start in enumerate(range(0, len(pcm), step)):
        chunk = base64.b64encode(pcm[start : start + step]).decode()
        await connection.input_audio_buffer.append(audio=chunk)
        due = started + (n + 1) * CHUNK_S
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
    await connection.close()


async def converse(recording, answer, url):
    """Hold the conversation; print both sides and write ours."""
    with wave.open(answer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(24_000)
        client = AsyncOpenAI(base_url=url, api_key="none")
        async with client, client.realtime.connect(model="hocket") as connection:
            microphone = asyncio.create_task(speak(connection, recording))
            async for event in connection:
                match event.type:
                    case "response.output_audio.delta":
                        out.writeframes(base64.b64decode(event.delta))
                    case "conversation.item.input_audio_transcription.completed":
                        print("you  ", event.transcript)
                    case "response.done" if event.response.output:
                        words = event.response.output[0].content[0].transcript
                        print("agent", words, f"({event.response.status})")
                    case "error":
                        print("error", event.error.message, file=sys.stderr)
            await microphone


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    server = sys.argv[3] if len(sys.argv) == 4 else "http://127.0.0.1:8787/v1"
    asyncio.run(converse(sys.argv[1], sys.argv[2], server))

"""Our own server over fakes, driven through the bridge as voicebench's adapter drives it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hocket.audio.pcm import to_bytes
from hocket.evaluation.peers.voicebench_bridge import Bridge, bridge
from tests.transports.parrot import Parrot, parrot_worker, silence, speech
from tests.transports.serving import Served, serve

FRAME = 640  # bytes, 20 ms


@asynccontextmanager
async def called(served: Served) -> AsyncIterator[tuple[ClientConnection, Bridge]]:
    async with (
        bridge(f"ws://127.0.0.1:{served.port}/v1/native") as opened,
        connect(opened.url, max_size=None) as client,
    ):
        yield client, opened


async def say(client: ClientConnection, sound: bytes) -> None:
    """Frame by frame, each when it begins."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for n, at in enumerate(range(0, len(sound), FRAME)):
        await asyncio.sleep(began_s + 0.02 * n - loop.time())
        await client.send(sound[at : at + FRAME])


def test_an_answer_is_heard_the_words_are_told_and_an_interruption_clears_it() -> None:
    user = [speech(400, 16_000), silence(800, 16_000), speech(800, 16_000)]

    async def test(served: Served) -> None:
        async with called(served) as (client, opened):
            saying = asyncio.create_task(say(client, b"".join(map(to_bytes, user))))
            words, heard = [], 0
            while True:
                frame = await client.recv()
                if isinstance(frame, bytes):
                    heard += len(frame) // 2
                    continue
                message = json.loads(frame)
                if message["type"] == "clear":
                    break
                words.append(message["text"])
            assert words[:2] == ["w0", "w1"]
            assert heard > 0
            saying.cancel()
        (passage,) = opened.passages
        await passage.over.wait()
        assert passage.errors == []
        assert passage.closed == ""
        assert len(passage.waits_ms) > 40
        await served_free(served)

    serve(test, worker=parrot_worker(Parrot("one two three four " * 8)))


def test_when_the_server_has_no_room_voicebench_is_told() -> None:
    async def test(served: Served) -> None:
        async with served.talking(), called(served) as (client, opened):
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1013
            assert "session" in opened.passages[0].closed

    serve(test, sessions=1)


def test_when_the_server_ends_so_does_the_call() -> None:
    async def test(served: Served) -> None:
        async with called(served) as (client, opened):
            await client.send(bytes(FRAME))
            while not served.host.running:
                await asyncio.sleep(0.005)
            served.server.end()
            with pytest.raises(ConnectionClosed):
                while True:
                    await client.recv()
            assert client.close_code == 1011
            assert "1001" in opened.passages[0].closed

    serve(test)


async def served_free(served: Served) -> None:
    while served.host.running:
        await asyncio.sleep(0.005)

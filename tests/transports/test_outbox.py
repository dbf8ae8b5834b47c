import asyncio

import pytest

from hocket.transports.outbox import Outbox, PeerTooSlow


class Peer:
    """Reads only while ``reads`` is set."""

    def __init__(self) -> None:
        self.got: list[str | bytes] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, data: str | bytes) -> None:
        await self.reads.wait()
        self.got.append(data)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_what_is_put_is_sent_in_order_until_the_end() -> None:
    async def test() -> None:
        peer = Peer()
        outbox = Outbox(peer.send)
        running = asyncio.create_task(outbox.run())
        outbox.put("a")
        await settle()
        outbox.put(b"b", audio_s=0.2)
        outbox.put("c")
        outbox.end()
        await running
        assert peer.got == ["a", b"b", "c"]
        assert outbox.queued_audio_s == 0

    asyncio.run(test())


@pytest.mark.parametrize(
    ("items", "audio_s", "why"), [(100, 0.2, "1.0 s of sound"), (100, 0.0, "50 messages")]
)
def test_a_peer_that_does_not_read_is_given_up_and_nothing_grows(
    items: int, audio_s: float, why: str
) -> None:
    async def test() -> None:
        peer = Peer()
        peer.reads.clear()
        outbox = Outbox(peer.send, audio_s=1.0, messages=50)
        running = asyncio.create_task(outbox.run())
        await settle()
        for _ in range(items):
            outbox.put("x", audio_s=audio_s)
        with pytest.raises(PeerTooSlow, match=why):
            await running
        outbox.put("late")
        assert outbox.queued_audio_s == 0
        assert peer.got == []

    asyncio.run(test())


def test_dropping_sound_keeps_control_in_order() -> None:
    async def test() -> None:
        peer = Peer()
        outbox = Outbox(peer.send)
        outbox.put("a")
        outbox.put(b"sound", audio_s=5.0)
        outbox.put("b")
        outbox.drop_audio()
        outbox.put("stop")
        outbox.put(b"anew", audio_s=9.0)
        outbox.end()
        await outbox.run()
        assert peer.got == ["a", "b", "stop", b"anew"]

    asyncio.run(test())


def test_a_send_that_fails_fails_run() -> None:
    async def send(data: str | bytes) -> None:
        raise OSError("gone")

    async def test() -> None:
        outbox = Outbox(send)
        outbox.put("a")
        with pytest.raises(OSError, match="gone"):
            await outbox.run()

    asyncio.run(test())

"""What waits to be sent to one peer.

Law: putting never waits and nothing is lost in silence. Sound beyond ``audio_s`` seconds or messages
beyond ``messages`` mean that the peer does not read: the connection is then given up as a whole, so
neither memory grows nor anybody else waits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hocket.core.channel import BoundedChannel, WhenFull
from hocket.core.errors import Overloaded

Send = Callable[[str | bytes], Awaitable[None]]


class PeerTooSlow(Overloaded):
    """The peer does not read what it is sent."""


@dataclass(frozen=True, slots=True)
class _Item:
    data: str | bytes
    audio_ms: int = 0


class Outbox:
    """One connection's way out: ``put`` from anywhere on the loop, ``run`` in a task of its own."""

    def __init__(self, send: Send, *, audio_s: float = 10.0, messages: int = 2_000) -> None:
        # A session sends sound as it is to be heard, so a second waiting here is a second of delay;
        # 10 s forgive a laptop lid. 2,000 messages are about three minutes of score lines and words.
        self._send = send
        self._audio_ms = round(audio_s * 1000)
        self._queued_audio_ms = 0
        self._items: BoundedChannel[_Item] = BoundedChannel(messages, when_full=WhenFull.REFUSE)
        self._wake = asyncio.Event()
        self._overflow = asyncio.Event()
        self._why = ""
        self._ended = False

    @property
    def queued_audio_s(self) -> float:
        """Seconds of sound that wait."""
        return self._queued_audio_ms / 1000

    def put(self, data: str | bytes, *, audio_s: float = 0.0) -> None:
        """Queue a message; ``audio_s`` is the sound in it. After an overflow ``run`` raises."""
        if self._overflow.is_set():
            return
        item = _Item(data, round(audio_s * 1000))
        if self._queued_audio_ms + item.audio_ms > self._audio_ms:
            self._give_up(f"{self.queued_audio_s:.1f} s of sound wait")
            return
        try:
            self._items.put(item)
        except Overloaded:
            self._give_up(f"{len(self._items)} messages wait")
            return
        self._queued_audio_ms += item.audio_ms
        self._wake.set()

    def drop_audio(self) -> None:
        """Forget sound that was not sent: the peer is told to stop anyway."""
        for item in self._items.drain():
            if not item.audio_ms:
                self._items.put(item)
        self._queued_audio_ms = 0

    def end(self) -> None:
        """``run`` returns when what is queued now is sent."""
        self._ended = True
        self._wake.set()

    async def run(self) -> None:
        """Send what is put, in order, until ``end``; call it once.

        Raises:
            PeerTooSlow: more waits than may.
        """
        pump = asyncio.create_task(self._pump())
        overflow = asyncio.create_task(self._overflow.wait())
        try:
            await asyncio.wait({pump, overflow}, return_when=asyncio.FIRST_COMPLETED)
            if self._overflow.is_set():
                raise PeerTooSlow(f"expected a peer that reads, got one for which {self._why}")
            await pump
        finally:
            pump.cancel()
            overflow.cancel()

    async def _pump(self) -> None:
        while True:
            self._wake.clear()
            while (item := self._items.take()) is not None:
                self._queued_audio_ms -= item.audio_ms
                await self._send(item.data)
            if self._ended:
                return
            await self._wake.wait()

    def _give_up(self, why: str) -> None:
        self._why = why
        self._overflow.set()
        self._items.drain()
        self._queued_audio_ms = 0

"""The user's side: speech and words of the score as items of the conversation.

Law: an item opens with speech (or a client's commit), is committed when the speech or the client ends
it, and is complete once its words are final. ``speech_started`` tells a client to drop what it plays, so
while we sound it is sent only when we really give way; speech that we talk on over becomes an item too,
without it. Whether the user speaks is read from the engine's own voice activity in the score.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hocket.core.units import TICK_USER_SAMPLES
from hocket.protocol.realtime.items import Item, Items
from hocket.protocol.realtime.server_messages import (
    AudioCommitted,
    ItemAdded,
    ItemDone,
    ServerMessage,
    SpeechStarted,
    SpeechStopped,
    Transcribed,
    WordsHeard,
)
from hocket.protocol.score import ScoreTick

SPEAKS_P: Final = (
    0.5  # of the engine's voice activity, as the policy reads it (session/user_side.py)
)
SPEAKS_DB: Final = -55.0
FRAME_MS: Final = 10  # of the score's envelope
BELOW_MEAN_DB: Final = 12.0  # frames of 10 ms quieter than this are the silence around the speech
STOPPED_TICKS: Final = 2  # pauses between words are shorter than 400 ms
# Words are final one or two ticks after the last sound (measured with Moonshine); later ones are rare
# and go to the next item rather than keep this one open.
WORDS_TICKS: Final = 6


@dataclass(slots=True, kw_only=True)
class _Speech:
    """An item in the making."""

    id: str
    from_ms: int
    until_ms: int
    told: bool = False  # speech_started was sent
    quiet_ticks: int = 0
    commit_at: int | None = None  # the client's own commit: stream position behind its sound
    words: list[str] = field(default_factory=list)
    delivered: int = 0  # words sent as deltas
    waited_ticks: int = 0


class Listening:
    """Follows the score and says what a client must know of the user."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._open: _Speech | None = None
        self._closing: deque[_Speech] = deque()  # committed; words may still come
        self._early: list[str] = []  # words before their item
        self.detects = True
        self.transcribes = True

    @property
    def speaking(self) -> bool:
        """Whether an item of speech is open."""
        return self._open is not None

    def tick(
        self,
        line: ScoreTick,
        *,
        ms_at: Callable[[int], int],
        heard_to: Callable[[int], bool],
        sounding: bool,
    ) -> list[ServerMessage]:
        """A tick is over.

        ``ms_at`` gives the client's stream in ms at a sample of the session's lane, ``heard_to`` says
        whether the stream was heard up to a position.
        """
        out = self._words(line.user.heard)
        loud = line.user.level_db >= SPEAKS_DB
        if line.ahead.user[0] >= SPEAKS_P and loud:
            self._spoke(*_loud(line, ms_at))
        elif self._open is not None:
            self._open.quiet_ticks += 1
            if self._open.quiet_ticks >= STOPPED_TICKS:
                out += self.close()
        if self._open is not None and not sounding:
            out += self._tell(self._open)
        return [*out, *self._finish(bool(line.user.tentative), heard_to)]

    def interrupted(self, at_ms: int) -> list[ServerMessage]:
        """We gave way to the user: the client must drop what it plays."""
        if not self.detects:
            return []
        if self._open is None:
            self._open = self._new(at_ms, at_ms)
        return self._tell(self._open)

    def close(self) -> list[ServerMessage]:
        """The speech that is open is over: because it stopped, or because we answer it."""
        speech, self._open = self._open, None
        if speech is None:
            return []
        out: list[ServerMessage] = []
        if speech.told:
            out.append(SpeechStopped(item_id=speech.id, audio_end_ms=speech.until_ms))
        return [*out, *self._commit(speech)]

    def commit(self, position: int, *, now_ms: int) -> list[ServerMessage]:
        """The client ends the user's turn: what it appended up to ``position`` is one item."""
        speech = self._open or self._new(now_ms, now_ms)
        self._open = None
        speech.commit_at = position
        out: list[ServerMessage] = []
        if speech.told:
            out.append(SpeechStopped(item_id=speech.id, audio_end_ms=max(now_ms, speech.until_ms)))
        return [*out, *self._commit(speech)]

    # -- speech -------------------------------------------------------------------------------

    def _spoke(self, start_ms: int, end_ms: int) -> None:
        if not self.detects or any(each.commit_at is not None for each in self._closing):
            return  # it belongs to an item that the client makes or has made
        if self._open is None:
            self._open = self._new(start_ms, end_ms)
        self._open.until_ms, self._open.quiet_ticks = end_ms, 0

    def _new(self, start_ms: int, end_ms: int) -> _Speech:
        speech = _Speech(id=self._items.new_id(), from_ms=start_ms, until_ms=end_ms)
        speech.words, self._early = self._early, []
        return speech

    def _tell(self, speech: _Speech) -> list[ServerMessage]:
        if speech.told or not self.detects:
            return []
        speech.told = True
        return [
            SpeechStarted(item_id=speech.id, audio_start_ms=speech.from_ms),
            *self._deltas(speech),
        ]

    def _commit(self, speech: _Speech) -> list[ServerMessage]:
        item = Item(id=speech.id, role="user", kind="input_audio", status="completed")
        item.text = " ".join(speech.words)
        previous = self._items.add(item)
        self._closing.append(speech)
        shown = item.shown()
        speech.told = True  # its id is known now
        return [
            AudioCommitted(item_id=item.id, previous_item_id=previous),
            ItemAdded(previous_item_id=previous, item=shown),
            ItemDone(previous_item_id=previous, item=shown),
            *self._deltas(speech),
        ]

    # -- words --------------------------------------------------------------------------------

    def _words(self, heard: tuple[str, ...]) -> list[ServerMessage]:
        speech = self._closing[0] if self._closing else self._open
        if speech is None:
            self._early = [*self._early, *heard][-64:]
            return []
        speech.words += heard
        return self._deltas(speech)

    def _deltas(self, speech: _Speech) -> list[ServerMessage]:
        """Words not sent yet; a client does not know the item before it was told of it."""
        new = speech.words[speech.delivered :]
        if not (speech.told and self.transcribes and new):
            return []
        text = " ".join(new)
        delta = f" {text}" if speech.delivered else text
        speech.delivered = len(speech.words)
        return [WordsHeard(item_id=speech.id, delta=delta)]

    def _finish(self, tentative: bool, heard_to: Callable[[int], bool]) -> list[ServerMessage]:
        """Complete the oldest committed item once its words are final."""
        if not self._closing:
            return []
        speech = self._closing[0]
        if speech.commit_at is not None and not heard_to(speech.commit_at):
            return []
        speech.waited_ticks += 1
        final = not tentative and speech.waited_ticks >= 2  # words lag the sound by a tick
        if not final and speech.waited_ticks < WORDS_TICKS:
            return []
        self._closing.popleft()
        transcript = " ".join(speech.words)
        self._items.write(speech.id, transcript)
        if not self.transcribes:
            return []
        seconds = max(0, speech.until_ms - speech.from_ms) / 1000
        usage = {"type": "duration", "seconds": seconds}
        return [Transcribed(item_id=speech.id, transcript=transcript, usage=usage)]


def _loud(line: ScoreTick, ms_at: Callable[[int], int]) -> tuple[int, int]:
    """From and to which ms of the client's stream a tick of speech is loud.

    Silence that was skipped lies at edges of speech: both are read off inside the loud frames.
    """
    start, levels = line.tick * TICK_USER_SAMPLES, line.user.levels_db
    loud = [i for i, level in enumerate(levels) if level >= line.user.level_db - BELOW_MEAN_DB]
    if not loud:
        return ms_at(start), ms_at(start + TICK_USER_SAMPLES)
    frame = TICK_USER_SAMPLES // len(levels)
    first_ms, last_ms = ms_at(start + (loud[0] + 1) * frame), ms_at(start + loud[-1] * frame)
    return first_ms - FRAME_MS, last_ms + FRAME_MS

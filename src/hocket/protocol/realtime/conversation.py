"""The translation: client messages to what a session understands, ticks of a session to server messages.

Law: no I/O and no clock; the same messages and ticks give the same bytes. Of each client message either
all of it holds or a ``Refusal`` is raised and nothing changed. When we answer is the session's decision:
a client that turned turn detection off gets that by a mute that is lifted while an answer is asked for.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from hocket.core.units import TICK_S, TICK_USER_SAMPLES
from hocket.protocol.events import (
    Muted,
    OutsideEvent,
    Play,
    PlaybackReported,
    PlaybackStopped,
    ResponseAsked,
    TextTyped,
)
from hocket.protocol.floor import SOUNDING, Floor
from hocket.protocol.realtime.answering import Answering
from hocket.protocol.realtime.backlog import Backlog
from hocket.protocol.realtime.client_messages import (
    MAX_TEXT,
    AudioAppend,
    AudioClear,
    AudioCommit,
    ClientMessage,
    ItemCreate,
    ItemDelete,
    ItemRetrieve,
    ItemTruncate,
    OutputClear,
    ResponseCancel,
    ResponseCreate,
    SessionUpdate,
)
from hocket.protocol.realtime.codec import error_of
from hocket.protocol.realtime.formats import sound_bytes
from hocket.protocol.realtime.items import Item, Items
from hocket.protocol.realtime.listening import Listening
from hocket.protocol.realtime.playback import AssumedPlayback
from hocket.protocol.realtime.refusal import Refusal
from hocket.protocol.realtime.server_messages import (
    AudioCleared,
    ItemAdded,
    ItemDeleted,
    ItemDone,
    ItemRetrieved,
    ItemTruncated,
    OutputCleared,
    ServerMessage,
    SessionCreated,
    SessionUpdated,
)
from hocket.protocol.realtime.settings import Settings
from hocket.protocol.score import ScoreTick

COMMIT_AT_LEAST_MS: Final = 100  # as OpenAI: less holds no word
MOST_TYPED: Final = 4 * MAX_TEXT  # characters that wait for response.create
NO_ANSWER_TICKS: Final = 25  # 5 s after an answer was asked for; the first word takes about one


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Begin the session anew with these instructions: nothing was said in it yet."""

    instructions: str


Act: TypeAlias = ServerMessage | OutsideEvent | Restart


class Conversation:
    """One connection's state. ``now`` is session time in seconds."""

    def __init__(self, settings: Settings, *, session_id: str, rate_hz: int, beta: bool) -> None:
        self.settings = settings
        self._session_id, self._rate_hz, self._beta = session_id, rate_hz, beta
        self._items = Items()
        self._listening = Listening(self._items)
        self._answering = Answering(self._items, rate_hz=rate_hz)
        self._playback = AssumedPlayback(rate_hz=rate_hz)
        self.backlog = Backlog(settings.heard)
        self._heard_samples = 0  # of the session's lane, at 16 kHz
        self._committed = 0  # position behind the last commit
        self._begun = False
        self._touched = False  # something was said or typed
        self._muted = False  # what the session was told last
        self._cancelling = False  # muted until one tick was decided so
        self._stop_at: int | None = None  # where a client that cut us says it stopped
        self._asked: int | None = None  # answer once the stream was heard up to here
        self._ask_ticks = 0
        self._typed: list[str] = []  # lines that wait until an answer is asked for

    def begin(self) -> list[Act]:
        """A session stands behind the connection: the first one, or one begun anew."""
        self._muted = False
        first: list[Act] = [] if self._begun else [SessionCreated(session=self._shown())]
        self._begun = True
        return [*first, *self._gate()]

    # -- from the client ----------------------------------------------------------------------

    def receive(self, message: ClientMessage, *, now: float, ahead_s: float = 0.0) -> list[Act]:
        """Take a client message. ``ahead_s`` is how far the sound fed so far is ahead of ``now``.

        Raises:
            Refusal: it cannot be done; nothing changed.
        """
        match message:
            case AudioAppend():
                return self._append(message, ahead_s)
            case AudioCommit():
                return self._commit()
            case AudioClear():
                self.backlog.clear()
                self._committed = self.backlog.position
                return [AudioCleared()]
            case SessionUpdate():
                return [*self._update(message), *self._gate()]
            case ItemCreate():
                return self._create_item(message)
            case ItemTruncate():
                return self._truncate(message, now)
            case ItemDelete():
                self._items.delete(message.item_id)
                return [ItemDeleted(item_id=message.item_id)]
            case ItemRetrieve():
                return [ItemRetrieved(item=self._items.get(message.item_id).shown())]
            case ResponseCreate():
                return [*self._create_response(message), *self._deliver(), *self._gate()]
            case ResponseCancel():
                return [*self._cancel_response(message), *self._gate()]
            case OutputClear():
                return [*self._clear_output(), *self._gate()]
            case _:
                assert_never(message)

    def _append(self, message: AudioAppend, ahead_s: float) -> list[Act]:
        data = sound_bytes(message.audio, self.settings.heard)
        self._touched = True
        chunk_s = len(data) / self.settings.heard.width / self.settings.heard.rate_hz
        lead_s = ahead_s + self.backlog.waiting_s + chunk_s
        dropped_s = self.backlog.append(data, lead_s=lead_s)
        if not dropped_s:
            return []
        text = f"expected sound at about its own pace, got 30 s waiting: {dropped_s:.2f} s dropped"
        return [error_of(Refusal("audio_dropped", text, param="audio"), message.event_id)]

    def _commit(self) -> list[Act]:
        position = self.backlog.position
        got_ms = self.backlog.ms(position - self._committed)
        if got_ms < COMMIT_AT_LEAST_MS:
            text = f"expected {COMMIT_AT_LEAST_MS} ms of sound or more to commit, got {got_ms} ms"
            raise Refusal("input_audio_buffer_commit_empty", text)
        self._committed = position
        return [*self._listening.commit(position, now_ms=self._ms(self._heard_samples))]

    def _update(self, message: SessionUpdate) -> list[Act]:
        new = self.settings.updated(message.session)
        if new.heard != self.settings.heard and not self.backlog.all_fed:
            text = (
                f"expected no sound to wait, got {self.backlog.waiting_s:.1f} s in another format"
            )
            raise Refusal("invalid_value", text, param="session.audio.input.format")
        restarts = new.instructions != self.settings.instructions
        if restarts and self._touched:
            text = "expected instructions before the first sound or text, got them later"
            raise Refusal("unsupported_value", text, param="session.instructions")
        if new.heard != self.settings.heard:
            self.backlog.change(new.heard)
        self.settings = new
        self._listening.detects, self._listening.transcribes = new.detects, new.transcribes
        out: list[Act] = [Restart(instructions=new.instructions)] if restarts else []
        out += [SessionUpdated(session=self._shown()), *(self._type() if new.answers else [])]
        if message.session.tools:
            text = "expected no tools, got some: they are left out, the rest holds"
            refusal = Refusal("unsupported_value", text, param="session.tools")
            out.append(error_of(refusal, message.event_id))
        return out

    def _create_item(self, message: ItemCreate) -> list[Act]:
        behind = message.previous_item_id
        if behind is not None and behind != self._items.last_id:
            text = f"expected the last item ({self._items.last_id}) or none, got {behind}"
            raise Refusal("unsupported_value", text, param="previous_item_id")
        text = " ".join(part.text for part in message.item.content)
        item = Item(
            id=message.item.id or self._items.new_id(),
            role="user",
            kind="input_text",
            status="completed",
            text=text,
        )
        if sum(len(line) for line in self._typed) + len(text) > MOST_TYPED:
            raise Refusal("invalid_value", "expected response.create, got more and more text")
        previous = self._items.add(item)
        self._touched = True
        # To a session \b deletes and \n sends: within a message they are only space.
        typed = "".join(char if char.isprintable() else " " for char in text)
        self._typed.append(f"{typed}\n")
        return [
            ItemAdded(previous_item_id=previous, item=item.shown()),
            ItemDone(previous_item_id=previous, item=item.shown()),
            *(self._type() if self.settings.answers else []),
        ]

    def _type(self) -> list[OutsideEvent]:
        """Tell what was typed. A muted session gets it with the wish for an answer: what it drafts
        before a mute would be dropped by it."""
        lines, self._typed = self._typed, []
        return [TextTyped(text=line) for line in lines]

    def _create_response(self, message: ResponseCreate) -> list[Act]:
        if (active := self._answering.active) is not None:
            text = f"expected no response in progress, got {active.id}"
            raise Refusal("conversation_already_has_active_response", text)
        self._touched = True
        self._asked, self._ask_ticks = self.backlog.position, 0
        metadata = message.response.metadata if message.response is not None else None
        return [*self._answering.open(self.settings, metadata)]

    def _cancel_response(self, message: ResponseCancel) -> list[Act]:
        active = self._answering.active
        if active is None or message.response_id not in (None, active.id):
            text = f"expected a response in progress, got {message.response_id or 'none'}"
            raise Refusal("response_cancel_not_active", text, param="response_id")
        return self._silence()

    def _clear_output(self) -> list[Act]:
        active, last = self._answering.active, self._answering.last_id
        if not (active is not None or self._playback.in_flight) or last is None:
            raise Refusal("invalid_value", "expected a response that sounds, got none")
        return [*self._silence(), OutputCleared(response_id=last)]

    def _silence(self) -> list[Act]:
        """The client wants no more of this: mute until a tick was decided so."""
        self._cancelling, self._asked = True, None
        return [*self._answering.cancel("client_cancelled")]

    def _truncate(self, message: ItemTruncate, now: float) -> list[Act]:
        item = self._items.get(message.item_id)
        if item.kind != "output_audio" or message.content_index != 0:
            text = (
                f"expected spoken content 0 of an answer, got {item.kind} {message.content_index}"
            )
            raise Refusal("invalid_value", text, param="item_id")
        position = item.start + round(message.audio_end_ms * self._rate_hz / 1000)
        if position > item.stop + self._rate_hz // 1000:  # a client rounds its milliseconds
            sent_ms = (item.stop - item.start) * 1000 // self._rate_hz
            text = f"expected at most the {sent_ms} ms that were sent, got {message.audio_end_ms}"
            raise Refusal("invalid_value", text, param="audio_end_ms")
        position = min(position, item.stop)
        item.keep_until(position)
        done = ItemTruncated(item_id=item.id, audio_end_ms=message.audio_end_ms)
        if item is not self._answering.last_item:
            return [done]
        active = self._answering.active
        if active is not None and active.item is item:
            self._stop_at = position
            return [*self._silence(), *self._gate(), done]
        if self._playback.waits or self._playback.in_flight:
            return [PlaybackStopped(position=self._playback.settle(position, now)), done]
        return [done]

    # -- from the session ---------------------------------------------------------------------

    def tick(self, line: ScoreTick, play: Play | None, *, start_s: float, now: float) -> list[Act]:
        """A tick is over; ``play`` is its sound, expected to begin at ``start_s``."""
        self._heard_samples = (line.tick + 1) * TICK_USER_SAMPLES
        out: list[Act] = [*self._listen(line, sounding=play is not None)]
        if play is not None:
            out += self._play(line, play, start_s)
        elif self._answering.sounding and line.floor not in SOUNDING:
            out += self._answering.complete()
        out += self._believe(now)
        if self._cancelling and line.permit.rule == "muted":
            self._cancelling = False
            if self._stop_at is not None:  # nothing was in flight that could have been cut
                out += self._stopped_at(now)
        return [*out, *self._deliver(), *self._no_answer(), *self._gate()]

    def stopped(self, now: float) -> list[Act]:
        """The session cut its sound (``StopPlayout``)."""
        self._playback.cut(now)
        if self._cancelling:
            return self._stopped_at(now) if self._stop_at is not None else []
        at_ms = self._ms(self._heard_samples)
        out: list[Act] = [*self._listening.interrupted(at_ms)]
        return [
            *out,
            *(self._answering.cancel("turn_detected") if self._answering.sounding else []),
        ]

    def _listen(self, line: ScoreTick, *, sounding: bool) -> list[ServerMessage]:
        return self._listening.tick(
            line,
            ms_at=self._ms,
            heard_to=self._heard_to,
            sounding=sounding or (self._answering.sounding and line.floor in SOUNDING),
        )

    def _play(self, line: ScoreTick, play: Play, start_s: float) -> list[Act]:
        out: list[Act] = []
        if self._answering.active is None:
            if self._cancelling:  # made before the session knew
                return []
            if not self.settings.answers:  # nobody asked
                self._cancelling, self._stop_at = True, play.position
                return []
            if line.floor is Floor.SPEAK:
                out += self._listening.close()
            out += self._answering.open(self.settings)
        self._asked = None  # answered
        self._playback.sent(play.position, len(play.samples), at_s=start_s)
        return [*out, *self._answering.play(play, start_s=start_s)]

    def _believe(self, now: float) -> list[Act]:
        """Report what the client must have played by now."""
        if (position := self._playback.overdue(now)) is not None:
            self._cut_item(position)
            return [PlaybackStopped(position=position)]
        position = self._playback.report(now)
        return [] if position is None else [PlaybackReported(position=position)]

    def _stopped_at(self, now: float) -> list[Act]:
        position, self._stop_at = self._stop_at or 0, None
        return [PlaybackStopped(position=self._playback.settle(position, now))]

    def _cut_item(self, position: int) -> None:
        if self._answering.last_item is not None:
            self._answering.last_item.keep_until(position)

    # -- when we may answer -------------------------------------------------------------------

    def _deliver(self) -> list[Act]:
        """Tell the session that an answer is asked for, once it has heard what came before."""
        if self._asked is None or self._cancelling or not self._heard_to(self._asked):
            return []
        self._asked = None
        return [*self._type(), ResponseAsked()]

    def _no_answer(self) -> list[Act]:
        waits = self._answering.active is not None and not self._answering.sounding
        if not waits or self._asked is not None or self._listening.speaking:
            self._ask_ticks = 0
            return []
        self._ask_ticks += 1
        if self._ask_ticks < NO_ANSWER_TICKS:
            return []
        text = (
            f"nothing to answer for {NO_ANSWER_TICKS * TICK_S:.0f} s: was something said or typed?"
        )
        return [*self._answering.fail("no_answer", text)]

    def _gate(self) -> list[OutsideEvent]:
        """Mute the session while it must not answer; never into the end of an answer."""
        unasked = self._answering.active is None or self._asked is not None
        mute = self._cancelling or (not self.settings.answers and unasked)
        if mute == self._muted or (mute and not self._cancelling and self._playback.in_flight):
            return []
        self._muted = mute
        return [Muted(on=mute)]

    # -- small things -------------------------------------------------------------------------

    def _heard_to(self, position: int) -> bool:
        return self.backlog.heard_all_before(position, sample=self._heard_samples)

    def _ms(self, sample: int) -> int:
        return self.backlog.ms(self.backlog.position_at(sample))

    def _shown(self) -> dict[str, object]:
        shown = self.settings.shown_beta if self._beta else self.settings.shown
        return shown(self._session_id)

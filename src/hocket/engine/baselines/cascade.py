"""The two baselines: a voice-activity detector, a turn detector, a language model, in a row.

Law: they decide through the same per-tick port as any other engine, from the same ears and voice. They
never backchannel and never hold: what interrupts them stops them. Source: what voice stacks do today
(metrics.md lists public figures of some).
"""

from dataclasses import dataclass, field, fields, replace
from typing import Final

import numpy as np

from hocket.core.units import USER_RATE_HZ
from hocket.engine.baselines.answers import Answers, Chat, ChatSnapshot
from hocket.engine.baselines.silero import SileroVad, VadState
from hocket.engine.baselines.smart_turn import WINDOW_S, SmartTurn
from hocket.engine.baselines.turns import Turn, TurnSettings, TurnState, follow
from hocket.engine.port import Float32, TickInput, TickOutput
from hocket.protocol.floor import FLOORS, Floor, Permit

DRAFT_AFTER_MS: Final = 150.0  # of silence; recognised words lag by about as much
PHRASE_IN_HAND_WORDS: Final = 6
STOPPED: Final = "stopped by the person"
WAIT_FOR_WORDS_MS: Final = 1_200.0  # a turn without a word by then was noise


@dataclass(slots=True)
class CascadeSlot:
    """One session's state."""

    chat: Chat
    vad: VadState = field(default_factory=VadState)
    turn: TurnState = field(default_factory=TurnState)
    audio: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))
    speaking: bool = False
    words: tuple[str, ...] = ()  # agreed in this turn
    fed: int = 0  # how many of them the chat holds
    drafted: tuple[str, ...] | None = None  # the words that the draft answers
    skip: int = 0  # words to come that an accepted draft has used already
    heard_of_us: int = 0  # words of the present answer that the user heard
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    slot: CascadeSlot
    chat: ChatSnapshot


class Cascade:
    """A VAD and a timeout, or a VAD and a turn detector, in front of ``Answers``."""

    def __init__(
        self,
        *,
        name: str,
        vad: SileroVad,
        answers: Answers,
        settings: TurnSettings,
        turn_detector: SmartTurn | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._vad, self._answers, self._detector = vad, answers, turn_detector

    # -- the port -----------------------------------------------------------------------------

    def open(self, *, seed: int = 0, instructions: str = "") -> CascadeSlot:
        """A fresh chat. Greedy writing needs no seed."""
        return CascadeSlot(chat=self._answers.open(instructions))

    def close(self, slot: CascadeSlot) -> None:
        """The cache goes with the slot."""

    def step(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        """Decide one tick."""
        p_speech = self._listen(slot, tick_input)
        slot.heard_of_us += len(tick_input.played.words)
        if slot.speaking:
            output = self._speaking(slot, tick_input, permit)
        else:
            output = self._listening(slot, tick_input, permit)
        return replace(output, user_ahead=(p_speech,) * 4)

    def snapshot(self, slot: CascadeSlot) -> object:
        """A deep copy, the cache included."""
        return _Snapshot(
            chat=self._answers.snapshot(slot.chat),
            slot=replace(slot, vad=slot.vad.copy(), audio=slot.audio.copy()),
        )

    def restore(self, slot: CascadeSlot, snapshot: object) -> None:
        """Put the copy's values back."""
        assert isinstance(snapshot, _Snapshot)
        kept = snapshot.slot
        for each in fields(CascadeSlot):
            if each.name != "chat":
                setattr(slot, each.name, getattr(kept, each.name))
        slot.vad, slot.audio = kept.vad.copy(), kept.audio.copy()
        self._answers.restore(slot.chat, snapshot.chat)

    # -- the user's side ----------------------------------------------------------------------

    def _listen(self, slot: CascadeSlot, tick_input: TickInput) -> float:
        """Follow the user's turn; returns the highest speech probability of the tick."""
        p = self._vad.step(slot.vad, tick_input.audio)
        keep = WINDOW_S * USER_RATE_HZ
        slot.audio = np.concatenate([slot.audio, tick_input.audio])[-keep:]
        detector = self._detector
        ask = (lambda: detector.complete(slot.audio)) if detector is not None else None
        slot.turn = follow(slot.turn, p, self.settings, ask)
        new = tick_input.heard.heard[slot.skip :]
        slot.skip = max(0, slot.skip - len(tick_input.heard.heard))
        slot.words += new
        self._read(slot, tick_input)
        return max(p, default=0.0)

    def _read(self, slot: CascadeSlot, tick_input: TickInput) -> None:
        """Typed text counts as a turn once it is sent; so does a client's wish for an answer."""
        for char in tick_input.typed:
            slot.typed = slot.typed[:-1] if char == "\b" else slot.typed + char
        if "\n" in slot.typed:
            *lines, slot.typed = slot.typed.split("\n")
            slot.words += tuple(" ".join(lines).split())
            slot.turn = TurnState(turn=Turn.ENDED)
        if "response asked" in tick_input.events:
            slot.turn = TurnState(turn=Turn.ENDED)

    # -- listening ----------------------------------------------------------------------------

    def _listening(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        words = (*slot.words, *tick_input.heard.tentative[slot.skip :])
        turn = slot.turn
        if STOPPED in tick_input.events:  # the session has dropped what was drafted
            self._undraft(slot)
        if turn.turn is Turn.OPEN or (slot.drafted is not None and slot.drafted != words):
            dropped = self._undraft(slot)
            self._feed(slot)
            self._answers.work(slot.chat, write=False, busy=True)
            return _output(Floor.LISTEN, drop=dropped)
        if turn.turn is Turn.ENDED and permit.rule == "stopped":
            slot.turn = TurnState()
        elif turn.turn is Turn.ENDED and words and Floor.SPEAK in permit.allowed:
            return self._take_floor(slot, tick_input)
        elif turn.turn is Turn.ENDED and not words and turn.silence_ms > WAIT_FOR_WORDS_MS:
            slot.turn = TurnState()
        waits = turn.turn in (Turn.PAUSED, Turn.ENDED) and turn.silence_ms >= DRAFT_AFTER_MS
        if waits and words and slot.drafted is None:
            self._draft(slot, tick_input)
        text = self._answers.work(slot.chat, write=slot.drafted is not None, busy=True)
        return _output(Floor.LISTEN, append=text, ended=slot.chat.done and slot.drafted is not None)

    def _draft(self, slot: CascadeSlot, tick_input: TickInput) -> None:
        self._feed(slot)
        tail = tick_input.heard.tentative[slot.skip :]
        slot.drafted = (*slot.words, *tail)
        self._answers.draft(slot.chat, tail)

    def _feed(self, slot: CascadeSlot) -> None:
        """Put agreed words into the chat as they come, so that little is left to do at the end."""
        self._answers.hear(slot.chat, slot.words[slot.fed :])
        slot.fed = len(slot.words)

    def _undraft(self, slot: CascadeSlot) -> bool:
        if slot.drafted is None:
            return False
        self._answers.undraft(slot.chat)
        slot.drafted = None
        return True

    def _take_floor(self, slot: CascadeSlot, tick_input: TickInput) -> TickOutput:
        drop = False
        if slot.drafted is None:
            self._draft(slot, tick_input)
            drop = True
        slot.skip += len(tick_input.heard.tentative[slot.skip :])
        slot.words, slot.fed, slot.speaking, slot.heard_of_us = (), 0, True, 0
        slot.turn = TurnState()
        text = self._answers.work(slot.chat, write=True, busy=True)
        return _output(Floor.SPEAK, append=text, drop=drop, ended=slot.chat.done)

    # -- speaking -----------------------------------------------------------------------------

    def _speaking(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        interrupted = slot.turn.speech_ms >= self.settings.interrupt_ms
        if interrupted or Floor.SPEAK not in permit.allowed:
            self._stop_speaking(slot, slot.heard_of_us)
            return _output(Floor.YIELD, drop=True)
        ahead = len(tick_input.plan.split())
        wants = ahead < self._answers.settings.ahead_words
        # With a phrase in hand there is time: the voice may be preparing it in this very tick.
        text = self._answers.work(slot.chat, write=wants, busy=ahead >= PHRASE_IN_HAND_WORDS)
        if slot.chat.done and not tick_input.plan and not text:
            self._stop_speaking(slot, None)
            if slot.turn.turn is not Turn.OPEN:  # too short to interrupt, so it was no turn either
                slot.turn, slot.words = TurnState(), ()
            return _output(Floor.LISTEN)
        return _output(Floor.SPEAK, append=text, ended=slot.chat.done)

    def _stop_speaking(self, slot: CascadeSlot, heard_words: int | None) -> None:
        self._answers.end(slot.chat, heard_words)
        slot.speaking, slot.drafted = False, None


def _output(
    floor: Floor, *, append: str = "", drop: bool = False, ended: bool = False
) -> TickOutput:
    p = [0.0] * len(FLOORS)
    p[FLOORS.index(floor)] = 1.0
    return TickOutput(floor=floor, p=tuple(p), append=append, drop=drop, ended=ended)  # type: ignore[arg-type]

"""The two baselines: a voice-activity detector, a turn detector, a language model, in a row.

Law: they decide through the same per-tick port as any other engine, from the same ears and voice. They
never backchannel and never hold: what interrupts them stops them. Source: what voice stacks do today
(metrics.md lists public figures of some).
"""

from dataclasses import dataclass, field, fields, replace
from typing import Final

import numpy as np

from hocket.core.units import USER_RATE_HZ
from hocket.engine.baselines.silero import SileroVad, VadState
from hocket.engine.baselines.smart_turn import WINDOW_S, SmartTurn
from hocket.engine.baselines.turns import Turn, TurnSettings, TurnState, follow
from hocket.engine.port import Float32, TickInput, TickOutput
from hocket.engine.talker import Talk, Talker, TalkSnapshot, Text
from hocket.protocol.floor import FLOORS, Floor, Permit

DRAFT_AFTER_MS: Final = 150.0  # of silence; recognised words lag by about as much
STOPPED: Final = "stopped by the person"
WAIT_FOR_WORDS_MS: Final = 1_200.0  # a turn without a word by then was noise


@dataclass(slots=True)
class CascadeSlot:
    """One session's state."""

    talk: Talk
    vad: VadState = field(default_factory=VadState)
    turn: TurnState = field(default_factory=TurnState)
    audio: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))
    speaking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    slot: CascadeSlot
    talk: TalkSnapshot


class Cascade:
    """A VAD and a timeout, or a VAD and a turn detector, in front of a ``Talker``."""

    def __init__(
        self,
        *,
        name: str,
        vad: SileroVad,
        talker: Talker,
        settings: TurnSettings,
        turn_detector: SmartTurn | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._vad, self._talker, self._detector = vad, talker, turn_detector

    # -- the port -----------------------------------------------------------------------------

    def open(self, *, seed: int = 0, instructions: str = "") -> CascadeSlot:
        """A fresh chat. Greedy writing needs no seed."""
        return CascadeSlot(talk=self._talker.open(instructions))

    def close(self, slot: CascadeSlot) -> None:
        """The cache goes with the slot."""

    def step(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        """Decide one tick."""
        p_speech = self._listen(slot, tick_input)
        if slot.speaking:
            output = self._speaking(slot, tick_input, permit)
        else:
            output = self._listening(slot, tick_input, permit)
        return replace(output, user_ahead=(p_speech,) * 4)

    def snapshot(self, slot: CascadeSlot) -> object:
        """A deep copy, the cache included."""
        return _Snapshot(
            talk=self._talker.snapshot(slot.talk),
            slot=replace(slot, vad=slot.vad.copy(), audio=slot.audio.copy()),
        )

    def restore(self, slot: CascadeSlot, snapshot: object) -> None:
        """Put the copy's values back."""
        assert isinstance(snapshot, _Snapshot)
        kept = snapshot.slot
        for each in fields(CascadeSlot):
            if each.name != "talk":
                setattr(slot, each.name, getattr(kept, each.name))
        slot.vad, slot.audio = kept.vad.copy(), kept.audio.copy()
        self._talker.restore(slot.talk, snapshot.talk)

    # -- the user's side ----------------------------------------------------------------------

    def _listen(self, slot: CascadeSlot, tick_input: TickInput) -> float:
        """Follow the user's turn; returns the highest speech probability of the tick.

        Typed text counts as a turn once it is sent; so does a client's wish for an answer.
        """
        p = self._vad.step(slot.vad, tick_input.audio)
        keep = WINDOW_S * USER_RATE_HZ
        slot.audio = np.concatenate([slot.audio, tick_input.audio])[-keep:]
        detector = self._detector
        ask = (lambda: detector.complete(slot.audio)) if detector is not None else None
        slot.turn = follow(slot.turn, p, self.settings, ask)
        if self._talker.hear(slot.talk, tick_input):
            slot.turn = TurnState(turn=Turn.ENDED)
        return max(p, default=0.0)

    # -- listening ----------------------------------------------------------------------------

    def _listening(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        talker, talk, turn = self._talker, slot.talk, slot.turn
        words = talker.words(talk, tick_input)
        if STOPPED in tick_input.events:  # the session has dropped what was drafted
            talker.undraft(talk)
        if turn.turn is Turn.OPEN or talker.is_stale(talk, words):
            return _output(Floor.LISTEN, talker.read(talk))
        if turn.turn is Turn.ENDED and permit.rule == "stopped":
            slot.turn = TurnState()
        elif turn.turn is Turn.ENDED and words and Floor.SPEAK in permit.allowed:
            slot.speaking, slot.turn = True, TurnState()
            return _output(Floor.SPEAK, talker.begin(talk, tick_input))
        elif turn.turn is Turn.ENDED and not words and turn.silence_ms > WAIT_FOR_WORDS_MS:
            slot.turn = TurnState()
        waits = turn.turn in (Turn.PAUSED, Turn.ENDED) and turn.silence_ms >= DRAFT_AFTER_MS
        if waits and words and talk.drafted is None:
            talker.draft(talk, tick_input)
        return _output(Floor.LISTEN, talker.write_draft(talk))

    # -- speaking -----------------------------------------------------------------------------

    def _speaking(self, slot: CascadeSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        interrupted = slot.turn.speech_ms >= self.settings.interrupt_ms
        if interrupted or Floor.SPEAK not in permit.allowed:
            self._talker.stop(slot.talk, heard=False)
            slot.speaking = False
            return _output(Floor.YIELD, Text(drop=True))
        text = self._talker.go_on(slot.talk, tick_input)
        if text.ended and not tick_input.plan and not text.append:
            self._talker.stop(slot.talk, heard=True)
            slot.speaking = False
            if slot.turn.turn is not Turn.OPEN:  # too short to interrupt, so it was no turn either
                slot.turn = TurnState()
                self._talker.forget(slot.talk)
            return _output(Floor.LISTEN, Text())
        return _output(Floor.SPEAK, text)


def _output(floor: Floor, text: Text) -> TickOutput:
    p = [0.0] * len(FLOORS)
    p[FLOORS.index(floor)] = 1.0
    return TickOutput(
        floor=floor,
        p=tuple(p),  # type: ignore[arg-type]
        append=text.append,
        drop=text.drop,
        ended=text.ended,
    )

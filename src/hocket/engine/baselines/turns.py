"""When a cascade takes and gives up the floor: a state machine over speech probabilities.

Law: no text, no models, no clock: probabilities of 32 ms chunks in, floor out. A turn ends after a
silence (``end_ms``), or, with a turn detector, as soon as the detector calls it complete
(``ask_ms`` into the silence) and at ``end_ms`` at the latest. While the agent speaks, speech of
``interrupt_ms`` takes the floor from it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from hocket.engine.baselines.silero import CHUNK_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """The knobs of a cascade; each is swept by the bench."""

    speech_p: float = 0.5  # Silero's own recommendation
    start_ms: float = 96.0  # speech this long opens a turn
    end_ms: float = (
        700.0  # silence this long ends it: the common default of voice stacks is 500-800
    )
    ask_ms: float = 200.0  # the turn detector is asked this far into a silence
    complete_p: float = 0.5  # and believed from here on
    interrupt_ms: float = 300.0  # speech this long stops the agent


class Turn(StrEnum):
    """What the user's side is doing."""

    IDLE = "idle"  # nobody has said anything since the last answer
    OPEN = "open"  # speaking
    PAUSED = "paused"  # silent, the turn may go on
    ENDED = "ended"  # an answer is due


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnState:
    """One session's state; a value."""

    turn: Turn = Turn.IDLE
    speech_ms: float = 0.0
    silence_ms: float = 0.0
    asked: bool = False


def follow(
    state: TurnState,
    p: tuple[float, ...],
    settings: TurnSettings,
    complete: Callable[[], float] | None,
) -> TurnState:
    """Advance over the chunks of one tick. ``complete`` asks the turn detector, once a silence."""
    for probability in p:
        state = _chunk(state, probability >= settings.speech_p, settings)
    if state.turn is not Turn.PAUSED:
        return state
    if state.silence_ms >= settings.end_ms:
        return replace(state, turn=Turn.ENDED)
    if complete is not None and not state.asked and state.silence_ms >= settings.ask_ms:
        done = complete() >= settings.complete_p
        return replace(state, asked=True, turn=Turn.ENDED if done else Turn.PAUSED)
    return state


def _chunk(state: TurnState, speech: bool, settings: TurnSettings) -> TurnState:
    if not speech:
        quiet = Turn.PAUSED if state.turn is Turn.OPEN else state.turn
        return replace(state, turn=quiet, speech_ms=0.0, silence_ms=state.silence_ms + CHUNK_MS)
    speech_ms = state.speech_ms + CHUNK_MS
    opens = speech_ms >= settings.start_ms
    turn: Turn = Turn.OPEN if opens else state.turn
    silence_ms = 0.0 if opens else state.silence_ms + CHUNK_MS
    return TurnState(
        turn=turn, speech_ms=speech_ms, silence_ms=silence_ms, asked=state.asked and not opens
    )

"""Silences and speech as a cascade's state machine sees them, once for all of its settings.

Law: for every setting this equals ``turns.follow`` stepped tick by tick: a state's silence does not
depend on what is made of it, so one walk gives a score whose threshold is the setting. Once a turn
counts as ended the floor is taken until the user's speech opens it again.
Source: engine/baselines/turns.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hocket.core.units import TICK_MS
from hocket.engine.baselines.silero import CHUNK_MS
from hocket.engine.baselines.turns import Turn, TurnSettings, TurnState, follow
from hocket.evaluation.cases import Bools
from hocket.evaluation.intervals import Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """The state at the end of each tick."""

    silence_ms_T: Float  # since the turn paused; 0 while it is open or before the first
    speech_ms_T: Float
    fresh_T: Bools  # the silence began in this tick

    def asks(self, ask_ms: float) -> tuple[int, ...]:
        """Ticks at which a turn detector is asked: once a silence, ``ask_ms`` into it."""
        due_T = self.silence_ms_T >= ask_ms
        before_T = np.concatenate([[False], due_T[:-1]]) & ~self.fresh_T
        return tuple(int(tick) for tick in np.flatnonzero(due_T & ~before_T))

    def answers(self, asked: Mapping[int, float]) -> Float:
        """The detector's answers [T], each kept until its silence ends; 0 where it was not asked."""
        ticks = np.array(sorted(asked), np.int64)
        given = np.array([asked[int(tick)] for tick in ticks])
        paused_T = self.silence_ms_T > 0
        episode_T = np.cumsum(self.fresh_T | ~paused_T)
        last_T = np.searchsorted(ticks, np.arange(len(episode_T)), side="right") - 1
        if not ticks.size:
            return np.zeros(len(episode_T))
        kept_T = (last_T >= 0) & paused_T & (episode_T[ticks[last_T]] == episode_T)
        return np.where(kept_T, given[last_T], 0.0)


def silences_of(p_speech_C: Float, n_ticks: int) -> Silences:
    """From the speech probabilities of a lane's 32 ms chunks [C], as they complete tick by tick."""
    chunk_ends_ms = CHUNK_MS * np.arange(1, len(p_speech_C) + 1)
    stops = np.searchsorted(chunk_ends_ms, TICK_MS * np.arange(1, n_ticks + 1), side="right")
    settings, state = TurnSettings(end_ms=np.inf), TurnState()
    silence, speech, fresh = np.zeros(n_ticks), np.zeros(n_ticks), np.zeros(n_ticks, np.bool_)
    p = tuple(float(one) for one in p_speech_C)
    start = 0
    for tick, stop in enumerate(int(one) for one in stops):
        state = follow(state, p[start:stop], settings, None)
        if state.turn is Turn.PAUSED:
            silence[tick] = state.silence_ms
            fresh[tick] = state.silence_ms <= (stop - start) * CHUNK_MS
        speech[tick] = state.speech_ms
        start = stop
    return Silences(silence_ms_T=silence, speech_ms_T=speech, fresh_T=fresh)


def with_timeout(answers_T: Float, silence_ms_T: Float, end_ms: float) -> Float:
    """A detector's answers with a silence of ``end_ms`` as the last word (2: above any threshold)."""
    return np.where(silence_ms_T >= end_ms, 2.0, answers_T)

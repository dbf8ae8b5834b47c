import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.core.units import TICK_MS
from hocket.engine.baselines.silero import CHUNK_MS
from hocket.engine.baselines.turns import Turn, TurnSettings, TurnState, follow
from hocket.evaluation.silences import silences_of, with_timeout

N_TICKS = 40


def speech(seed: int) -> list[float]:
    """Runs of speech and silence of 1 to 25 chunks."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, rng.choice([4, 12, 26]), 80)
    p = np.repeat(np.arange(80) % 2 * 0.8 + 0.1, lengths)
    return [float(one) for one in p[: int(N_TICKS * TICK_MS / CHUNK_MS)]]


def stepped(p: list[float], settings: TurnSettings, answers: list[float] | None) -> list[bool]:
    """Whether the turn has ended after each tick, by the state machine itself."""
    state, ended, start = TurnState(), [], 0
    for tick in range(N_TICKS):
        stop = int((tick + 1) * TICK_MS / CHUNK_MS)
        ask = (lambda tick=tick: answers[tick]) if answers is not None else None
        state = follow(state, tuple(p[start:stop]), settings, ask)
        ended.append(state.turn is Turn.ENDED)
        start = stop
    return ended


@pytest.mark.parametrize("end_ms", [100, 300, 480, 700, 1_100])
@given(seed=st.integers(0, 200))
def test_a_timeout_ends_turns_where_the_state_machine_does(seed: int, end_ms: float) -> None:
    p = speech(seed)
    silences = silences_of(np.array(p), N_TICKS)
    found = silences.silence_ms_T >= end_ms
    assert found.tolist() == stepped(p, TurnSettings(end_ms=end_ms), None)


@pytest.mark.parametrize("ask_ms", [200, 300])
@pytest.mark.parametrize("end_ms", [600, 1_000])
@given(seed=st.integers(0, 200))
def test_a_turn_detector_ends_turns_where_the_state_machine_does(
    seed: int, end_ms: float, ask_ms: float
) -> None:
    p = speech(seed)
    answers = np.random.default_rng(seed).uniform(size=N_TICKS).tolist()
    silences = silences_of(np.array(p), N_TICKS)
    asked = {tick: answers[tick] for tick in silences.asks(ask_ms)}
    score = with_timeout(silences.answers(asked), silences.silence_ms_T, end_ms)
    settings = TurnSettings(end_ms=end_ms, ask_ms=ask_ms, complete_p=0.5)
    assert (score >= 0.5).tolist() == stepped(p, settings, answers)


def test_speech_is_as_long_as_it_has_lasted_without_a_break() -> None:
    p = [0.9] * 20 + [0.1] * 20 + [0.9] * 5
    found = silences_of(np.array(p), 8).speech_ms_T
    assert found[:3].tolist() == [6 * CHUNK_MS, 12 * CHUNK_MS, 18 * CHUNK_MS]
    assert (found[5], found[7]) == (0, 5 * CHUNK_MS)


def test_without_a_question_there_is_no_answer() -> None:
    silences = silences_of(np.array([0.9] * 20 + [0.1] * 20), 8)
    assert not silences.answers({}).any()

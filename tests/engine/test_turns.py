from hocket.engine.baselines.silero import CHUNK_MS
from hocket.engine.baselines.turns import Turn, TurnSettings, TurnState, follow

TIMEOUT = TurnSettings(end_ms=700)


def after(
    speech_ms: float, silence_ms: float, settings: TurnSettings = TIMEOUT, asked: list[int] | None = None,
    complete_p: float | None = None,
) -> TurnState:  # fmt: skip
    state = TurnState()
    p = [0.9] * round(speech_ms / CHUNK_MS) + [0.1] * round(silence_ms / CHUNK_MS)

    def complete() -> float:
        assert asked is not None
        asked.append(1)
        return complete_p or 0.0

    for start in range(0, len(p), 6):
        ask = complete if asked is not None else None
        state = follow(state, tuple(p[start : start + 6]), settings, ask)
    return state


def test_a_click_opens_no_turn() -> None:
    assert after(64, 2_000).turn is Turn.IDLE


def test_speech_opens_a_turn_and_a_short_silence_pauses_it() -> None:
    assert after(960, 0).turn is Turn.OPEN
    assert after(960, 384).turn is Turn.PAUSED


def test_silence_of_the_set_length_ends_it() -> None:
    assert after(960, 600).turn is Turn.PAUSED
    assert after(960, 800).turn is Turn.ENDED


def test_a_turn_detector_is_asked_once_a_silence_and_believed() -> None:
    asked: list[int] = []
    settings = TurnSettings(end_ms=3_000)
    assert after(960, 500, settings, asked, complete_p=0.9).turn is Turn.ENDED
    assert len(asked) == 1


def test_a_turn_called_incomplete_waits_for_the_timeout() -> None:
    asked: list[int] = []
    settings = TurnSettings(end_ms=3_000)
    assert after(960, 2_000, settings, asked, complete_p=0.1).turn is Turn.PAUSED
    assert after(960, 3_200, settings, asked, complete_p=0.1).turn is Turn.ENDED


def test_a_new_silence_is_asked_about_again() -> None:
    asked: list[int] = []

    def complete() -> float:
        asked.append(1)
        return 0.0

    state = TurnState()
    for p in ([0.9] * 12, [0.1] * 12, [0.9] * 12, [0.1] * 12):
        for half in (p[:6], p[6:]):
            state = follow(state, tuple(half), TurnSettings(end_ms=3_000), complete)
    assert len(asked) == 2

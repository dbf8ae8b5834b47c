import numpy as np
import pytest

from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32, quietest_sample, speech_level_db, speech_spans


def sound(*pieces_s: float, room_db: float = -90.0, seed: int = 0) -> Float32:
    """Buzzing and silence in turn, silence first; -20 dBFS of a 120 Hz buzz."""
    rng = np.random.default_rng(seed)
    pieces = []
    for index, length_s in enumerate(pieces_s):
        n = round(length_s * USER_RATE_HZ)
        phase = np.arange(n) * 120 / USER_RATE_HZ % 1
        pieces.append((phase - 0.5) * 0.35 if index % 2 else np.zeros(n))
    lane = np.concatenate(pieces)
    return (lane + rng.normal(0, 10 ** (room_db / 20), len(lane))).astype(np.float32)


def in_s(spans: tuple[tuple[int, int], ...]) -> list[float]:
    return [sample / USER_RATE_HZ for span in spans for sample in span]


@pytest.mark.parametrize("room_db", [-90.0, -60.0, -45.0])
def test_spans_begin_and_end_where_the_speech_does(room_db: float) -> None:
    spans = speech_spans(sound(0.5, 1.0, 0.4, 0.7, 0.6, room_db=room_db))
    assert in_s(spans) == pytest.approx([0.5, 1.5, 1.9, 2.6], abs=0.012)


def test_a_silence_under_200_ms_parts_nothing() -> None:
    assert len(speech_spans(sound(0.3, 0.5, 0.17, 0.5, 0.3))) == 1
    assert len(speech_spans(sound(0.3, 0.5, 0.22, 0.5, 0.3))) == 2


def test_a_click_is_no_speech() -> None:
    assert len(speech_spans(sound(0.3, 0.5, 0.5, 0.01, 0.5))) == 1


def test_a_sound_that_fills_everything_is_one_span() -> None:
    assert in_s(speech_spans(sound(0.0, 1.0))) == pytest.approx([0, 1], abs=0.02)


def test_digital_silence_and_a_short_scrap_hold_no_speech() -> None:
    assert speech_spans(np.zeros(16_000, np.float32)) == ()
    assert speech_spans(np.ones(100, np.float32)) == ()


def test_the_level_leaves_silence_out() -> None:
    lane = sound(0.5, 1.0, 2.0)
    assert speech_level_db(lane, speech_spans(lane)) == pytest.approx(-20, abs=0.5)


def test_the_quietest_place_is_found() -> None:
    lane = sound(0.0, 1.0, room_db=-40)
    lane[9_000:10_000] *= 0.01
    assert 9_300 < quietest_sample(lane, 2_000, 14_000) < 9_700

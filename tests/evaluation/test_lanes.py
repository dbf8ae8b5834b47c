import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.audio.levels import from_db
from hocket.evaluation.lanes import Float32, HeardLane, heard_lane, joined, samples, speech_spans
from tests.evaluation.metrics.hand_made import lane

RATES = (16_000, 22_050, 24_000)


def voice(
    rate_hz: int, length_s: float, *spans: tuple[float, float], level: float = 0.1
) -> Float32:
    """Noise of a voice's level in the spans, silence elsewhere."""
    sound_S = np.zeros(round(length_s * rate_hz), np.float32)
    rng = np.random.default_rng(0)
    for start_s, end_s in spans:
        first, behind = round(start_s * rate_hz), round(end_s * rate_hz)
        sound_S[first:behind] = rng.normal(0, level, behind - first)
        sound_S[[first, behind - 1]] = level
    return sound_S


@pytest.mark.parametrize("rate_hz", RATES)
def test_spans_are_where_the_lane_sounds(rate_hz: int) -> None:
    found = speech_spans(voice(rate_hz, 6.0, (1.0, 2.5), (3.1, 3.6)), rate_hz)
    edges = [edge / 16_000 for span in found for edge in span]
    assert edges == pytest.approx([1.0, 2.5, 3.1, 3.6], abs=1e-4)


def test_short_silences_are_bridged_and_longer_ones_are_not() -> None:
    sound_S = voice(16_000, 6.0, (1.0, 2.0), (2.19, 3.0), (3.21, 4.0))
    found = speech_spans(sound_S, 16_000)
    assert found == ((16_000, 48_000), (51_360, 64_000))


def test_clicks_and_faint_sounds_are_no_speech() -> None:
    assert speech_spans(voice(16_000, 2.0, (1.0, 1.039)), 16_000) == ()
    assert speech_spans(voice(16_000, 2.0, (1.0, 1.5), level=0.004), 16_000) == ()
    assert len(speech_spans(voice(16_000, 2.0, (1.0, 1.041)), 16_000)) == 1


def test_a_fade_belongs_to_the_sound_it_ends() -> None:
    sound_S = voice(16_000, 3.0, (1.0, 2.0))
    sound_S[32_000:33_600] = 0.1 * np.geomspace(1, 0.001, 1600)
    ((start, end),) = speech_spans(sound_S, 16_000)
    faded_s = 0.1 * (from_db(-54) < 0.1) * np.log(0.1 / from_db(-54)) / np.log(1000)
    assert start == 16_000
    assert end / 16_000 == pytest.approx(2.0 + faded_s, abs=0.001)


def test_silence_has_no_spans() -> None:
    assert speech_spans(np.zeros(16_000, np.float32), 16_000) == ()
    assert heard_lane(np.zeros(0, np.float32), 22_050) == HeardLane(length=0, spans=())


@settings(max_examples=25)
@given(shift=st.integers(0, 40_000), seed=st.integers(0, 99))
def test_a_shift_by_any_number_of_samples_moves_the_spans_by_it(shift: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = np.sort(rng.uniform(0, 4, 6))
    sound_S = voice(16_000, 4.0, *zip(edges[::2], edges[1::2], strict=True))
    late_S = np.concatenate([np.zeros(shift, np.float32), sound_S])
    moved = tuple((a + shift, b + shift) for a, b in speech_spans(sound_S, 16_000))
    assert speech_spans(late_S, 16_000) == moved


def test_a_run_goes_on_over_a_silence_of_up_to_four_tenths_of_a_second() -> None:
    one = lane((1.0, 2.0), (2.4, 3.0), (3.401, 4.0))
    assert one.runs == ((16_000, 48_000), (samples(3.401), 64_000))


def test_stretches_that_overlap_become_one() -> None:
    assert joined(((0, 10), (5, 7), (12, 20)), 1) == ((0, 10), (12, 20))


def test_words_belong_where_their_middle_lies() -> None:
    one = lane((1.0, 3.0), words=[("a", 0.9, 1.3), ("b", 1.9, 2.2), ("c", 2.9, 3.3)])
    assert [word.text for word in one.words_in((samples(1.0), samples(3.0)))] == ["a", "b"]

from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import ModelFileError
from hocket.core.units import USER_RATE_HZ
from hocket.data.kokoro import FRAME_SAMPLES, MODEL, Kokoro, hushed, timing, token_ids
from hocket.data.spans import speech_spans
from hocket.weights.store import path_of

(HESITATION,) = token_ids("…")


def test_a_hesitation_is_one_token_between_words() -> None:
    plain, hesitant = token_ids("for four people."), token_ids("for … four people.")
    assert hesitant.count(HESITATION) == 1
    assert HESITATION not in plain
    assert token_ids("for ... four people.") == hesitant


def test_the_end_mark_is_kept() -> None:
    assert token_ids("Is it you?")[-1] == token_ids("Am I?")[-1] != token_ids("It is.")[-1]


def test_a_hesitation_waits_and_draws_out_the_syllable_before_it() -> None:
    ids = token_ids("for … four people.")
    stretch_N, extra_N = timing(ids, np.random.default_rng(1))
    at = ids.index(HESITATION)
    assert np.flatnonzero(extra_N).tolist() == [at]
    assert 0.3 <= extra_N[at] * FRAME_SAMPLES / 24_000 <= 0.7
    drawn_out = np.flatnonzero(stretch_N > 1)
    assert drawn_out[-1] == at - 1
    assert len(drawn_out) <= 3


def test_a_text_without_marks_keeps_its_timing() -> None:
    stretch_N, extra_N = timing(token_ids("Good morning."), np.random.default_rng(1))
    assert (stretch_N == 1).all()
    assert not extra_N.any()


def test_only_the_frames_of_a_hesitation_are_hushed() -> None:
    ids = [50, HESITATION, 50]
    frames_P = np.array([2, 10, 20, 10, 2])
    hush_S = hushed(np.ones(44 * FRAME_SAMPLES, np.float32), ids, frames_P)
    first, behind = 12 * FRAME_SAMPLES, 32 * FRAME_SAMPLES
    assert (hush_S[:first] == 1).all()
    assert (hush_S[behind:] == 1).all()
    assert hush_S[first + 6_000 : behind - 1_000].max() < 1e-3


def test_a_folder_without_the_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=MODEL):
        Kokoro(tmp_path)


@pytest.mark.models
def test_every_voice_falls_silent_at_a_hesitation() -> None:
    kokoro = Kokoro(path_of(f"kokoro-82m/{MODEL}").parent)
    for name in ("af_heart", "am_eric", "bm_george"):
        sound_S = kokoro.say("I want to go to … Boston, please.", name=name, seed=1)
        assert len(speech_spans(sound_S)) >= 2
        assert 2 < len(sound_S) / USER_RATE_HZ < 6
    again_S = kokoro.say("I want to go to … Boston, please.", name=name, seed=1)
    assert again_S.tobytes() == sound_S.tobytes()


@pytest.mark.models
def test_a_voice_between_two_is_neither_and_as_long() -> None:
    kokoro = Kokoro(path_of(f"kokoro-82m/{MODEL}").parent)
    a, b, both = (
        kokoro.say("Good morning to you.", name=name, seed=1)
        for name in ("af_bella", "am_adam", "af_bella+am_adam")
    )
    assert min(len(a), len(b)) * 0.8 < len(both) < max(len(a), len(b)) * 1.2
    for one in (a, b):
        n = min(len(one), len(both))
        assert np.corrcoef(one[:n], both[:n])[0, 1] < 0.9

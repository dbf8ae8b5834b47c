from pathlib import Path

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data import speeds
from hocket.data.library import Library
from hocket.data.spans import speech_spans
from hocket.data.splits import Split, split_of
from tests.data.fake_bank import fake_bank

RATE_HZ = 16_000


def test_every_utterance_has_a_slower_and_a_faster_self_of_another_voice(tmp_path: Path) -> None:
    library = Library(fake_bank(tmp_path), split="train")
    others = speeds.at_other_speeds(library.utterances)
    assert len(others) == 2 * len(library.utterances)
    assert not {u.voice for u in others} & {u.voice for u in library.utterances}
    for slower, faster in zip(others[::2], others[1::2], strict=True):
        own = next(u for u in library.utterances if u.id == speeds.speed_of(slower.id)[0])
        assert faster.n_samples < 0.95 * own.n_samples < 0.95 * 0.95 * slower.n_samples
        assert library.recording(slower.id) != library.recording(own.id)


def test_its_sound_and_its_spans_are_as_long_as_it_says_and_lie_on_each_other(
    tmp_path: Path,
) -> None:
    library = Library(fake_bank(tmp_path), split="train")
    for other in speeds.at_other_speeds(library.utterances):
        sound = library.speech(other.id)
        assert len(sound) == other.n_samples and library.spans(other.id) == other.spans
        found = np.array(speech_spans(sound))
        assert np.abs(found[[0, -1], [0, 1]] - np.array(other.spans)[[0, -1], [0, 1]]).max() < 800


def test_pitch_moves_with_the_speed() -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    for speed in (*speeds.SLOWER, *speeds.FASTER):
        heard = speeds.heard_at(tone, speed)[: 4 * TICK_USER_SAMPLES]
        peak_hz = np.abs(np.fft.rfft(heard)).argmax() * RATE_HZ / len(heard)
        assert abs(peak_hz - 200 * speed) < 2


def test_who_is_held_out_stays_so_at_any_speed() -> None:
    assert split_of("kokoro/af_kore*0.92") is Split.VALIDATION
    assert split_of("flite/kal@1.1*1.08") is Split.TEST

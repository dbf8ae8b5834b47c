from dataclasses import dataclass, replace

import numpy as np
import pytest

from hocket.audio.levels import rms_db
from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.mix import Mixer, convolved, pink, room_tone, sound_of
from hocket.data.script import Role, Script, Sound, Stretch, Surroundings
from hocket.data.spans import Float32, Spans

RATE_HZ = 16_000


@dataclass(frozen=True)
class Tones:
    """One utterance: 0.5 s of tone, 0.5 s of silence, 0.5 s of tone, over a faint hiss."""

    def speech(self, source: str) -> Float32:
        tone_S = 0.1 * np.sin(np.arange(8_000) / 5)
        hiss_S = 1e-4 * np.random.default_rng(0).standard_normal(24_000)
        return np.asarray(np.concatenate([tone_S, np.zeros(8_000), tone_S]) + hiss_S, np.float32)

    def spans(self, source: str) -> Spans:
        return ((0, 8_000), (16_000, 24_000))

    def recording(self, source: str) -> str:
        return source

    def noise(self, name: str, n_samples: int, seed: int) -> Float32:
        return np.random.default_rng(seed).standard_normal(n_samples, dtype=np.float32)

    def response(self, name: str) -> Float32:
        return np.array([1, 0, 0.5], np.float32)


SOUND = Sound(start=16_000, source="x", role=Role.TURN, spans=((16_000, 24_000), (32_000, 40_000)))
SCRIPT = Script(
    id="s",
    split="train",
    set="synthetic",
    voice="v",
    engine="e",
    seed=3,
    n_ticks=25,
    sounds=(SOUND,),
    lines=(),
    turn_ends=(),
)
SILENT = np.zeros(SCRIPT.n_samples, np.float32)


def lane(script: Script, agent: Float32 = SILENT) -> Float32:
    mixer = Mixer(script, Tones())
    ends = [(tick + 1) * TICK_USER_SAMPLES for tick in range(script.n_ticks)]
    return np.concatenate([mixer.tick(tick, agent[:end]) for tick, end in enumerate(ends)])


def through(**kind: object) -> Script:
    return replace(SCRIPT, surroundings=Surroundings(**kind))  # type: ignore[arg-type]


def test_a_stretch_is_cut_into_the_silence_and_speech_stays_as_it_was() -> None:
    stretched = replace(SOUND, stretches=(Stretch(after_span=0, n_samples=5_000),))
    made, plain = sound_of(SCRIPT, 0, stretched, Tones()), Tones().speech("x")
    assert len(made) == len(plain) + 5_000
    assert np.array_equal(made[:8_000], plain[:8_000])
    assert np.abs(made[10_000:20_000]).max() < 1e-3
    assert np.array_equal(made[-8_000:-400], plain[-8_000:-400])


def test_silence_in_a_pause_and_behind_the_end_are_the_same() -> None:
    mixed = lane(
        replace(
            SCRIPT, sounds=(replace(SOUND, stretches=(Stretch(after_span=0, n_samples=20_000),)),)
        )
    )
    pause_db, end_db = rms_db(mixed[30_000:44_000]), rms_db(mixed[62_000:76_000])
    assert pause_db == pytest.approx(end_db, abs=1.0)
    assert pause_db < -50


def test_a_sound_stands_where_the_script_says() -> None:
    level = [rms_db(tick_S) for tick_S in lane(SCRIPT).reshape(-1, TICK_USER_SAMPLES)]
    loud = [tick for tick, level_db in enumerate(level) if level_db > -40]
    assert loud == [5, 6, 7, 10, 11, 12]


def test_the_echo_comes_late_and_softer() -> None:
    agent = SILENT.copy()
    agent[48_000] = 1.0
    difference = lane(through(echo_db=-20.0, echo_delay_s=0.1), agent) - lane(through(), agent)
    assert int(np.argmax(np.abs(difference))) == 48_000 + 1_600
    assert np.max(np.abs(difference)) == pytest.approx(0.1, abs=1e-3)


def test_background_noise_lies_under_the_speech_by_the_ratio() -> None:
    noisy = lane(through(noise="n", snr_db=10.0))
    assert rms_db(noisy[60_000:]) == pytest.approx(-33.0, abs=0.5)  # speech is at -23 dBFS


def test_room_tone_sounds_like_the_silence_between_words() -> None:
    tone = room_tone(Tones(), "x", 32_000, np.random.default_rng(0))
    assert rms_db(tone) == pytest.approx(-80, abs=1.5)
    assert np.isfinite(tone).all()


def test_a_readers_silence_is_never_digital() -> None:
    mixed = lane(replace(SCRIPT, engine="reader", sounds=(replace(SOUND, voice="v"),)))
    assert rms_db(mixed[:15_000]) == pytest.approx(-80, abs=1.5)
    assert rms_db(mixed[45_000:]) == pytest.approx(-80, abs=1.5)


def test_convolution_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(300).astype(np.float32), rng.standard_normal(40).astype(np.float32)
    assert np.allclose(convolved(a, b), np.convolve(a, b), atol=1e-4)


def test_pink_noise_falls_three_decibels_an_octave() -> None:
    power = np.abs(np.fft.rfft(pink(1 << 17, np.random.default_rng(0)))) ** 2
    ratio = power[8_000:16_000].mean() / power[16_000:32_000].mean()
    assert 10 * np.log10(ratio) == pytest.approx(3, abs=0.3)

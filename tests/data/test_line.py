"""The line: converter, codecs, lost pieces, late ones."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hocket.audio.levels import rms_db
from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.lateness import MARGIN, arrival, made_late
from hocket.data.line import Line, sources
from hocket.data.script import Codec, Late, Role, Script, Sound, Surroundings
from hocket.data.script import Line as Spoken
from hocket.data.spans import Float32

TICKS = 20
N = TICKS * TICK_USER_SAMPLES
HELD = (Late(at=10_000, n_samples=3_000, caught_up=20_000),)


def tone(n: int = N) -> Float32:
    """A note that swells and falls, so that it can be found again in time."""
    time_S = np.arange(n) / 16_000
    return np.asarray(
        0.1 * np.sin(2 * np.pi * 300 * time_S) * np.sin(2 * np.pi * time_S), np.float32
    )


def carried(samples_S: Float32, **around: object) -> Float32:
    line = Line(Surroundings(**around), len(samples_S), seed=1)  # type: ignore[arg-type]
    ticks = samples_S.reshape(-1, TICK_USER_SAMPLES)
    return np.concatenate([line.carry(number, tick) for number, tick in enumerate(ticks)])


def delay_of(out_S: Float32, in_S: Float32) -> int:
    """Samples by which the one comes behind the other."""
    size = 2 * len(in_S)
    product = np.fft.rfft(out_S, size) * np.conj(np.fft.rfft(in_S, size))
    return int(np.argmax(np.fft.irfft(product, size)))


def test_without_anything_what_comes_out_is_what_went_in() -> None:
    assert np.array_equal(carried(tone()), tone())


@pytest.mark.parametrize("codec", [Codec.TELEPHONE, Codec.OPUS])
def test_a_codec_keeps_the_sound_and_its_length_and_holds_back_20_ms_or_more(codec: Codec) -> None:
    out = carried(tone(), codec=codec)
    assert len(out) == N
    assert rms_db(out) == pytest.approx(rms_db(tone()), abs=1.0)
    assert 320 <= delay_of(out, tone()) <= 480
    assert np.array_equal(out, carried(tone(), codec=codec))


@pytest.mark.parametrize("codec", list(Codec))
def test_a_tick_depends_on_nothing_behind_its_end(codec: Codec) -> None:
    other = tone()
    other[N // 2 :] = 0
    around = {"codec": codec, "late": HELD, "lost_share": 0.1}
    a, b = carried(tone(), **around), carried(other, **around)
    assert np.array_equal(a[: N // 2], b[: N // 2])
    assert not np.array_equal(a, b)


def test_what_is_louder_than_the_microphone_takes_is_clipped_before_the_gain() -> None:
    out = carried(tone(), ceiling_db=-26.0, gain_db=6.0)
    assert np.abs(out).max() == pytest.approx(10 ** (-20 / 20), rel=1e-3)
    assert (np.abs(out) > 0.0999).mean() > 0.2
    assert np.abs(carried(tone(), gain_db=40.0)).max() == 1.0


def test_lost_pieces_are_silence() -> None:
    out = carried(np.full(N, 0.1, np.float32), lost_share=0.3).reshape(-1, 320)
    assert 0.1 < (out == 0).all(axis=1).mean() < 0.5
    assert ((out == 0).all(axis=1) | (out != 0).all(axis=1)).all()


def test_late_pieces_arrive_whole_behind_a_silence_and_the_line_catches_up() -> None:
    sent = np.linspace(0.1, 0.9, N, dtype=np.float32)
    out = carried(sent, late=HELD)
    assert np.array_equal(out[:10_000], sent[:10_000])
    assert not out[10_000:13_000].any()
    assert np.array_equal(out[13_000:23_000], sent[10_000:20_000])
    assert np.array_equal(out[23_000:], sent[23_000:])


def test_arrival_says_where_a_sample_is_found_again() -> None:
    source_S: NDArray[np.int64] = sources(HELD, N)
    for sample in (0, 9_999, 10_000, 15_000, 19_999, 23_000, N - 1):
        assert source_S[arrival(sample, HELD)] == sample
    assert source_S[arrival(21_000, HELD)] == 23_000  # left out: the moment after


def sounding(*onsets: int) -> Script:
    """Sounds of two seconds, and an answer 0.3 s behind the first."""
    spans = [((onset, onset + 32_000),) for onset in onsets]
    sounds = tuple(Sound(start=s[0][0] - 400, source="x", role=Role.TURN, spans=s) for s in spans)
    return Script(
        id="s",
        split="train",
        set="duplex",
        voice="v",
        engine="e",
        seed=1,
        n_ticks=100,
        sounds=sounds,
        lines=(Spoken(start=spans[0][0][1] + 4_800, texts=("Yes.",), n_samples=8_000),),
        turn_ends=(spans[0][0][1],),
    )


def test_a_script_made_late_tells_the_times_of_the_lane() -> None:
    script, n_late = sounding(16_000, 120_000, 160_000), 0
    for seed in range(40):
        made = made_late(script, np.random.default_rng(seed))
        late = made.surroundings.late
        n_late += len(late)
        source_S = sources(late, script.n_samples)
        for was, now in zip(script.sounds, made.sounds, strict=True):
            assert source_S[now.onset] == was.onset
            assert source_S[now.end - 1] == was.end - 1
            assert now.start == was.start  # of its samples at the microphone
        gap = made.lines[0].start - made.turn_ends[0]
        assert gap == 4_800
        for each in late:
            following = [s.start for s in script.sounds if s.start > each.at]
            assert each.caught_up + each.n_samples + MARGIN == min([*following, script.n_samples])
    assert 20 < n_late < 100


def test_a_noise_made_late_keeps_its_length() -> None:
    noise = Sound(start=16_000, source="door", role=Role.NOISE, spans=((16_000, 48_000),))
    script = replace(sounding(100_000), sounds=(noise, *sounding(100_000).sounds))
    for seed in range(20):
        made = made_late(script, np.random.default_rng(seed)).sounds[0]
        assert made.end - made.onset == 32_000

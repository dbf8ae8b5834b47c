import itertools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.engine.agreement import key
from hocket.engine.ears import MoonshineEars
from hocket.engine.port import FEATURES_SHAPE, Ears, EarsStream, Float32, HeardTick
from hocket.weights.store import path_of

pytestmark = pytest.mark.models

TICK = 3_200
CLIP = Path(__file__).parents[1] / "clips" / "reader.flac"
TEXT = (
    "everything was made ready for the wedding the doctor on being consulted declared that it "
    "might take place in february it was then december a few ravishing weeks of perfect happiness "
    "passed"
)
SAID = TEXT.split()


@pytest.fixture(scope="module")
def ears() -> MoonshineEars:
    return MoonshineEars.load(path_of("moonshine-tiny-en/encoder_model.ort").parent)


@pytest.fixture(scope="module")
def reader() -> Float32:
    samples: Float32 = soundfile.read(CLIP, dtype="float32")[0]
    return samples


@pytest.fixture(scope="module")
def heard_once(ears: MoonshineEars, reader: Float32) -> list[HeardTick]:
    return hear(ears.open(), reader, silence(2.0))


def silence(seconds: float, level_db: float = -70, seed: int = 1) -> Float32:
    noise = np.random.default_rng(seed).standard_normal(int(seconds * 16_000))
    return (noise * 10 ** (level_db / 20)).astype(np.float32)


def hear(stream: EarsStream, *sounds: Float32) -> list[HeardTick]:
    samples = np.concatenate(sounds)
    return [stream.step(samples[i : i + TICK]) for i in range(0, samples.size - TICK + 1, TICK)]


def heard_words(ticks: Iterable[HeardTick]) -> list[str]:
    return [key(word) for tick in ticks for word in tick.heard]


def word_errors(heard: list[str], said: list[str]) -> int:
    row = list(range(len(said) + 1))
    for i, left in enumerate(heard, 1):
        above, row = row, [i]
        for j, right in enumerate(said, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right)))
    return row[-1]


def equal(left: list[HeardTick], right: list[HeardTick]) -> bool:
    return len(left) == len(right) and all(
        a.heard == b.heard
        and a.tentative == b.tentative
        and a.level_db == b.level_db
        and np.array_equal(a.features, b.features)
        for a, b in zip(left, right, strict=True)
    )


def test_ears_fill_their_port(ears: MoonshineEars) -> None:
    port: Ears = ears
    tick = port.open().step(np.zeros(TICK, np.float32))
    assert tick.features.shape == FEATURES_SHAPE
    assert tick.features.dtype == np.float32
    assert tick.level_db == -90


def test_a_recording_longer_than_the_window_is_heard_whole(heard_once: list[HeardTick]) -> None:
    assert word_errors(heard_words(heard_once), SAID) <= 4


def test_every_word_is_agreed_in_the_end(heard_once: list[HeardTick]) -> None:
    assert heard_once[-1].tentative == ()


def test_words_come_while_they_are_spoken(heard_once: list[HeardTick]) -> None:
    # "Everything was made ready" is over at 1.4 s
    assert heard_words(heard_once[:10])[:4] == SAID[:4]


def test_a_word_is_agreed_only_after_it_was_tentative(heard_once: list[HeardTick]) -> None:
    for before, after in itertools.pairwise(heard_once):
        newly = [key(word) for word in after.heard]
        assert newly == [key(word) for word in before.tentative][: len(newly)]


def test_the_same_samples_give_the_same_ticks(
    ears: MoonshineEars, reader: Float32, heard_once: list[HeardTick]
) -> None:
    assert equal(hear(ears.open(), reader[: 6 * 16_000]), heard_once[:30])


def test_streams_do_not_touch_each_other(
    ears: MoonshineEars, reader: Float32, heard_once: list[HeardTick]
) -> None:
    streams = ears.open(), ears.open()
    ticks: tuple[list[HeardTick], list[HeardTick]] = ([], [])
    for i in range(0, 4 * 16_000, TICK):
        ticks[0].append(streams[0].step(reader[i : i + TICK]))
        ticks[1].append(streams[1].step(reader[i + 80_000 : i + 80_000 + TICK]))
    assert equal(ticks[0], heard_once[:20])
    assert equal(ticks[1], hear(ears.open(), reader[80_000 : 80_000 + 4 * 16_000]))


def test_a_snapshot_continues_exactly(ears: MoonshineEars, reader: Float32) -> None:
    stream = ears.open()
    hear(stream, reader[: 4 * 16_000])
    snapshot = stream.snapshot()
    first = hear(stream, reader[64_000 : 64_000 + 3 * 16_000])
    stream.restore(snapshot)
    again = hear(stream, reader[64_000 : 64_000 + 3 * 16_000])
    other = ears.open()
    other.restore(snapshot)
    assert equal(first, again)
    assert equal(first, hear(other, reader[64_000 : 64_000 + 3 * 16_000]))


def test_a_tick_depends_on_the_past_alone(
    ears: MoonshineEars, reader: Float32, heard_once: list[HeardTick]
) -> None:
    other = hear(ears.open(), reader[: 3 * 16_000], silence(1.0, -20))
    assert equal(other[:15], heard_once[:15])


def test_quiet_speech_is_heard(ears: MoonshineEars, reader: Float32) -> None:
    ticks = hear(ears.open(), reader * np.float32(10 ** (-32 / 20)), silence(2.0, -90))
    assert max(tick.level_db for tick in ticks) < -40
    assert word_errors(heard_words(ticks), SAID) <= 6


def test_speech_in_noise_is_heard(ears: MoonshineEars, reader: Float32) -> None:
    level_db = 10 * float(np.log10(np.mean(reader**2)))
    noise = silence(reader.size / 16_000 + 2.0, level_db - 15)
    ticks = hear(ears.open(), np.concatenate([reader, np.zeros(32_000, np.float32)]) + noise)
    assert word_errors(heard_words(ticks), SAID) <= 8


@pytest.mark.parametrize("level_db", [-200, -70, -50, -30, -15])
def test_no_words_are_invented_on_steady_noise(ears: MoonshineEars, level_db: float) -> None:
    assert heard_words(hear(ears.open(), silence(4.0, level_db))) == []


def test_words_after_a_pause_are_neither_lost_nor_doubled(
    ears: MoonshineEars, reader: Float32
) -> None:
    piece = reader[: int(2.6 * 16_000)]  # "Everything was made ready for the wedding."
    ticks = hear(ears.open(), piece, silence(0.7), piece, silence(1.5), piece, silence(2.0))
    assert word_errors(heard_words(ticks), SAID[:7] * 3) <= 2


def test_a_tick_of_another_length_is_refused(ears: MoonshineEars) -> None:
    with pytest.raises(ValueError, match="3200"):
        ears.open().step(np.zeros(1_600, np.float32))


def test_a_snapshot_of_something_else_is_refused(ears: MoonshineEars) -> None:
    with pytest.raises(TypeError, match="EarsState"):
        ears.open().restore({})

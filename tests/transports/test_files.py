import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocket.core.errors import BadAudio, SessionMisuse
from hocket.transports.files import Recording, audio_sha256


def tone(rate_hz: int, seconds: float = 1.0, level: float = 0.5) -> np.ndarray:
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    return (level * np.sin(2 * np.pi * 300 * t)).astype(np.float32)


def saved(path: Path, samples: np.ndarray, rate_hz: int = 16_000, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


def heard(path: Path) -> tuple[np.ndarray, list[str]]:
    recording = Recording(path)
    ticks = list(recording.ticks())
    assert all(t.shape == (3200,) and t.dtype == np.float32 for t in ticks)
    joined = np.concatenate(ticks)
    assert np.isfinite(joined).all() and np.abs(joined).max() <= 1
    return joined, recording.notices


def test_a_16_khz_mono_recording_comes_as_it_is(tmp_path: Path) -> None:
    samples = tone(16_000, 1.1)
    got, notices = heard(saved(tmp_path / "a.wav", samples))
    assert notices == []
    assert len(got) == 6 * 3200
    np.testing.assert_allclose(got[: len(samples)], samples, atol=1e-4)
    assert not got[len(samples) :].any()


USABLE = {
    "48 kHz": (48_000, "PCM_16", "48000 Hz: resampled"),
    "96 kHz 24 bit": (96_000, "PCM_24", "96000 Hz: resampled"),
    "44.1 kHz": (44_100, "PCM_16", "44100 Hz: resampled"),
    "8 kHz mu-law": (8_000, "ULAW", "8000 Hz: resampled"),
    "8 bit": (16_000, "PCM_U8", "8-bit samples"),
    "float": (16_000, "FLOAT", "floating-point samples"),
    "double": (16_000, "DOUBLE", "floating-point samples"),
}


@pytest.mark.parametrize(("rate_hz", "subtype", "notice"), USABLE.values(), ids=USABLE.keys())
def test_an_unusual_recording_is_used_with_a_notice(
    tmp_path: Path, rate_hz: int, subtype: str, notice: str
) -> None:
    got, notices = heard(saved(tmp_path / "a.wav", tone(rate_hz), rate_hz, subtype))
    assert len(notices) == 1 and notices[0].startswith(notice)
    assert np.abs(got - tone(16_000))[400:-400].max() < 0.02


def test_stereo_is_averaged_with_a_notice(tmp_path: Path) -> None:
    left = tone(16_000)
    got, notices = heard(saved(tmp_path / "a.wav", np.stack([left, 0 * left], axis=1)))
    assert notices == ["2 channels: averaged down to one"]
    np.testing.assert_allclose(got, left / 2, atol=1e-4)


def test_what_is_no_number_becomes_silence_and_is_counted(tmp_path: Path) -> None:
    samples = tone(16_000)
    samples[100:103] = [np.nan, np.inf, -np.inf]
    got, notices = heard(saved(tmp_path / "a.wav", samples, subtype="FLOAT"))
    assert notices[1:] == ["3 samples are no numbers (NaN or infinite): silence there"]
    assert not got[100:103].any() and got[103] != 0


def test_a_recording_of_nothing_but_nan_is_silence(tmp_path: Path) -> None:
    samples = np.full((4800, 2), np.nan, np.float32)
    got, notices = heard(saved(tmp_path / "a.wav", samples, 48_000, "FLOAT"))
    assert not got.any()
    assert any("9600 samples are no numbers" in notice for notice in notices)


def test_samples_beyond_full_scale_are_clipped_and_counted(tmp_path: Path) -> None:
    samples = tone(16_000, level=30_000.0)
    _, notices = heard(saved(tmp_path / "a.wav", samples, subtype="FLOAT"))
    assert "beyond full scale" in notices[-1]


def test_ten_milliseconds_are_one_tick(tmp_path: Path) -> None:
    got, notices = heard(saved(tmp_path / "a.wav", tone(16_000, 0.01)))
    assert (len(got), notices) == (3200, [])


def test_three_hours_are_never_in_memory_at_once(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    size = 3 * 3600 * 16_000 * 2
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1,
                       16_000, 32_000, 2, 16)  # fmt: skip
    with path.open("wb") as file:  # a hole: takes no disk
        file.write(head + struct.pack("<4sI", b"data", size))
        file.truncate(44 + size)
    recording = Recording(path)
    assert recording.duration_s == 10_800
    ticks = recording.ticks()
    assert all(next(ticks).shape == (3200,) for _ in range(20))


BROKEN = {
    "missing": (None, "which does not exist"),
    "empty file": (b"", "an empty file"),
    "text": (b"hello, I am no sound at all\n" * 50, "got .*: Format not recognised"),
    "half a header": (b"RIFF\x24\x00\x00\x00WAVEfm", "expected a recording"),
}


@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("name", ["a.wav", "a.raw"])
def test_what_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, data: bytes | None, message: str, name: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    if data is not None and name == "a.raw":
        message = "none of them"
    with pytest.raises(BadAudio, match=message) as caught:
        Recording(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_folder_a_soundless_file_and_an_odd_rate_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="none of them"):
        Recording(tmp_path)
    with pytest.raises(BadAudio, match="no sound in it"):
        Recording(saved(tmp_path / "none.wav", np.zeros(0, np.float32)))
    with pytest.raises(BadAudio, match="expected a rate from 4000 to 384000 Hz, got 100 Hz"):
        Recording(saved(tmp_path / "slow.wav", np.zeros(50, np.float32), 100))


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    names = ("a.wav", "a.flac", "a.ogg")
    for name in names:
        soundfile.write(folder / name, tone(16_000, 0.5), 16_000)
    return {name: (folder / name).read_bytes() for name in names}


@given(data=st.data())
@settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_file_is_used_or_refused_but_never_crashes(
    data: st.DataObject, whole_files: dict[str, bytes], tmp_path: Path
) -> None:
    name = data.draw(st.sampled_from(sorted(whole_files)))
    damaged = bytearray(whole_files[name])
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, min(200, len(damaged) - 1)))] = data.draw(
            st.integers(0, 255)
        )
    path = tmp_path / name
    path.write_bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    try:
        recording = Recording(path)
        if recording.rate_hz % 1000 == 0 and recording.duration_s < 60:
            for _ in recording.ticks():
                pass
    except BadAudio as error:
        assert "\n" not in str(error)


def test_the_hash_is_of_the_sound_and_not_of_the_container(tmp_path: Path) -> None:
    samples = (tone(16_000) * 30_000).astype(np.int16)
    wav = audio_sha256(saved(tmp_path / "a.wav", samples))
    assert audio_sha256(saved(tmp_path / "a.flac", samples)) == wav
    assert audio_sha256(saved(tmp_path / "b.wav", samples, 8_000)) != wav
    samples[7] += 1
    assert audio_sha256(saved(tmp_path / "c.wav", samples)) != wav


def test_the_hash_is_known_only_after_the_last_tick(tmp_path: Path) -> None:
    recording = Recording(saved(tmp_path / "a.wav", tone(16_000)))
    with pytest.raises(SessionMisuse, match="to its end"):
        _ = recording.sha256
    list(recording.ticks())
    assert recording.sha256 == audio_sha256(tmp_path / "a.wav")


def test_reading_twice_gives_the_same_sound_and_the_same_notices(tmp_path: Path) -> None:
    samples = tone(48_000)
    samples[5] = np.nan
    recording = Recording(saved(tmp_path / "a.wav", samples, 48_000, "FLOAT"))
    first = np.concatenate(list(recording.ticks()))
    notices = list(recording.notices)
    np.testing.assert_array_equal(np.concatenate(list(recording.ticks())), first)
    assert recording.notices == notices

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.errors import StorageError
from hocket.transports.wav import MAX_SAMPLES, WavWriter


@contextmanager
def disk_that_takes(n_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_written_in_pieces_reads_back_whole(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 10_000).astype(np.float32)
    with WavWriter(tmp_path / "agent.wav", rate_hz=22_050) as wav:
        for piece in np.array_split(samples, 7):
            wav.write(piece)
        assert not (tmp_path / "agent.wav").exists()
    got, rate_hz = soundfile.read(tmp_path / "agent.wav", dtype="float32")
    assert rate_hz == 22_050
    np.testing.assert_allclose(got, samples, atol=1 / 32_768)
    assert [path.name for path in tmp_path.iterdir()] == ["agent.wav"]


def test_an_empty_lane_is_a_valid_file(tmp_path: Path) -> None:
    WavWriter(tmp_path / "a.wav", rate_hz=22_050).close()
    assert soundfile.info(tmp_path / "a.wav").frames == 0


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"the old one")
    wav = WavWriter(tmp_path / "a.wav", rate_hz=22_050)
    with disk_that_takes(10_000), pytest.raises(StorageError, match=r"a\.wav, got: File too large"):
        for _ in range(10):
            wav.write(np.zeros(2000, np.float32))
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"the old one"


def test_an_exception_leaves_nothing_half_written(tmp_path: Path) -> None:
    with pytest.raises(KeyError), WavWriter(tmp_path / "a.wav", rate_hz=8000) as wav:
        wav.write(np.zeros(100, np.float32))
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        WavWriter(tmp_path / "no" / "a.wav", rate_hz=8000)
    with pytest.raises(StorageError, match="something else"):
        WavWriter(tmp_path, rate_hz=8000)
    with pytest.raises(StorageError, match="something else"):
        WavWriter(Path("/dev/null"), rate_hz=8000)
    assert list(tmp_path.iterdir()) == []


def test_a_lane_longer_than_a_wav_can_say_is_refused(tmp_path: Path) -> None:
    wav = WavWriter(tmp_path / "a.wav", rate_hz=8000)
    wav.n_samples = MAX_SAMPLES
    with pytest.raises(StorageError, match="expected at most"):
        wav.write(np.zeros(1, np.float32))
    assert list(tmp_path.iterdir()) == []

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.cli import talk as talk_command
from hocket.cli.main import outcome
from hocket.core.errors import BadInput
from hocket.engine.fake import FakeEars, FakeEngine, FakeVoice, decision
from hocket.engine.worker import Worker
from hocket.protocol.floor import Floor
from hocket.recipes import engines
from hocket.transports.scores import load_score
from hocket.weights import store

TONE = (0.1 * np.sin(np.arange(48_000) / 20)).astype(np.float32)


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    def worker(path_of: Callable[[str], Path], name: str) -> Worker:
        engine = FakeEngine({3: decision(Floor.SPEAK, "Yes, I hear you.")})
        return Worker(ears=FakeEars({2: ("hello",)}), engine=engine, voice=FakeVoice())

    monkeypatch.setattr(engines, "worker", worker)
    monkeypatch.setattr(store, "ensure", lambda names: [])


def write(path: Path, samples: object = TONE, rate_hz: int = 16_000, **kind: str) -> Path:
    soundfile.write(path, samples, rate_hz, **kind)
    return path


def run(user: Path, folder: Path, *options: str) -> int:
    lane, score = folder / "agent.wav", folder / "score.jsonl"
    return outcome(["talk", str(user), "--out", str(lane), "--score", str(score), *options])


GOOD: dict[str, Callable[[Path], Path]] = {
    "plain": lambda p: write(p),
    "stereo": lambda p: write(p, np.stack([TONE, TONE], axis=1)),
    "8-bit": lambda p: write(p, subtype="PCM_U8"),
    "float": lambda p: write(p, subtype="FLOAT"),
    "96 kHz": lambda p: write(p, np.repeat(TONE, 6), 96_000),
    "NaN": lambda p: write(p, np.where(np.arange(48_000) % 7, TONE, np.nan), subtype="FLOAT"),
    "10 ms": lambda p: write(p, TONE[:160]),
}


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("kind", GOOD)
def test_odd_recordings_are_used(kind: str, tmp_path: Path) -> None:
    user = GOOD[kind](tmp_path / "user.wav")
    assert run(user, tmp_path) == 0
    score = load_score(tmp_path / "score.jsonl")
    assert [word.word for line in score.ticks for word in line.said] == [
        "Yes,",
        "I",
        "hear",
        "you.",
    ]
    lane, rate_hz = soundfile.read(tmp_path / "agent.wav")
    assert rate_hz == 22_050
    assert np.isfinite(lane).all()
    assert np.abs(lane).max() > 0.1


def broken(path: Path) -> Path:
    path.write_bytes(b"RIFF\x00\x00garbage" * 10)
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


BAD: dict[str, Callable[[Path], Path]] = {
    "broken": broken,
    "empty file": empty,
    "no sound": lambda p: write(p, TONE[:0]),
    "a folder": folder,
    "missing": lambda p: p,
}


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_used_is_refused_in_one_line(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    user = BAD[kind](tmp_path / "user.wav")
    assert run(user, tmp_path) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("hocket: expected")
    assert "\n" not in error
    assert sorted(p.name for p in tmp_path.iterdir()) in ([], ["user.wav"])


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    "options",
    [["--model", "nobody"], ["--text", "hello"], ["--mode", "loud"], ["--frob"], ["--seed", "x"]],
)
def test_bad_options_are_refused_in_one_line(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(write(tmp_path / "user.wav"), tmp_path, *options) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "agent.wav").exists()


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("option", ["--out", "--score"])
def test_a_full_disk_is_said_and_leaves_nothing_half_written(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    folder = tmp_path / "gone"
    assert run(write(tmp_path / "user.wav"), tmp_path, option, str(folder / "file")) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["user.wav"]


@pytest.mark.usefixtures("fake_models")
def test_typed_text_reaches_the_session(tmp_path: Path) -> None:
    assert run(write(tmp_path / "user.wav"), tmp_path, "--text", "@1.5s: hello there") == 0
    score = load_score(tmp_path / "score.jsonl")
    assert score.ticks[7].user.text == "hello there\n"


def test_timed_text_says_what_it_expects() -> None:
    with pytest.raises(BadInput, match="expected --text"):
        talk_command.timed_text("at two: hello")


def test_missing_models_that_cannot_be_fetched_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocket.core.errors import ModelFileError

    def ensure(names: object) -> list[Path]:
        raise ModelFileError("moonshine-tiny-en/encoder_model.ort could not be fetched")

    monkeypatch.setattr(store, "ensure", ensure)
    assert run(write(tmp_path / "user.wav"), tmp_path) == 2
    assert "could not be fetched" in capsys.readouterr().err
    assert not (tmp_path / "score.jsonl").exists()


@pytest.mark.models
@pytest.mark.parametrize("harm", ["truncated", "altered"])
def test_a_harmed_model_file_is_found_and_said(
    harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = store.home()
    monkeypatch.setenv("HOCKET_HOME", str(tmp_path / "home"))
    for name in engines.recipe("cascade-vad").files:
        target = tmp_path / "home" / "weights" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(home / "weights" / name)
    vad = tmp_path / "home" / "weights" / "silero-vad" / "silero_vad.onnx"
    data = vad.read_bytes()
    vad.unlink()
    vad.write_bytes(data[: len(data) // 2] if harm == "truncated" else b"\0" * len(data))
    assert outcome(["models", "verify", "silero-vad"]) == 1
    assert harm in capsys.readouterr().out.lower()

"""The main job with real models: a recording in, a spoken conversation and its score out."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.audio.resample import resample
from hocket.cli.main import outcome
from hocket.protocol.score import Score, ScoreTick
from hocket.transports.scores import load_score
from hocket.weights import store

EXAMPLE = Path(__file__).parents[2] / "examples" / "conversation.flac"

pytestmark = pytest.mark.models


def talk(folder: Path, *options: str, user: Path = EXAMPLE) -> tuple[Path, Score]:
    lane, score = folder / "agent.wav", folder / "score.jsonl"
    arguments = ["talk", str(user), "--out", str(lane), "--score", str(score), *options]
    assert outcome(arguments) == 0
    return lane, load_score(score)


def heard_in(path: Path, start_s: float, end_s: float) -> str:
    """What an independent recogniser understands of a piece of a recording."""
    from faster_whisper import WhisperModel

    folder = store.path_of("whisper-base/model.bin").parent
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    samples, rate_hz = soundfile.read(path, dtype="float32")
    piece = resample(samples[int(start_s * rate_hz) : int(end_s * rate_hz)], rate_hz, 16_000)
    segments, _ = model.transcribe(piece, language="en", beam_size=1)
    return " ".join(segment.text for segment in segments).lower()


@pytest.fixture(scope="module", params=["cascade-vad", "cascade-smart-turn", "hocket-135m"])
def talked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Score]:
    model = str(request.param)
    return talk(tmp_path_factory.mktemp(model), "--model", model, "--compute", "constant")


def test_a_question_gets_an_audible_relevant_answer(talked: tuple[Path, Score]) -> None:
    lane, score = talked
    answer = [w for line in score.ticks for w in line.said if line.t < 7.0]
    start_s, end_s = answer[0].start_s, answer[-1].end_s
    samples, rate_hz = soundfile.read(lane, dtype="float32")
    piece = samples[int(start_s * rate_hz) : int(end_s * rate_hz)]
    level_db = 10 * np.log10(np.mean(piece**2))
    assert -30 < level_db < -12
    assert "paris" in heard_in(lane, start_s - 0.2, end_s + 0.3)


def test_the_lane_is_in_step_with_the_recording(talked: tuple[Path, Score]) -> None:
    lane, score = talked
    samples, rate_hz = soundfile.read(lane, dtype="float32")
    duration_s = soundfile.info(EXAMPLE).duration
    assert duration_s - 0.2 <= len(samples) / rate_hz <= duration_s + 10.2
    first = next(word for line in score.ticks for word in line.said)
    sounding = np.flatnonzero(np.abs(samples) > 0.01)
    # Piper begins a phrase with up to a third of a second of near-silence.
    assert (
        0 <= sounding[0] / rate_hz - first.start_s < 0.35
        or abs(sounding[0] / rate_hz - first.start_s) < 0.05
    )


def test_no_tick_is_without_a_reason_and_no_sample_without_a_permit(
    talked: tuple[Path, Score],
) -> None:
    _, score = talked
    assert score.totals is not None
    assert score.totals.samples_without_permit == 0
    assert all(line.permit.reason for line in score.ticks)
    assert score.totals.responses


def test_the_trained_model_answers_soon_and_speaks_into_no_turn(tmp_path: Path) -> None:
    _, score = talk(tmp_path, "--model", "hocket-135m", "--compute", "constant")
    assert score.totals is not None
    assert len(score.totals.responses) >= 3
    assert 0.0 < float(np.median(score.totals.responses)) < 1.2  # s, on a virtual clock
    starts = [before.t for before, line in pairwise(score.ticks) if onset(before, line)]
    spoken = [line.t for line in score.ticks if line.user.level_db > -35]
    assert starts
    for start in starts:  # nobody is cut off: within a second nobody speaks on
        assert not [t for t in spoken if start + 0.4 < t < start + 1.0]


def test_a_gain_control_that_settles_does_not_silence_it(tmp_path: Path) -> None:
    """Browsers' first words come up to 15 dB louder, and clipped, than all that follow."""
    samples, rate_hz = soundfile.read(EXAMPLE, dtype="float32")
    samples[: int(2.9 * rate_hz)] *= 3.5
    user = tmp_path / "user.wav"
    soundfile.write(user, np.clip(samples, -1, 1), rate_hz, subtype="PCM_16")
    _, score = talk(tmp_path, "--model", "hocket-135m", "--compute", "constant", user=user)
    said = [word for line in score.ticks for word in line.said]
    for asked_s, by_s in ((2.6, 6.0), (8.5, 11.5), (14.6, 18.0)):  # ends of the first questions
        assert [word for word in said if asked_s < word.start_s < by_s], asked_s


def onset(before: ScoreTick, line: ScoreTick) -> bool:
    return line.floor == "speak" and before.floor == "listen"


def test_an_interruption_stops_the_agent(tmp_path: Path) -> None:
    _, score = talk(tmp_path, "--model", "cascade-vad", "--compute", "constant")
    yields = [line for line in score.ticks if line.floor == "yield"]
    assert yields
    assert not yields[0].sent_samples
    assert any(event.kind == "interrupted" for line in score.ticks for event in line.events)


def test_two_runs_with_a_constant_charge_are_equal_and_replay_finds_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lanes = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        lane, _ = talk(tmp_path / name, "--compute", "constant")
        lanes.append((lane.read_bytes(), (tmp_path / name / "score.jsonl").read_bytes()))
    assert lanes[0] == lanes[1]
    score = str(tmp_path / "first" / "score.jsonl")
    for _ in range(2):
        assert outcome(["replay", score]) == 0
    assert "same decisions" in capsys.readouterr().out


def test_a_measured_session_replays_equal_and_a_changed_decision_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(tmp_path, "--model", "cascade-vad")
    path = tmp_path / "score.jsonl"
    assert outcome(["replay", str(path)]) == 0
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if '"floor":"speak"' in line)
    lines[at] = lines[at].replace('"floor":"speak"', '"floor":"listen"')
    path.write_text("\n".join(lines) + "\n")
    capsys.readouterr()
    assert outcome(["replay", str(path)]) == 1
    assert f"tick {at - 1}: floor was 'listen', is 'speak'" in capsys.readouterr().out

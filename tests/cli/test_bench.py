"""``hocket bench``: what it refuses, how results come together; with models: a scene end to end."""

from pathlib import Path

import pytest

from hocket.cli import bench
from hocket.cli.main import outcome
from hocket.core.errors import BadInput
from hocket.data.formant_voices import FLITE, installed
from hocket.data.splits import Split
from hocket.evaluation.bench.merging import merged
from hocket.evaluation.people import People
from hocket.evaluation.results import BenchResult, EngineResult, Shown, SuiteResult
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.scene import Anchor, Around, Move, Scene
from hocket.recipes import bench as recipe
from hocket.weights import store
from tests.evaluation.test_results import a_result


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nonsense"], "expected suites among turns, overlap"),
        (["turns", "--model", "nobody"], "expected an engine of cascade-vad, cascade-smart-turn"),
        (["turns", "--setting", "end_ms=fast"], "expected --setting NAME=NUMBER, got end_ms=fast"),
        (["turns", "--setting", "speed=3"], "expected settings among speak_p"),
        (["turns", "--without", "ears"], "expected inputs among words, sound, echo"),
        (["turns", "--quick", "--full"], "expected --quick or --full, got both"),
        (["turns", "--split", "train"], "expected --split test or validation, got train"),
        (["turns", "--compute", "measured"], "expected --jobs 1 with --compute measured"),
        (["turns", "--speech", "/nowhere"], "expected librispeech, meetings, rooms in /nowhere"),
        (["sweep", "--setting", "end_ms=500"], "expected no --setting or --without with sweep"),
        (["sweep", "--without", "words"], "expected no --setting or --without with sweep"),
        (["report", "--json", "/nowhere.json"], "expected a result of the bench in /nowhere.json"),
        (["voicebench", "--json", "/nowhere.json"], "expected a result of the bench in /nowhere"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_exit_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["bench", *arguments]) == 2
    assert expected in complaint(capsys)


def found(engine: str, *suites: str) -> BenchResult:
    each = {name: SuiteResult(suite=name, n_scenes=1) for name in suites}
    return a_result().model_copy(
        update={"engines": (EngineResult(engine=engine, suites=each),), "command": f"run {suites}"}
    )


def test_suites_and_engines_come_together_in_one_file(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    for result in (found("a", "turns"), found("b", "turns"), found("a", "overlap")):
        merged(path, result).write(path)
    kept = BenchResult.read(path)
    assert {engine.id: set(engine.suites) for engine in kept.engines} == {
        "a": {"turns", "overlap"},
        "b": {"turns"},
    }
    assert kept.minutes == pytest.approx(4.5)
    assert kept.command == "run ('turns',); run ('overlap',)"


def test_results_of_other_seeds_are_not_mixed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "result.json"
    found("a", "turns").write(path)
    other = found("a", "turns").model_copy(update={"seed": 2})
    with pytest.raises(BadInput, match="expected a result of the same seed"):
        merged(path, other)


# -- with models ----------------------------------------------------------------------------------


def a_nod(**_: object) -> tuple[Scene, ...]:
    """A question and a nod into its answer, in a voice that needs no model."""
    voice = "flite/kal16@1.0"
    desk = Desk(suite="overlap", seed=3, split=Split.TEST, people=People(voices=(voice,)))
    moves = [
        Move(sound=desk.turn("openings", voice), anchor=Anchor.START, after_s=0.5),
        Move(sound=desk.backchannel(voice), anchor=Anchor.VOICE, after_s=0.6),
    ]
    return (desk.scene("backchannel", moves, around=Around(hiss_db=-70.0)),)


@pytest.mark.models
@pytest.mark.skipif(not installed(FLITE), reason="flite says the texts")
def test_two_runs_give_the_same_table_and_the_second_plays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "scene_set", lambda *_, **more: a_nod())
    monkeypatch.setattr(recipe, "bench_bank", lambda: tmp_path / "bank")
    monkeypatch.setattr(store, "ensure", lambda *_: [])
    monkeypatch.setenv("HOCKET_DATA", str(tmp_path))
    runs: list[BenchResult] = []
    for number in range(2):
        folder = tmp_path / f"runs{number}"
        monkeypatch.setattr(bench, "runs_folder", lambda folder=folder: folder)
        path = tmp_path / f"{number}.json"
        arguments = ["overlap", "--model", "cascade-vad", "--jobs", "1", "--json", str(path)]
        assert outcome(["bench", *arguments]) == 0
        runs.append(BenchResult.read(path))
    first, second = (run.engines[0].suites["overlap"] for run in runs)
    assert first == second
    shown: Shown = first.tables["all"]["overlap"]["stop_latency_median_s"]
    assert shown.void + shown.n <= 1
    assert list((tmp_path / "runs0").rglob("truth.json"))

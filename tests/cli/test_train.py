from pathlib import Path

import pytest

pytest.importorskip("torch")

from hocket.cli.main import outcome
from hocket.cli.train import RECIPES
from hocket.model.duplex_config import Sound
from tests.training import toy

pytestmark = pytest.mark.training


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(RECIPES, "toy", lambda: toy.config(sound=Sound.FEATURES, words=False))
    toy.pack(tmp_path / "data", sessions=3)
    return tmp_path


def arguments(folder: Path, recipe: str, *more: str) -> list[str]:
    packs = ["--data", str(folder / "data"), "--validation", str(folder / "data")]
    return ["train", recipe, *packs, "--out", str(folder / "out"), "--threads", "1", *more]


def test_a_training_leaves_a_checkpoint_curves_and_a_card(
    packs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(arguments(packs, "toy", "--steps", "20")) == 0
    names = {path.name for path in (packs / "out").iterdir()}
    assert names == {
        "config.json",
        "model.safetensors",
        "training.safetensors",
        "curves.jsonl",
        "curves.png",
    }
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("step    20") and "positions/s" in lines[0]
    assert "accuracy" in lines[1] and lines[2] == str(packs / "out")


def test_it_goes_on_where_it_stopped(packs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(arguments(packs, "toy", "--steps", "1")) == 0
    assert outcome(arguments(packs, "toy", "--steps", "1")) == 2
    assert "--resume" in capsys.readouterr().err
    assert outcome(arguments(packs, "toy", "--steps", "2", "--resume")) == 0
    rows = (packs / "out" / "curves.jsonl").read_text().splitlines()
    assert sum('"kind": "train"' in row for row in rows) == 2


@pytest.mark.parametrize(
    ("recipe", "more", "message"),
    [
        ("none", (), "a recipe among floor-probe-words, floor-probe-sound"),
        ("toy", ("--minutes", "0"), "above 0"),
        ("toy", ("--data", "nowhere"), "expected a finished pack in nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    packs: Path,
    capsys: pytest.CaptureFixture[str],
    recipe: str,
    more: tuple[str, ...],
    message: str,
) -> None:
    assert outcome(arguments(packs, recipe, *more)) == 2
    complaint = capsys.readouterr().err
    assert message in complaint and complaint.count("\n") == 1

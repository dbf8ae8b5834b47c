import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

pytest.importorskip("torch")

from hocket.cli.main import outcome
from hocket.cli.train import RECIPES
from hocket.engine import shipped
from hocket.model.chat import END, START
from hocket.model.duplex_config import Sound
from hocket.training.export import export_words
from tests.training import toy

TINY_LLAMA = Path("tests/model/tiny-llama")
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


@pytest.mark.models
def test_a_language_model_of_ones_own_learns_from_the_same_packs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = shutil.copytree(TINY_LLAMA, tmp_path / "own")
    said = [{"start_s": 2, "end_s": 3, "text": "Yes.", "part": "answer", "whole": True, "line": 0}]
    one = toy.session(40, 1)
    about = {**one.about, "said": said, "conversation": "everyday-bus"}
    toy.write(tmp_path / "data", [replace(one, about=about)])
    vocabulary = {"<unk>": 0, START: 1, END: 2} | {f"w{n}": n for n in range(3, 48)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    base = ["--base", str(own)]

    tokenizer.save(str(own / "tokenizer.json"))
    assert outcome(arguments(tmp_path, "hocket-135m", "--steps", "2", *base)) == 2
    assert "expected a base of 384 positions, got 64" in capsys.readouterr().err
    shape = json.loads((own / "config.json").read_text()) | {"max_position_embeddings": 512}
    (own / "config.json").write_text(json.dumps(shape))
    assert outcome(arguments(tmp_path, "hocket-135m", "--steps", "2", *base)) == 0
    export_words(tmp_path / "out", tmp_path / "engine")
    assert shipped.base_of(tmp_path / "engine") == str(own)
    taught = shipped.language_model(tmp_path / "engine", own, cache=tmp_path / "cache")
    assert taught.config.vocab == 48 and not taught.config.interleaved

    other = [*base, "--start", "hocket-135m"]
    assert outcome(arguments(tmp_path, "hocket-135m", "--steps", "2", *other)) == 2
    assert "expected weights of this network" in capsys.readouterr().err

    (own / "tokenizer.json").write_text(Tokenizer(models.WordLevel({"a": 0}, "a")).to_str())
    assert outcome(arguments(tmp_path, "hocket-135m", "--steps", "2", *base)) == 2
    assert "expected a base whose turns are marked by <|im_start|>" in capsys.readouterr().err


def test_a_start_has_the_shape_of_what_begins(
    packs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(arguments(packs, "toy", "--start", "hocket-135m")) == 2
    assert "expected weights of this network" in capsys.readouterr().err


def test_another_base_is_for_language_models(
    packs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(arguments(packs, "toy", "--base", "x.gguf")) == 2
    assert "expected --base with hocket-135m" in capsys.readouterr().err

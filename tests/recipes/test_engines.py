"""Engines by name: baselines, and what was trained and exported on this machine."""

from pathlib import Path

import numpy as np
import pytest

from hocket.cli.main import outcome
from hocket.core.errors import BadInput, ModelFileError
from hocket.engine import shipped, small_file
from hocket.engine.interaction import InteractionSettings
from hocket.recipes import engines
from hocket.transports.scores import load_score
from hocket.weights import store

WIDTH = 576  # of the base model
EXAMPLE = Path("examples/conversation.flac")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models of this machine, and trained ones of the test's own."""
    trained = tmp_path / "trained"
    monkeypatch.setattr(engines, "learned_folder", lambda name: trained / name)
    monkeypatch.setattr(
        engines, "learned_names", lambda: tuple(sorted(p.name for p in trained.glob("*")))
    )
    return trained


def test_trained_models_are_known_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOCKET_HOME", str(tmp_path))
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "shipped")
    assert store.learned_names() == () and engines.names() == tuple(engines.BASELINES)
    for name in ("one", "another"):
        store.trained_folder(name).mkdir(parents=True)
    assert engines.names() == (*engines.BASELINES, "another", "one")
    assert engines.recipe("one").settings == InteractionSettings()
    with pytest.raises(BadInput, match=r"expected an engine of .*, another, one, got two"):
        engines.recipe("two")
    assert store.learned_folder("one") == store.trained_folder("one")
    (tmp_path / "shipped" / "one").mkdir(parents=True)  # what is shipped goes before one's own
    assert engines.names() == (*engines.BASELINES, "one", "another")
    assert store.learned_folder("one") == tmp_path / "shipped" / "one"


def test_thresholds_come_with_what_was_learned(home: Path) -> None:
    folder = home / "mine"
    folder.mkdir(parents=True)
    (folder / shipped.SETTINGS).write_text('{"speak_p": 0.7, "nods": ["yes"]}')
    settings = engines.settings_of("mine", {"yield_p": 0.25})
    assert settings == InteractionSettings(speak_p=0.7, yield_p=0.25, nods=("yes",))
    with pytest.raises(BadInput, match="expected settings among speak_p"):
        engines.settings_of("mine", {"nods": 1.0})
    (folder / shipped.SETTINGS).write_text('{"speak_p": "often"}')
    with pytest.raises(ModelFileError, match="expected settings in"):
        engines.recipe("mine")


def test_another_weight_or_threshold_is_another_hash(home: Path) -> None:
    folder = home / "mine"
    assert engines.learned("cascade-vad") == ""
    hashes = set()
    for number in (1, 2):
        for name in (shipped.FLOOR, shipped.WORDS):
            folder.mkdir(parents=True, exist_ok=True)
            small_file.write(folder / name, {"x": np.full(3, number, np.float32)}, {})
            hashes.add(engines.learned("mine") if (folder / shipped.WORDS).exists() else "")
    (folder / shipped.SETTINGS).write_text('{"speak_p": 0.7}')
    hashes.add(engines.learned("mine"))
    assert len(hashes) == 5


@pytest.mark.models
def test_one_talks_with_a_trained_model_and_replays_it(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from hocket.training.export import export_floor
    from tests.training.test_export import trained

    export_floor(trained(tmp_path), home / "mine")
    rng = np.random.default_rng(0)
    low = {"a": rng.normal(size=(4, WIDTH)), "b": 0.01 * rng.normal(size=(WIDTH, 4))}
    words = {f"layers.3.q.{name}": w.astype(np.float32) for name, w in low.items()}
    small_file.write(home / "mine" / shipped.WORDS, words, {})
    score = tmp_path / "score.jsonl"
    options = ["--model", "mine", "--clock", "virtual", "--compute", "constant"]
    said = ["talk", str(EXAMPLE), "--out", str(tmp_path / "agent.wav"), "--score", str(score)]
    assert outcome([*said, *options]) == 0
    assert len(load_score(score).ticks) > 100
    assert outcome(["replay", str(score)]) == 0

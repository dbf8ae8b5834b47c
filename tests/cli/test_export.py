from pathlib import Path

import pytest

pytest.importorskip("torch")

from hocket.cli.main import outcome
from hocket.core.clock import VirtualClock
from hocket.training.loop import train
from hocket.training.schedule import Budget
from hocket.weights import store
from tests.training.test_export import trained
from tests.training.test_language import subject

pytestmark = pytest.mark.training


def test_trainings_become_an_engine_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOCKET_HOME", str(tmp_path / "home"))
    floor, words = trained(tmp_path), tmp_path / "words"
    train(subject(), words, budget=Budget(steps=1), clock=VirtualClock())
    command = ["export", "mine", "--floor", str(floor), "--words", str(words)]
    assert outcome(command) == 0
    assert "hocket serve --model mine" in capsys.readouterr().out
    folder = store.trained_folder("mine")
    assert "mine" in store.learned_names()
    settings = folder / "settings.json"
    settings.write_text(settings.read_text().replace('"speak_p": 0.5', '"speak_p": 0.9'))
    assert outcome(command) == 0
    assert '"speak_p": 0.9' in settings.read_text()  # what somebody set is kept
    assert outcome(["export", "cascade-vad", *command[2:]]) == 2
    assert outcome(["export", "../mine", *command[2:]]) == 2
    assert outcome([*command, "--into", str(tmp_path / "ship")]) == 0
    assert (tmp_path / "ship" / "mine" / "floor.safetensors").is_file()
    own = (folder / "words.safetensors").read_bytes()
    # With the words that are shipped.
    assert outcome(["export", "mine", "--floor", str(floor)]) == 0
    shipped_words = store.learned_folder("hocket-135m") / "words.safetensors"
    assert own != (folder / "words.safetensors").read_bytes() == shipped_words.read_bytes()
    assert outcome(["export", "other", "--floor", str(words), "--words", str(words)]) == 2

from pathlib import Path

import numpy as np
import pytest

from hocket.cli.main import outcome
from hocket.data.agent_lines import LINES
from hocket.data.pack import Pack
from hocket.engine.fake import FakeVoice
from hocket.recipes import engines, sessions
from hocket.weights import store
from tests.data.fake_bank import fake_bank
from tests.data.studio import StudioOf


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bank of tones, and fakes in place of all models."""
    bank = tmp_path / "bank"
    fake_bank(bank)

    def studio(folder: Path, split: str, rooms: Path | None, cache: Path) -> object:
        return StudioOf(folder, split=split)()

    monkeypatch.setattr(sessions, "LINES", LINES[:6])
    monkeypatch.setattr(store, "ensure", lambda names: [])
    monkeypatch.setattr(engines, "voice", lambda path_of: FakeVoice())
    monkeypatch.setattr(sessions, "open_studio", studio)
    return bank


def run(*options: object) -> int:
    return outcome(["synthesize", *map(str, options), "--jobs", "1"])


def test_a_recipe_becomes_a_pack(bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "packs" / "train"
    assert run("floor-probe", "--out", out, "--bank", bank, "--hours", 0.01, "--seed", 3) == 0
    pack = Pack(out)
    assert (pack.about["recipe"], pack.about["split"], pack.about["seed"]) == (
        "floor-probe", "train", 3,
    )  # fmt: skip
    assert sum(pack.about["hours_by_voice"].values()) == pytest.approx(
        pack.about["hours"], abs=2e-3
    )
    assert not (out / "lanes").exists()


def test_readers_get_a_session_each_with_its_lane(bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "packs" / "readers"
    assert run("readers", "--out", out, "--bank", bank) == 0
    (ticks,) = Pack(out)
    assert ticks.about["voice"] == "reader/1069"
    assert [mark["kind"] for mark in ticks.about["marks"]][-1] == "turn_end"
    assert not np.asarray(ticks.played_share).any()
    assert (out / "lanes" / f"{ticks.about['id']}.flac").exists()


def test_bad_input_is_one_line_and_exit_code_two(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pack"
    for bad in (
        ("no-such-recipe", "--out", out, "--bank", bank),
        ("floor-probe", "--out", out, "--bank", tmp_path / "nothing"),
        ("floor-probe", "--out", out, "--bank", bank, "--split", "half"),
        ("floor-probe", "--out", out, "--bank", bank, "--split", "validation"),
        ("floor-probe", "--out", out, "--bank", bank, "--rooms", tmp_path / "nothing"),
        ("floor-probe", "--out", out, "--bank", bank, "--hours", 0),
        ("duplex", "--out", out, "--bank", bank, "--split", "test"),
        ("duplex", "--out", out, "--bank", bank, "--engine", "no-such-engine"),
        ("duplex", "--out", out, "--bank", bank, "--dialogues", tmp_path / "nothing"),
    ):
        assert run(*bad) == 2
        assert capsys.readouterr().err.count("\n") == 1

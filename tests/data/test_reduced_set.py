"""Ten minutes of conversations from nothing: voices, ears, labels, pack, all of them real."""

import time
from pathlib import Path

import numpy as np
import pytest

from hocket.cli.main import outcome
from hocket.data.formant_voices import FLITE, installed
from hocket.data.pack import Pack, SessionTicks
from hocket.data.splits import Split, split_of
from hocket.model.duplex_config import TYPED
from hocket.protocol.floor import FLOORS, SOUNDING

GENEROUS_S = 900  # two minutes on two quiet cores


@pytest.mark.models
@pytest.mark.skipif(not installed(FLITE), reason="flite is not installed")
def test_ten_minutes_are_made_from_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began_s = time.monotonic()
    out = tmp_path / "pack"
    options = ("--bank", tmp_path / "bank", "--engine", FLITE, "--hours", 1 / 6, "--out", out)
    assert outcome(["synthesize", "duplex", *map(str, options)]) == 0
    assert time.monotonic() - began_s < GENEROUS_S
    assert "agent: gap, median" in capsys.readouterr().out
    pack = Pack(out)
    assert 10 <= pack.about["hours"] * 60 < 12
    assert {"everyday", "hesitant"} <= {each.split("-")[0] for each in _played(pack)}
    for session in pack:
        _holds_together(session)
    about = [session.about for session in pack]
    assert all(split_of(each["voice"]) is Split.TRAIN for each in about)
    # Everything that the agent wanted to say it has said, but where it was cut off.
    said = [phrase for each in about for phrase in each["said"]]
    assert len(said) > 100
    assert np.mean([phrase["whole"] for phrase in said]) > 0.9
    heard = sum(int((np.asarray(session.input_kinds) < TYPED).sum()) for session in pack)
    assert heard > 1_000  # the ears made words of it


def _played(pack: Pack) -> set[str]:
    return {each for session in pack for each in session.about["conversation"].split()}


def _holds_together(session: SessionTicks) -> None:
    sounding = np.isin(session.floor, [FLOORS.index(floor) for floor in SOUNDING])
    played = np.asarray(session.played_share) > 0
    allowed = np.r_[False, sounding[:-1]] | np.r_[False, False, sounding[:-2]]
    assert not (played & ~allowed).any()
    assert np.allclose(np.asarray(session.target, np.float64).sum(axis=1), 1, atol=2e-3)
    assert session.text_end[-1] == len(session.text_ids)

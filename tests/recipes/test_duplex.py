"""The sessions of the interaction model: equal seeds, shares, and nothing of another split."""

from pathlib import Path

import numpy as np
import pytest

from hocket.data.bank import Bank, BankWriter
from hocket.data.conversations import NAMES, conversations
from hocket.data.library import Library
from hocket.data.script import Part, Script
from hocket.data.splits import Split, split_of
from hocket.recipes import duplex
from hocket.recipes.duplex import Duplex
from tests.data.fake_bank import buzz

VOICES = ["kokoro/one", "flite/awb@1.0", "flite/rms@1.0"]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bank")
    found = duplex.repertoire(Duplex(split=Split.TRAIN), VOICES, hours=0.02)
    with BankWriter(folder) as writer:
        for request in {
            r.id: r for e in found.values() for one in e for r in one.requests
        }.values():
            writer.add(
                buzz(request.text.replace("…", ","), request.voice),
                trim=True,
                id=request.id,
                kind=request.kind,
                text=request.text,
                voice=request.voice,
                engine=request.engine,
                split="train",
                complete=True,
            )
    return folder


def written(bank: Path, *, hours: float = 0.15, seed: int = 0) -> list[Script]:
    recipe = Duplex(split=Split.TRAIN)
    found = duplex.repertoire(recipe, VOICES, hours=0.02)
    lengths = {text: 4_800 * len(text.split()) for text in duplex.phrases(found)}
    library = Library(Bank.open(bank), split="train")
    return duplex.write(recipe, found, library, lengths, hours=hours, seed=seed)


def test_equal_seeds_give_equal_scripts_and_others_do_not(bank: Path) -> None:
    first = written(bank)
    assert written(bank) == first
    assert written(bank, seed=1) != first
    assert 0.15 * 3600 <= sum(script.n_ticks for script in first) * 0.2 < 0.15 * 3600 + 160
    assert len({script.id for script in first}) == len(first)


def test_a_session_has_one_user_one_mode_and_says_what_is_switched_on(bank: Path) -> None:
    by_id = {c.id: c for name in NAMES for c in conversations(name)}
    for script in written(bank, hours=0.4):
        played = [by_id[each] for each in script.conversation.split()]
        assert {str(c.mode) for c in played} == {script.mode}
        assert all(c.split is Split.TRAIN for c in played)
        assert len(set(script.conversation.split())) == len(played)
        assert {s.voice for s in script.sounds if s.turn} == {script.voice}
        for sound in script.sounds:
            assert not sound.voice or split_of(sound.voice) is Split.TRAIN
        if any(line.part is Part.NOD for line in script.lines):
            assert "backchannel" in script.switches
        if any(act.kind == "timer" for line in script.lines for act in line.acts):
            assert "timers" in script.switches


def test_now_and_then_the_agent_may_not_nod(bank: Path) -> None:
    switched_off = [s for s in written(bank, hours=1.0) if "backchannel" not in s.switches]
    assert switched_off
    assert not any(line.part is Part.NOD for s in switched_off for line in s.lines)


def test_shares_are_those_of_the_recipe() -> None:
    assert sum(duplex.SHARES.values()) == pytest.approx(1.0)


def test_lines_of_a_session_come_in_order_and_never_before_what_they_answer(bank: Path) -> None:
    for script in written(bank, hours=0.3):
        starts = [line.start for line in script.lines]
        assert starts == sorted(starts)
        assert (np.diff(script.turn_ends) > 0).all()
        for line in script.lines:
            if line.part is Part.ANSWER:
                ends = [end for end in script.turn_ends if end <= line.start]
                assert ends and line.start - ends[-1] < 4 * 16_000

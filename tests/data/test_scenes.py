from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.data.scenes import Habits, reader_script
from hocket.data.script import TAKES_FLOOR, Part, Role, Script
from hocket.data.splits import split_of
from hocket.recipes import sessions
from tests.data.fake_bank import fake_bank
from tests.data.studio import scripts

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Script]:
    bank = tmp_path_factory.mktemp("bank")
    return scripts(bank, sessions.floor_probe("train"), hours=1.0)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Script]:
    return scripts(tmp_path_factory.mktemp("bank"), sessions.floor_probe("test"), hours=0.5)


def test_sessions_have_the_length_of_the_recipe_and_voices_of_the_split(
    written: list[Script],
) -> None:
    for script in written:
        assert 55 < script.n_ticks * TICK_S < 150
        assert {split_of(s.voice) for s in script.sounds if s.voice} == {"train"}
        assert {s.voice for s in script.sounds if s.role in TAKES_FLOOR} == {script.voice}


def test_everything_that_the_recipe_names_happens(written: list[Script]) -> None:
    happened = {behaviour for script in written for behaviour in script.behaviours}
    assert happened == {
        "turn", "pause", "going-on", "silence",
        "interruption", "backchannel", "noise", "tic", "side",
    }  # fmt: skip


def test_answers_come_at_human_gaps_when_the_agent_is_not_slow(tmp_path: Path) -> None:
    recipe = replace(sessions.floor_probe("train"), habits=Habits(slow_answer=0))
    written = scripts(tmp_path, recipe, hours=1.0)
    gaps_s = [
        min(line.start - end for end in script.turn_ends if end <= line.start) / RATE_HZ
        for script in written
        for line in script.lines
    ]
    assert min(gaps_s) >= 0
    assert 0.15 < float(np.median(gaps_s)) < 0.27


def test_stretched_pauses_last_as_long_as_the_recipe_says(written: list[Script]) -> None:
    pauses_s = [
        (sound.spans[s.after_span + 1][0] - sound.spans[s.after_span][1]) / RATE_HZ
        for script in written
        for sound in script.sounds
        for s in sound.stretches
    ]
    assert len(pauses_s) > 50
    assert min(pauses_s) >= 0.24
    assert 0.4 < float(np.median(pauses_s)) < 0.8
    assert max(pauses_s) <= 2.51


def test_a_judged_agent_answers_late_and_speaks_on_through_events(judged: list[Script]) -> None:
    for script in judged:
        assert script.stubborn
        for line in script.lines:
            assert min(line.start - e for e in script.turn_ends if e <= line.start) >= 3 * RATE_HZ
        for sound in script.sounds:
            over = [li for li in script.lines if li.start <= sound.onset < li.start + li.n_samples]
            if sound.role is Role.INTERRUPTION:
                assert over
                assert over[0].start + over[0].n_samples - sound.onset >= 2.5 * RATE_HZ


def test_in_busy_sessions_one_sound_follows_another_and_most_leave_the_floor(
    tmp_path: Path,
) -> None:
    over = []
    for script in scripts(tmp_path, sessions.busy("train"), hours=0.5):
        for line in script.lines:
            behind = line.start + line.n_samples
            roles = [s.role for s in script.sounds if line.start < s.onset < behind]
            breaks = roles.index(Role.INTERRUPTION) + 1 if Role.INTERRUPTION in roles else None
            over.append(roles[:breaks])  # behind it the line is not said any more
    assert max(map(len, over)) == sessions.BUSY.most_events
    assert 1.8 < np.mean([len(each) for each in over]) < 3.5
    every = [role for roles in over for role in roles]
    assert 0.2 < every.count(Role.INTERRUPTION) / len(every) < 0.4


def test_a_user_in_company_talks_to_others_in_silence_as_often_as_to_the_agent(
    tmp_path: Path,
) -> None:
    turns, in_silence = [], 0
    for script in scripts(tmp_path, sessions.company("train"), hours=0.5):
        turns += [s.gain_db for s in script.sounds if s.role is Role.TURN]
        for sound in script.sounds:
            over = any(
                line.start < sound.onset < line.start + line.n_samples for line in script.lines
            )
            in_silence += sound.role is Role.SIDE and not over
    assert 0.7 < in_silence / len(turns) < 1.5
    assert np.isclose(np.std(turns), sessions.COMPANY.loudness_db, atol=0.5)


@pytest.mark.parametrize(("recipe", "least", "most"), [("busy", 0.3, 0.6), ("hesitant", 0.6, 0.95)])
def test_hasty_agents_begin_in_pauses_and_eager_ones_in_the_last_word(
    tmp_path: Path, recipe: str, least: float, most: float
) -> None:
    hasty = eager = answers = paused = 0
    for script in scripts(tmp_path, sessions.planned(recipe, "train"), hours=1.0):
        turns = [s for s in script.sounds if s.role is Role.TURN]
        by_turn = [
            [
                (end, onset)
                for (_, end), (onset, _) in pairwise(
                    p for s in turns if s.turn == n for p in s.spans
                )
                if onset - end >= 0.3 * RATE_HZ
            ]
            for n in {s.turn for s in turns}
        ]
        silences = [silence for found in by_turn for silence in found]
        paused += sum(bool(found) for found in by_turn)
        for line in script.lines:
            if line.part is Part.HASTY:
                hasty += 1
                assert any(a < line.start < b + 0.2 * RATE_HZ for a, b in silences)
            elif line.part is Part.ANSWER:
                answers += 1
                late_s = min((line.start - end) / RATE_HZ for end in script.turn_ends
                             if end <= line.start + 0.4 * RATE_HZ)  # fmt: skip
                eager += late_s < 0
    assert least < hasty / paused < most
    assert 0.05 < eager / answers < 0.2


@pytest.mark.parametrize(("recipe", "least", "most"), [("busy", 0.1, 0.2), ("hesitant", 0.4, 0.6)])
def test_stray_nods_fall_behind_turns_and_into_their_pauses(
    tmp_path: Path, recipe: str, least: float, most: float
) -> None:
    behind = inside = turns = 0
    for script in scripts(tmp_path, sessions.planned(recipe, "train"), hours=1.0):
        sounds = [s for s in script.sounds if s.role is Role.TURN]
        ends = [max(s.end for s in sounds if s.turn == n) for n in {s.turn for s in sounds}]
        turns += len(ends)
        for line in script.lines:
            if line.part is Part.STRAY:
                over = any(0 <= line.start - end <= 0.4 * RATE_HZ for end in ends)
                behind, inside = behind + over, inside + (not over)
        assert list(script.lines) == sorted(script.lines, key=lambda line: line.start)
    assert least < (behind + inside) / turns < most
    assert 0.25 < inside / behind < 3


def test_equal_seeds_give_equal_scripts_and_others_do_not(tmp_path: Path) -> None:
    recipe = sessions.floor_probe("train")
    a, b = scripts(tmp_path / "a", recipe), scripts(tmp_path / "b", recipe)
    assert a == b
    assert scripts(tmp_path / "c", recipe, seed=1) != a


def test_switched_off_habits_do_not_happen(tmp_path: Path) -> None:
    plain = Habits(stretched=0, going_on=0, event=0, long_silence=0, sound_in_silence=0)
    recipe = replace(sessions.floor_probe("train"), habits=plain)
    for script in scripts(tmp_path, recipe):
        assert script.behaviours == ("turn",)


def test_a_reader_has_room_before_and_behind(tmp_path: Path) -> None:
    (reader,) = fake_bank(tmp_path).select(voice="reader/1069")
    script = reader_script(reader, seed=0, lead_s=1.0, after_s=4.0)
    assert script.sounds[0].start == RATE_HZ
    assert script.n_samples >= RATE_HZ + reader.n_samples + 4 * RATE_HZ
    assert script.turn_ends == (script.sounds[0].end,)
    assert reader_script(replace(reader, complete=False), seed=0).open_end


def test_a_bank_without_voices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="finished turns"):
        scripts(tmp_path, sessions.floor_probe("validation"))

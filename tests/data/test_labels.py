from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data import labels
from hocket.data.labels import Label, Seen
from hocket.data.script import Part, Role, Script, Sound
from hocket.protocol.floor import FLOORS, Floor

Words = Mapping[int, tuple[str, ...]]


def at(tick: float) -> int:
    return round(tick * TICK_USER_SAMPLES)


def sound(role: Role, first: float, behind: float, text: str = "") -> Sound:
    spans = ((at(first), at(behind)),)
    return Sound(start=at(first), source="x", role=role, spans=spans, text=text)


def script(*sounds: Sound, ends: tuple[float, ...] = (), open_end: bool = False) -> Script:
    return Script(
        id="s",
        split="train",
        set="synthetic",
        voice="v",
        engine="e",
        seed=0,
        n_ticks=40,
        sounds=sounds,
        lines=(),
        turn_ends=tuple(at(end) for end in ends),
        open_end=open_end,
    )


def over_speech(
    of: Script,
    heard: Words | None = None,
    line: str = "a line",
    *,
    part: Part = Part.ANSWER,
    ticks: range = range(2, 99),
) -> list[Label]:
    """Labels of an agent that speaks from tick 2 on, or in ``ticks``, whatever it is told."""
    state, found = labels.START, list[Label]()
    for tick in range(of.n_ticks):
        seen = Seen(tick=tick, heard=(heard or {}).get(tick, ()))
        if tick in ticks:
            seen = replace(seen, line=line, line_start=at(ticks.start), part=part)
        state, label = labels.label(state, of, seen)
        found.append(label)
    return found


def in_silence(of: Script) -> list[Label]:
    state, found = labels.START, list[Label]()
    for tick in range(of.n_ticks):
        state, label = labels.label(state, of, Seen(tick=tick))
        found.append(label)
    return found


def p(label: Label, floor: Floor) -> float:
    return label.target[FLOORS.index(floor)]


def first(found: list[Label], floor: Floor) -> int | None:
    return next((tick for tick, label in enumerate(found) if p(label, floor) > 0.5), None)


def test_an_interruption_is_held_for_until_two_words_tell_and_then_gets_the_floor() -> None:
    of = script(sound(Role.INTERRUPTION, 10, 18, "I meant Tuesday"))
    found = over_speech(of, {13: ("I",), 14: ("meant",), 15: ("Tuesday",)})
    assert [label.rule for label in found[9:16]] == ["goes on", *["unclear"] * 4, "taken", "taken"]
    assert first(found, Floor.YIELD) == 14  # the fifth tick, with one word that is no nod


def test_a_stop_word_alone_takes_the_floor() -> None:
    found = over_speech(script(sound(Role.INTERRUPTION, 10, 13, "stop")), {11: ("Stop.",)})
    assert first(found, Floor.YIELD) == 11


def test_an_interruption_that_nobody_heard_teaches_nothing_in_the_end() -> None:
    found = over_speech(script(sound(Role.INTERRUPTION, 10, 13, "no")))
    assert first(found, Floor.YIELD) is None
    assert {label.weighs for label in found if label.rule == "not heard"} == {False}
    assert all(label.weighs for label in found if label.rule != "not heard")


@pytest.mark.parametrize(
    ("role", "ticks"),
    [(Role.NOISE, 1), (Role.TIC, 2), (Role.BACKCHANNEL, 2), (Role.SIDE, 2)],
)
def test_what_is_no_interruption_is_held_for_at_most_two_ticks(role: Role, ticks: int) -> None:
    found = over_speech(script(sound(role, 10, 16)), {12: ("close", "the", "door")})
    held = [tick for tick, label in enumerate(found) if p(label, Floor.HOLD) > 0]
    assert held == list(range(10, 10 + ticks))
    assert first(found, Floor.YIELD) is None


def test_the_words_of_our_own_echo_are_no_evidence() -> None:
    of = script(sound(Role.INTERRUPTION, 10, 13, "wait"))
    heard = {11: ("three", "trains")}
    assert first(over_speech(of, heard, line="three trains"), Floor.YIELD) is None
    assert first(over_speech(of, heard, line="no such thing"), Floor.YIELD) == 11


def test_from_the_tick_in_which_a_turn_ends_it_wants_an_answer() -> None:
    found = in_silence(script(sound(Role.TURN, 3, 9.5), ends=(9.5,)))
    assert [p(label, Floor.SPEAK) for label in found[:12]] == [0.0] * 9 + [1.0] * 3


def test_a_pause_is_listened_to_and_an_open_end_has_no_weight() -> None:
    two = script(sound(Role.TURN, 3, 9), sound(Role.TURN, 14, 20), open_end=True)
    found = in_silence(two)
    assert {label.target for label in found} == {(1.0, 0.0, 0.0, 0.0, 0.0)}
    assert [label.weighs for label in found] == [True] * 20 + [False] * 20


def test_who_began_in_a_pause_gives_way_as_soon_as_the_turn_goes_on_and_answers_behind_it() -> None:
    turn = replace(sound(Role.TURN, 3, 20), spans=((at(3), at(8)), (at(11.5), at(20))))
    found = over_speech(script(turn, ends=(20,)), part=Part.HASTY, ticks=range(10, 16))
    rules = [label.rule for label in found]
    assert rules[8:10] == ["user", "user"]
    assert rules[10:16] == ["goes on", "resumes", *["resumed"] * 4]
    assert first(found, Floor.YIELD) == 12
    assert rules[16:22] == [*["user"] * 3, *["answer"] * 3]


@pytest.mark.parametrize(("ends", "then"), [((9.5,), "answer"), ((), "user")])
def test_behind_a_stray_nod_an_answer_is_due_where_the_turn_is_over_and_else_none(
    ends: tuple[float, ...], then: str
) -> None:
    of = script(sound(Role.TURN, 3, 9.5), ends=ends)
    if not ends:
        of = script(sound(Role.TURN, 3, 9.5), sound(Role.TURN, 18, 30))
    found = over_speech(of, part=Part.STRAY, ticks=range(11, 13))
    assert [label.rule for label in found[9:15]] == [then, then, "strays", "strays", then, then]
    assert [label.weighs for label in found[9:15]] == [True, True, False, False, True, True]


def test_a_second_sentence_over_a_hasty_line_is_the_turn_that_goes_on() -> None:
    of = script(sound(Role.TURN, 3, 8), sound(Role.TURN, 12, 20), ends=(20,))
    assert first(over_speech(of, part=Part.HASTY, ticks=range(10, 25)), Floor.YIELD) == 13


def test_an_answer_that_began_before_the_turns_last_word_was_over_is_one() -> None:
    of = script(sound(Role.TURN, 3, 9.5), ends=(9.5,))
    rules = [label.rule for label in over_speech(of, ticks=range(8, 20))]
    assert rules[6:8] == ["user", "user"]
    assert rules[8:] == ["goes on"] * 12 + ["idle"] * 20


def test_what_comes_later_changes_no_target() -> None:
    rng = np.random.default_rng(0)
    roles = [Role.INTERRUPTION, Role.BACKCHANNEL, Role.NOISE, Role.SIDE, Role.TIC]
    for _ in range(30):
        starts = np.sort(rng.uniform(3, 36, 3))
        sounds = [
            sound(roles[int(rng.integers(5))], a, min(a + float(rng.uniform(0.3, 8)), 40))
            for a in starts
        ]
        heard = {int(k): ("other", "words") for k in rng.integers(3, 40, 4)}
        whole = over_speech(script(*sounds), heard)
        for cut in (8, 17, 29):
            # A sound that goes on at the cut keeps its end: how long a silence is pause is truth.
            known = [s for s in sounds if s.onset < at(cut + 1)]
            past = {k: words for k, words in heard.items() if k <= cut}
            part = over_speech(script(*known), past)
            assert part[: cut + 1] == whole[: cut + 1]


def test_targets_are_distributions() -> None:
    of = script(sound(Role.TURN, 3, 9), sound(Role.INTERRUPTION, 12, 16), ends=(9, 16))
    for label in over_speech(of) + in_silence(of):
        assert sum(label.target) == pytest.approx(1)
        assert min(label.target) >= 0

"""Who is meant, from packed sessions and from written conversations."""

from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pytest

from hocket.data.addressed import (
    ACROSS_SHARE,
    Addressed,
    balanced,
    heard,
    lines_to_agent,
    lines_to_others,
    told,
    written,
)
from hocket.data.conversations import NAMES, conversations
from hocket.data.pack import SessionTicks
from hocket.data.texts import Kind, lines, material
from hocket.model.duplex_config import AGREED
from hocket.protocol.floor import FLOORS
from tests.training import toy

WORDS = ("", "the", "museum", "opens", "wait", "darling", "mm-hm", "ten")
LISTEN, SPEAK, HOLD, YIELD, NOD = (FLOORS.index(floor) for floor in FLOORS)


def decode(ids: Any) -> str:
    return "".join(f" {WORDS[i]}" for i in ids)


def session(
    floor: dict[int, int],
    wrote: dict[int, str],
    came: dict[int, str],
    sounds: list[tuple[float, float, str]] = [],  # noqa: B006
) -> SessionTicks:
    """50 ticks; floor, text and heard words by tick, the floor until it changes."""
    now, taken = LISTEN, []
    for tick in range(50):
        now = floor.get(tick, now)
        taken.append(now)

    def tokens(by_tick: dict[int, str]) -> tuple[Any, Any]:
        ids = [[WORDS.index(w) for w in by_tick.get(tick, "").split()] for tick in range(50)]
        return np.array(list(chain.from_iterable(ids)), np.uint16), np.cumsum(
            [len(own) for own in ids]
        )

    text_ids, text_end = tokens(wrote)
    input_ids, input_end = tokens(came)
    told = [{"start_s": a, "end_s": b, "role": role} for a, b, role in sounds]
    return replace(
        toy.session(50, 1),
        about={"sounds": told},
        floor=np.array(taken, np.uint8),
        text_ids=text_ids,
        text_end=text_end,
        input_ids=input_ids,
        input_kinds=np.full(len(input_ids), AGREED, np.uint8),
        input_end=input_end,
    )


def test_a_line_is_what_was_written_from_its_draft_on_until_it_ends() -> None:
    one = session(
        {
            5: SPEAK,
            8: HOLD,
            9: SPEAK,
            11: LISTEN,
            20: NOD,
            22: LISTEN,
            30: SPEAK,
            33: YIELD,
            34: LISTEN,
        },
        {3: "the", 5: "museum", 9: "opens", 20: "mm-hm", 30: "ten"},
        {},
    )
    lines = written(one)
    assert lines[5] == (1, 2) and lines[9] == (3,) and lines[8] == ()
    assert lines[30] == (7,)  # the backchannel is none of it
    assert [tick for tick, line in enumerate(lines) if line is not None] == [
        *range(5, 11), *range(30, 33)
    ]  # fmt: skip


def test_a_sound_with_words_is_read_behind_as_much_as_was_written() -> None:
    one = session(
        {5: SPEAK, 16: LISTEN},
        {5: "the museum", 12: "opens ten"},
        {8: "wait", 9: "darling", 22: "mm-hm", 40: "ten"},
        [(1.3, 1.7, "side"), (4.1, 4.4, "turn"), (6.0, 6.2, "noise")],
    )
    assert list(heard(one, decode)) == [
        Addressed(line="the museum", words="wait darling", meant=False),
        Addressed(line="the museum opens ten", words="mm-hm", meant=True),
    ]


def test_before_the_agent_has_spoken_nothing_is_asked() -> None:
    one = session({}, {}, {8: "wait"}, [(1.3, 1.7, "turn")])
    assert list(heard(one, decode)) == []


def test_written_conversations_tell_of_all_that_is_said_across_and_behind_a_line() -> None:
    rng = np.random.default_rng(0)
    found = [one for name in NAMES for each in conversations(name) for one in told(each, rng)]
    n_lines = sum(
        line.kind == "A" for name in NAMES for each in conversations(name) for line in each.lines
    )
    others = set(lines_to_others())
    thrown_in = [one for one in found if one.words in others and not one.meant]
    assert 0.8 < len(thrown_in) / (ACROSS_SHARE / 2 * n_lines) < 1.4
    assert len({one.words for one in thrown_in}) > 250
    for_agent = [one for one in found if one.words in set(lines_to_agent())]
    assert 0.8 < len(for_agent) / (ACROSS_SHARE / 2 * n_lines) < 1.4
    assert all(one.meant for one in for_agent)
    assert not any("{" in one.words for one in (*thrown_in, *for_agent))
    assert sum(one.meant for one in found) > 1_000
    assert not any("|" in one.line for one in found)


def test_what_held_out_voices_say_to_others_is_not_read() -> None:
    every = set(material("sides.txt"))
    assert 0 < len(every - set(lines_to_others())) < 0.3 * len(every)
    held_out = {line.text for line in lines(Kind.SIDE, 500, seed=1, held_out=True)}
    whole = {line for line in every if "{" not in line}
    assert len(whole & held_out) > 50
    assert not held_out & set(lines_to_others())


@pytest.mark.parametrize(("n_meant", "n_others"), [(3, 10), (10, 3), (0, 4)])
def test_as_many_are_kept_of_each(n_meant: int, n_others: int) -> None:
    given = [Addressed(line="", words=str(n), meant=n < n_meant) for n in range(n_meant + n_others)]
    kept = balanced(given, np.random.default_rng(0))
    fewest = min(n_meant, n_others)
    assert sum(each.meant for each in kept) == fewest and len(kept) == 2 * fewest
    assert kept == sorted(kept, key=lambda each: int(each.words))

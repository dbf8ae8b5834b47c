from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.core.errors import BadScore
from hocket.protocol.floor import FLOORS, Floor, Permit
from hocket.protocol.score import (
    SaidWord,
    Score,
    ScoreEvent,
    ScoreHeader,
    ScoreLine,
    ScorePermit,
    ScoreTick,
    ScoreTotals,
    ScoreUser,
    dumps_line,
    loads_line,
    read_score,
)

HEADER = ScoreHeader(
    model="fake", mode="responsive", config={"floor_bias": 1e-6}, seed=7, agent_rate_hz=22_050
)


def make_tick(tick: int, **changes: Any) -> ScoreTick:
    values: dict[str, Any] = {
        "tick": tick,
        "t": tick * 0.2,
        "user": ScoreUser(level_db=-41.23456),
        "floor": Floor.LISTEN,
        "p": (0.9, 0.025, 0.025, 0.025, 0.025),
        "permit": ScorePermit(allowed=(Floor.LISTEN,), rule="test.rule", reason="because"),
    }
    return ScoreTick(**(values | changes))


def lines_of(ticks: int, totals: int | None = None) -> list[str]:
    lines: list[ScoreLine] = [HEADER, *(make_tick(k) for k in range(ticks))]
    lines.append(ScoreTotals(ticks=ticks if totals is None else totals, duration_s=0.2 * ticks))
    return [dumps_line(line) for line in lines]


numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
details = st.dictionaries(st.text(), json_values, max_size=3)
ticks = st.builds(
    make_tick,
    st.integers(0, 10**7),
    user=st.builds(ScoreUser, level_db=numbers, heard=st.lists(st.text()), text=st.text()),
    floor=st.sampled_from(FLOORS),
    p=st.tuples(*[st.floats(0, 1)] * 5),
    said=st.lists(st.builds(SaidWord, word=st.text(), start_s=numbers, end_s=numbers), max_size=2),
    plan=st.text(),
    act=st.none() | details,
    events=st.lists(st.builds(ScoreEvent, kind=st.text(min_size=1), detail=details), max_size=2),
)


@given(ticks)
def test_a_line_read_back_equals_the_line_in_memory(tick: ScoreTick) -> None:
    text = dumps_line(tick)
    assert "\n" not in text
    assert loads_line(text) == tick
    assert dumps_line(loads_line(text)) == text


@given(details)
def test_the_headers_config_keeps_its_exact_floats(config: dict[str, Any]) -> None:
    header = ScoreHeader(model="m", mode="m", config=config, seed=0, agent_rate_hz=22_050)
    assert loads_line(dumps_line(header)) == header
    assert header.config == config


def test_floats_are_rounded_when_the_line_is_made() -> None:
    tick = make_tick(3, p=(0.123456, -0.00001, 0.1, 0.1, 0.1))
    assert (tick.t, tick.p[:2]) == (0.6, (0.1235, 0.0))
    assert '"t":0.6,' in dumps_line(tick)
    assert "-0.0," not in dumps_line(tick)


def test_a_permit_is_written_in_the_order_of_the_floors() -> None:
    permit = Permit(
        allowed=frozenset({Floor.BACKCHANNEL, Floor.LISTEN, Floor.SPEAK}), rule="r", reason="why"
    )
    assert ScorePermit.of(permit).allowed == (Floor.LISTEN, Floor.SPEAK, Floor.BACKCHANNEL)


def test_a_whole_score_reads_back() -> None:
    score = Score.of(lines_of(3))
    assert score.header == HEADER
    assert [tick.tick for tick in score.ticks] == [0, 1, 2]
    assert score.totals is not None and score.totals.ticks == 3


def test_keys_may_come_in_any_order() -> None:
    text = '{"mode": "m", "seed": 0, "model": "m", "config": {}, "agent_rate_hz": 1, "hocket": 1}'
    assert isinstance(loads_line(text), ScoreHeader)


def test_a_broken_off_score_reads_only_when_asked() -> None:
    lines = lines_of(3)[:-1]
    assert len(list(read_score(lines, complete=False))) == 4
    with pytest.raises(BadScore, match="line 5: expected the totals, got the end of the file"):
        list(read_score(lines))


BROKEN = {
    "nothing": ([], "line 1: expected the header, got the end"),
    "blank line": (["", *lines_of(1)], "line 1: expected a line of JSON"),
    "no json": (["hocket", *lines_of(1)], "line 1: expected a line of JSON, got 'hocket'"),
    "a list": (["[1]"], "line 1: expected an object with"),
    "other object": (['{"a": 1}'], 'expected an object with "hocket"'),
    "no header": (lines_of(1)[1:], "line 1: expected the header, got tick 0"),
    "two headers": ([lines_of(0)[0]] * 2, "line 2: expected tick 0 or the totals, got a header"),
    "a lost tick": ([lines_of(3)[0], *lines_of(3)[2:]], "line 2: expected tick 0 .*, got tick 1"),
    "wrong totals": (lines_of(2, totals=3), "line 4: expected totals over 2 ticks, got .* 3"),
    "more after totals": ([*lines_of(1), lines_of(1)[1]], "line 4: expected the end of the file"),
    "version 2": ([lines_of(0)[0].replace('"hocket":1', '"hocket":2')], "line 1: .*good hocket"),
    "unknown key": (['{"hocket": 1, "colour": "red"}'], "line 1: expected a good"),
    "nan": ([lines_of(0)[0].replace("1e-6", "NaN")], "line 1: expected a good config"),
    "deep": (["[" * 100_000], "line 1: expected a line of JSON"),
}


@pytest.mark.parametrize(("lines", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_bad_score_says_where_and_what_was_expected(lines: list[str], message: str) -> None:
    with pytest.raises(BadScore, match=message) as caught:
        list(read_score(lines))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@given(st.lists(st.text() | json_values.map(str), max_size=4))
def test_any_other_text_is_refused_and_nothing_else_is_raised(lines: list[str]) -> None:
    with pytest.raises(BadScore):
        list(read_score(lines))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_score_takes_no_number_that_json_cannot_hold(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        ScoreEvent(kind="timer", detail={"late": [bad]})
    with pytest.raises(ValueError, match="finite"):
        ScoreUser(level_db=bad)

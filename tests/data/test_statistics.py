"""Sessions written by hand, with figures that can be worked out on paper."""

import json
from typing import Any

import numpy as np
import pytest

from hocket.data.pack import TICK_ARRAYS, SessionTicks
from hocket.data.statistics import BINS_S, NOT_KNOWN, as_json, statistics_of, table
from hocket.data.statistics_lanes import Lanes, Spans, changes, lanes_of, turns
from hocket.protocol.floor import FLOORS, Floor

SECONDS = 60


def session(about: dict[str, Any] | None = None, **rows: Any) -> SessionTicks:
    """A minute in which nobody speaks, the agent listens and should; ``rows`` replace arrays."""
    n = SECONDS * 5
    arrays = {name: np.zeros((n, *shape), kind) for name, (kind, shape) in TICK_ARRAYS.items()}
    arrays["weight"] += 1
    arrays["target"][:, 0] = 1
    empty = {"input_ids": np.zeros(0, np.uint16), "input_kinds": np.zeros(0, np.uint8)}
    ends = {name: np.zeros(n, np.int64) for name in ("input_end", "text_end")}
    text = {"text_ids": np.zeros(0, np.uint16)}
    return SessionTicks(about=about or {}, **{**arrays, **empty, **ends, **text, **rows})


def talk(user: Spans, agent: Spans, **about: Any) -> SessionTicks:
    return session({"user_spans": user, "agent_spans": agent, **about})


def mark(kind: str, start_s: float, end_s: float) -> dict[str, Any]:
    return {"kind": kind, "start_s": start_s, "end_s": end_s}


def lanes(user: Spans, agent: Spans) -> Lanes:
    return Lanes(user=user, user_nods=(), agent=agent, agent_nods=(), nods_at=())


# -- who speaks when -------------------------------------------------------------------------------


def gaps(user: Spans, agent: Spans) -> list[tuple[str, float]]:
    return [(c.side, round(c.gap_s, 3)) for c in changes(turns(lanes(user, agent)))]


def test_a_gap_runs_from_one_sides_last_sample_to_the_others_first() -> None:
    user: Spans = ((0.0, 2.0), (5.0, 6.0))
    assert gaps(user, ((2.3, 4.0),)) == [("agent", 0.3), ("user", 1.0)]


def test_an_early_start_is_a_negative_gap() -> None:
    assert gaps(((0.0, 2.0),), ((1.8, 4.0),)) == [("agent", -0.2)]


def test_a_pause_is_no_change_of_speaker() -> None:
    assert gaps(((0.0, 2.0), (4.0, 5.0)), ((5.2, 6.0),)) == [("agent", 0.2)]


def test_what_is_said_inside_the_others_speech_changes_nothing() -> None:
    assert gaps(((2.0, 2.5), (11.0, 12.0)), ((0.0, 10.0),)) == [("user", 1.0)]


def test_an_interruption_that_is_given_way_to_is_a_change_in_overlap() -> None:
    user: Spans = ((4.0, 4.4), (4.7, 5.2))  # its first word lies inside the agent's speech
    assert gaps(user, ((0.0, 4.6), (5.5, 7.0))) == [("user", -0.6), ("agent", 0.3)]


def test_a_long_silence_ends_a_turn_and_a_pause_does_not() -> None:
    found = turns(lanes(((0.0, 2.0), (4.0, 5.0), (9.0, 10.0)), ()))
    assert [turn.length_s for turn in found] == [5.0, 1.0]


def test_backchannels_of_both_sides_are_no_speech_of_a_turn() -> None:
    said = [
        {"start_s": 1.0, "end_s": 1.4, "text": "mm-hm", "part": "nod"},
        {"start_s": 3.0, "end_s": 3.5, "text": "blue", "part": "cued"},
        {"start_s": 6.0, "end_s": 9.0, "text": "so", "part": "answer"},
    ]
    one = talk(
        ((0.0, 5.0), (7.0, 7.4)),
        ((1.0, 1.4), (3.0, 3.5), (6.0, 9.0)),
        said=said,
        marks=[mark("backchannel", 7.0, 7.4)],
    )
    found = lanes_of(one)
    assert found is not None
    assert (found.user, found.agent) == (((0.0, 5.0),), ((6.0, 9.0),))
    assert (found.user_nods, found.nods_at) == (((7.0, 7.4),), (1.0,))
    assert [(c.side, c.gap_s) for c in changes(turns(found))] == [("agent", 1.0)]


def test_packs_without_spans_tell_them_by_their_shares() -> None:
    played, ahead = np.zeros(300, np.float16), np.zeros((300, 4), np.float16)
    played[[10, 11, 12]] = 0.25, 1, 0.5  # from 2.15 to 2.5 s
    ahead[[3, 4, 5], 0] = 0.5, 1, 0.75  # of the ticks behind: from 0.9 to 1.35 s
    found = lanes_of(session(played_share=played, user_ahead=ahead))
    assert found is not None
    assert found.agent[0] == pytest.approx((2.15, 2.5))
    assert found.user[0] == pytest.approx((0.9, 1.35))


# -- figures ---------------------------------------------------------------------------------------


def value(one: SessionTicks, name: str) -> float | None:
    return statistics_of([one])[name].value


def test_gaps_are_counted_in_bins_of_100_ms_with_open_ends() -> None:
    user: Spans = ((0.0, 2.0), (10.0, 12.0), (20.0, 22.0), (30.0, 32.0))
    agent: Spans = ((2.3, 5.0), (11.9, 15.0), (22.3, 25.0), (36.0, 38.0))
    made = statistics_of([talk(user, agent)])
    bins = dict(zip(("less", *BINS_S), made.gaps["agent"], strict=True))
    assert (bins[0.3], bins[-0.1], bins[2.0], sum(bins.values())) == (2, 1, 1, 4)
    assert made["agent: gap, median"].value == pytest.approx(0.3)
    assert made["agent: starts in overlap"].value == 25
    assert made["agent: starts within 0 to 0.4 s"].value == 50
    assert made["agent: gap, median"].n == 4


def test_overlap_is_time_of_both_over_time_of_either() -> None:
    one = talk(((0.0, 10.0),), ((9.0, 20.0),))
    assert value(one, "both speak, of time with speech") == pytest.approx(5)


def test_overlap_with_backchannels_stands_apart() -> None:
    nod = {"start_s": 4.0, "end_s": 5.0, "text": "mm-hm", "part": "nod"}
    one = talk(((0.0, 10.0),), ((4.0, 5.0), (10.0, 20.0)), said=[nod])
    assert value(one, "both speak, of time with speech") == 0
    assert value(one, "the same, backchannels counted") == pytest.approx(5)


def test_backchannels_are_counted_a_minute_of_the_others_speech_where_they_may_be() -> None:
    nods = [{"start_s": s, "end_s": s + 0.4, "text": "mm-hm", "part": "nod"} for s in (3.0, 9.0)]
    spans: Spans = ((3.0, 3.4), (9.0, 9.4), (31.0, 51.0))
    user: Spans = ((0.0, 30.0),)
    marks = [mark("backchannel", 40.0, 40.4)]
    free = talk(user, spans, said=nods, marks=marks, mode="responsive", switches=["backchannel"])
    off = talk(user, ((31.0, 51.0),), said=[], mode="responsive", switches=["timers"])
    reserved = talk(user, ((31.0, 51.0),), said=[], mode="reserved", switches=["backchannel"])
    made = statistics_of([free, off, reserved])
    assert made["agent's backchannels, where it may"].value == pytest.approx(4)
    assert made["user's backchannels"].value == pytest.approx(1)


def test_backchannels_in_long_turns_stand_apart() -> None:
    nods = [{"start_s": s, "end_s": s + 0.4, "text": "mm-hm", "part": "nod"} for s in (3.0, 36.0)]
    spans: Spans = ((3.0, 3.4), (31.0, 34.0), (36.0, 36.4), (38.0, 40.0))
    user: Spans = ((0.0, 30.0), (35.0, 37.0))  # the second is short
    one = talk(user, spans, said=nods, mode="responsive", switches=["backchannel"])
    assert value(one, "agent's backchannels, where it may") == pytest.approx(3.75)
    assert value(one, "the same, in turns of 6 s or more") == pytest.approx(2)


def test_pauses_come_from_the_marks() -> None:
    lengths_s = (0.3, 0.5, 0.7, 1.0)
    marks = [mark("pause", 4.0, 4.0 + length_s) for length_s in lengths_s]
    made = statistics_of([session({"marks": [*marks, mark("turn_end", 8.0, 11.0)]})])
    assert made["pauses in user turns, median"].value == pytest.approx(0.6)
    assert made["pauses of 0.5 s or more"].value == 75
    assert made["pauses of 1 s or more"].value == 25
    assert made["pauses of 1 s or more"].n == 4


def test_floor_shares_count_ticks_and_targets_only_those_that_weigh() -> None:
    floor, target, weight = np.zeros(300, np.uint8), np.zeros((300, 5)), np.zeros(300)
    floor[:75] = FLOORS.index(Floor.SPEAK)
    target[:4], weight[:4] = (0.25, 0.75, 0, 0, 0), 3
    target[4:] = (0, 0, 0, 1, 0)  # nobody can know: no weight
    made = statistics_of([session(floor=floor, target=target, weight=weight)])
    assert made.floors["speak"] == (0.25, 0.75)
    assert made.floors["yield"] == (0, 0)
    assert made["agent silent"].value == 75


def test_sessions_and_hours_are_told_by_behaviour_mode_and_engine() -> None:
    one = session(
        {"behaviours": ["pause", "turn"], "mode": "reserved", "engine": "a", "voice": "v"}
    )
    two = session({"behaviours": ["turn"], "engine": "a", "voice": "w"})
    made = statistics_of([one, two])
    assert (made.sessions, made.voices) == (2, 2)
    assert made.hours == pytest.approx(2 / 60)
    assert {k: g.sessions for k, g in made.groups["behaviour"].items()} == {"pause": 1, "turn": 2}
    assert made.groups["behaviour"]["turn"].hours == pytest.approx(2 / 60)
    assert {k: g.sessions for k, g in made.groups["mode"].items()} == {"reserved": 1, NOT_KNOWN: 1}
    assert made.groups["voices of"]["a"].sessions == 2


def test_a_figure_says_whether_it_is_like_people_or_why_it_should_not_be() -> None:
    near = statistics_of([talk(((0.0, 2.0),), ((2.2, 4.0),))])
    off = statistics_of([talk(((0.0, 2.0),), ((5.0, 8.0),))])
    assert near["agent: gap, median"].verdict == "near"
    assert off["agent: gap, median"].verdict == "off"
    assert near["agent: starts in overlap"].verdict.startswith("fewer")


def test_what_a_pack_does_not_tell_is_not_known_and_not_zero() -> None:
    made = statistics_of([session()])
    assert made["agent: gap, median"].value is None
    assert made["both speak, of time with speech"].value is None
    assert made["both speak, of time with speech"].n == 0
    line = next(x for x in table(made).splitlines() if x.startswith("agent: gap, median"))
    assert NOT_KNOWN in line and "off" not in line


def test_no_sessions_give_a_table_too() -> None:
    made = statistics_of([])
    assert table(made).startswith("0 sessions, 0.00 h")
    assert json.loads(as_json(made))["sessions"] == 0


def test_the_table_is_aligned_and_names_its_sources() -> None:
    text = table(statistics_of([talk(((0.0, 2.0),), ((2.2, 4.0),))]))
    lines = text.splitlines()
    head = next(line for line in lines if line.startswith("figure"))
    row = next(line for line in lines if line.startswith("agent: gap, median"))
    at = head.index("people")
    assert row[at:].startswith("-0.04 to 0.46 s") and "0.20 s" in row and row.endswith("near")
    assert "[1] Stivers et al. 2009" in lines
    assert all(line == line.rstrip() for line in lines)


def test_json_holds_the_figures_with_their_verdicts_and_no_infinity() -> None:
    read = json.loads(as_json(statistics_of([talk(((0.0, 2.0),), ((2.2, 4.0),))])))
    first = read["figures"][0]
    assert (first["name"], first["n"], first["verdict"]) == ("agent: gap, median", 1, "near")
    assert sum(read["gaps"]["agent"]) == 1 and len(read["bins_s"]) + 1 == len(read["gaps"]["agent"])

from dataclasses import dataclass
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.evaluation.metrics import selectivity
from hocket.evaluation.metrics.exchange import (
    OURS,
    TAU_VOICE,
    Exchange,
    UserSound,
    Windows,
    spans_of_ticks,
)
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.truth import Kind
from hocket.protocol.floor import Floor
from tests.evaluation.metrics.hand_made import event, over, score, take, tick, turn

Spans = list[tuple[float, float]]


def exchange(*user: UserSound, agent: Spans, name: str = "one", length_s: float = 60.0) -> Exchange:
    return Exchange(id=name, length_s=length_s, user=user, agent=tuple(agent))


def sound(kind: Kind, start_s: float, end_s: float, **more: object) -> UserSound:
    return UserSound.model_validate({"kind": kind, "start_s": start_s, "end_s": end_s, **more})


def stop_s(kind: Kind, agent: Spans, *, windows: Windows = OURS, length_s: float = 60.0) -> float:
    one = exchange(sound(kind, 10.0, 10.5), agent=agent, length_s=length_s)
    verdict = selectivity.judge(one, one.user[0], windows)
    assert verdict is not None and verdict.speaking
    return verdict.stop_s


def figure(one: Exchange, name: str, windows: Windows = OURS) -> Figure:
    return selectivity.panel([one], windows=windows)[name]


# -- stops ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "expected_s"),
    [
        ([(5.0, 10.6)], 0.6),
        ([(5.0, 10.6), (10.95, 15.0)], 5.0),  # a hold of 350 ms
        ([(5.0, 10.6), (11.01, 15.0)], 0.6),  # of 410 ms
        ([(5.0, 9.7), (10.05, 15.0)], 5.0),  # the onset falls between two phrases
        ([(5.0, 10.2), (10.5, 10.8), (11.5, 15.0)], 0.8),
    ],
)
def test_a_stop_is_followed_by_more_than_four_tenths_of_a_second_of_silence(
    agent: Spans, expected_s: float
) -> None:
    assert stop_s(Kind.BACKCHANNEL, agent) == pytest.approx(expected_s)


def test_an_agent_that_speaks_to_the_recordings_end_never_stopped() -> None:
    assert stop_s(Kind.BACKCHANNEL, [(5.0, 60.0)]) == inf
    one = exchange(sound(Kind.BACKCHANNEL, 10.0, 10.3), agent=[(5.0, 10.7)], length_s=10.7)
    assert selectivity.judge(one, one.user[0], OURS) is None  # the recording ends too soon


@pytest.mark.parametrize(
    ("kind", "name", "good"),
    [
        (Kind.INTERRUPTION, "R_Y", [1, 1, 0, 0]),
        (Kind.BACKCHANNEL, "S_BC", [0, 1, 1, 1]),
        (Kind.TIC, "S_VT", [0, 1, 1, 1]),
        (Kind.SIDE, "S_ND", [0, 1, 1, 1]),
        (Kind.NOISE, "S_noise", [0, 1, 1, 1]),
    ],
)
def test_windows_of_two_seconds_for_interruptions_and_one_for_all_else(
    kind: Kind, name: str, good: list[int]
) -> None:
    for stop, expected in zip([0.9, 1.1, 2.1, 30.0], good, strict=True):
        one = exchange(sound(kind, 10.0, 10.5), agent=[(5.0, 10.0 + stop)])
        assert figure(one, name).value == expected, stop


def test_stops_after_the_window_are_printed_beside() -> None:
    for stop, late in [(0.9, 0), (1.1, 1), (2.4, 1), (2.6, 0)]:
        one = exchange(sound(Kind.BACKCHANNEL, 10.0, 10.5), agent=[(5.0, 10.0 + stop)])
        assert figure(one, "S_BC_late_stops").value == late, stop


def test_yield_latency_is_the_mean_over_those_that_stopped_in_time() -> None:
    each = [
        exchange(sound(Kind.INTERRUPTION, 10.0, 12.0), agent=[(5.0, 10.0 + s)], name=str(s))
        for s in (0.4, 0.8, 3.0)
    ]
    found = selectivity.panel(each)
    assert found["L_Y"].value == pytest.approx(0.6)
    assert found["R_Y"].value == pytest.approx(2 / 3)
    assert found["R_Y"].worst == ("3.0",)


@pytest.mark.parametrize("kind", [Kind.INTERRUPTION, Kind.BACKCHANNEL])
def test_a_sound_that_missed_the_agents_speech_is_void_and_never_passed(kind: Kind) -> None:
    name = {Kind.INTERRUPTION: "R_Y", Kind.BACKCHANNEL: "S_BC"}[kind]
    found = figure(exchange(sound(kind, 10.0, 10.5), agent=[(5.0, 9.0)]), name)
    assert (found.n, found.void, found.value) == (0, 1, None)


def test_a_sound_that_was_never_made_is_void_and_claims_no_floor() -> None:
    one = exchange(
        sound(Kind.TURN, 1.0, 2.0),
        sound(Kind.INTERRUPTION, 2.3, 2.3, over_agent=True),
        sound(Kind.NOISE, 10.0, 10.0, over_agent=True),
        agent=[(2.5, 12.0)],
    )
    found = selectivity.panel([one])
    assert (found["R_Y"].n, found["R_Y"].void) == (0, 1)
    assert (found["S_noise"].n, found["S_noise"].void) == (0, 1)
    assert (found["R_R"].n, found["R_R"].value) == (1, 1.0)


@pytest.mark.parametrize("kind", [Kind.TIC, Kind.SIDE, Kind.NOISE])
def test_a_tic_meant_for_speech_that_fell_on_silence_is_void(kind: Kind) -> None:
    name = next(n for n, k in selectivity.SELECTIVITY.items() if k is kind)
    meant = exchange(sound(kind, 10.0, 10.5, over_agent=True), agent=[])
    assert (figure(meant, name).n, figure(meant, name).void) == (0, 1)
    alone = exchange(sound(kind, 10.0, 10.5), agent=[])
    assert (figure(alone, name).n, figure(alone, name).value) == (1, 1)


@pytest.mark.parametrize(
    ("start_s", "ignored"), [(10.2, 0), (11.0, 0), (12.4, 0), (12.6, 1), (20.0, 1)]
)
def test_a_silent_agent_must_not_respond_within_two_seconds_of_the_end(
    start_s: float, ignored: int
) -> None:
    one = exchange(sound(Kind.SIDE, 10.0, 10.5), agent=[(start_s, start_s + 2)])
    assert figure(one, "S_ND").value == ignored


def test_a_start_that_answers_the_turn_before_says_nothing_about_a_tic() -> None:
    asked, tic = sound(Kind.TURN, 8.0, 9.8), sound(Kind.TIC, 10.0, 10.3)
    waiting = exchange(asked, tic, agent=[(11.0, 15.0)])
    assert figure(waiting, "S_VT").void == 1
    answered = exchange(asked, tic, agent=[(9.81, 9.95), (11.0, 15.0)])
    assert figure(answered, "S_VT").value == 0


def test_a_sound_beside_a_real_interruption_is_void() -> None:
    real = sound(Kind.INTERRUPTION, 10.6, 12.0)
    for start_s in (10.0, 10.9):
        one = exchange(sound(Kind.NOISE, start_s, start_s + 0.3), real, agent=[(5.0, 11.2)])
        assert (figure(one, "S_noise").n, figure(one, "S_noise").void) == (0, 1)
        assert figure(one, "R_Y").value == 1
    before = exchange(sound(Kind.NOISE, 7.0, 7.3), real, agent=[(5.0, 11.2)])
    assert figure(before, "S_noise").value == 1


# -- responses --------------------------------------------------------------------------------------


def test_responses_count_up_to_the_users_next_turn() -> None:
    one = exchange(
        sound(Kind.TURN, 1.0, 2.0),
        sound(Kind.TURN, 4.0, 5.0),
        sound(Kind.TURN, 20.0, 21.0),
        agent=[(6.0, 8.0), (29.5, 31.0)],
    )
    found = selectivity.panel([one])
    assert found["R_R"].value == pytest.approx(2 / 3)
    assert found["L_R"].value == pytest.approx((1.0 + 8.5) / 2)


def test_turns_over_whose_end_the_agent_speaks_are_left_out_as_published() -> None:
    one = exchange(
        sound(Kind.TURN, 1.0, 2.0), sound(Kind.INTERRUPTION, 5.0, 6.0), agent=[(1.9, 7.0)]
    )
    assert (figure(one, "R_R").n, figure(one, "R_R").void) == (0, 2)


def test_an_interruption_is_a_turn_once_the_agent_stopped_unless_no_answer_is_due() -> None:
    agent = [(3.0, 5.4), (6.5, 9.0)]
    asked = exchange(sound(Kind.INTERRUPTION, 5.0, 6.0), agent=agent)
    assert figure(asked, "R_R").value == 1
    told = exchange(sound(Kind.INTERRUPTION, 5.0, 6.0, answer_due=False), agent=agent)
    assert figure(told, "R_R").n == 0


def test_starts_over_the_user_are_counted_a_turn_and_not_in_pauses() -> None:
    user = sound(Kind.TURN, 1.0, 9.0, pauses=((4.0, 5.0),))
    starts = [(2.0, 2.3), (4.5, 5.5), (7.0, 8.0)]
    assert figure(exchange(user, agent=starts), "I_A").value == 2.0


# -- as published ----------------------------------------------------------------------------------


def test_ticks_give_the_published_numbers() -> None:
    def bits(text: str) -> list[bool]:
        return [c == "#" for c in text]

    user_turn = bits("..#####...........####....................................")
    back = bits("................#.............................#...........")
    agent = bits(".........#########..##........#################.######....")
    (said_at, interrupted_at), (bc1, bc2) = spans_of_ticks(user_turn), spans_of_ticks(back)
    one = exchange(
        sound(Kind.TURN, *said_at),
        sound(Kind.BACKCHANNEL, *bc1),
        sound(Kind.INTERRUPTION, 3.4, interrupted_at[1]),
        sound(Kind.BACKCHANNEL, *bc2),
        agent=list(spans_of_ticks(agent)),
        length_s=11.6,
    )
    found = selectivity.panel([one], windows=TAU_VOICE)
    # Turns end at 1.4 and 4.4 with the agent silent; it starts at 1.8 and at 6.0.
    assert found["L_R"].value == pytest.approx((0.4 + 1.6) / 2)
    assert (found["R_R"].value, found["R_R"].n) == (1.0, 2)
    # The user interrupts at 3.4; the first silent tick begins at 3.6.
    assert found["L_Y"].value == pytest.approx(0.2)
    assert found["R_Y"].value == 1.0
    # One of the agent's starts (4.0) falls on the user's speech.
    assert found["I_A"].value == pytest.approx(0.5)
    # Silent ticks begin at 3.6 and 9.4, within 1 s of the backchannels at 3.2 and 9.2.
    assert (found["S_BC"].value, found["S_BC"].n) == (0.0, 2)
    # To us 200 ms of silence are no yield, and what is said beside an interruption is void.
    ours = selectivity.panel([one])["S_BC"]
    assert (ours.value, ours.n, ours.void) == (1.0, 1, 1)


@dataclass
class Ticked:
    """A conversation in ticks: stretches of the user's sounds, and whether the agent speaks."""

    user: list[tuple[Kind, int, int]]
    agent: list[bool]

    def speaks(self, tick: int) -> bool:
        return tick < len(self.agent) and self.agent[tick]

    @property
    def starts(self) -> list[int]:
        return [t for t in range(len(self.agent)) if self.agent[t] and not self.speaks_before(t)]

    def speaks_before(self, tick: int) -> bool:
        return tick > 0 and self.agent[tick - 1]

    def exchange(self) -> Exchange:
        user = [sound(kind, 0.2 * a, 0.2 * b) for kind, a, b in self.user]
        agent = list(spans_of_ticks(self.agent))
        return exchange(*user, agent=agent, length_s=0.2 * len(self.agent))


@st.composite
def conversations(draw: st.DrawFn) -> Ticked:
    runs = draw(st.lists(st.tuples(st.integers(1, 14), st.integers(1, 14)), min_size=1, max_size=8))
    agent = [bit for off, on in runs for bit in [False] * off + [True] * on] + [False]
    user: list[tuple[Kind, int, int]] = []
    tick = draw(st.integers(0, 3))
    while tick < len(agent):
        length = draw(st.integers(1, 10))
        over_speech, in_silence = (Kind.INTERRUPTION, Kind.BACKCHANNEL), (Kind.TURN, Kind.TIC)
        kind = draw(st.sampled_from(over_speech if agent[tick] else in_silence))
        user.append((kind, tick, min(tick + length, len(agent))))
        tick += length + draw(st.integers(1, 8))
    return Ticked(user=user, agent=agent)


def reference(c: Ticked) -> dict[str, tuple[float, int]]:
    """Value and count of each rate, straight from the published description, tick by tick."""
    claims = [(a, b) for kind, a, b in c.user if kind in (Kind.TURN, Kind.INTERRUPTION)]
    valid = [(a, b) for a, b in claims if not c.speaks(b)]
    gaps = []
    for _, end in valid:
        agent = next((t for t in c.starts if t >= end), None)
        user = next((a for a, _ in valid if a >= end), None)
        if agent is not None and (user is None or agent <= user):
            gaps.append(0.2 * (agent - end))
        elif user is not None:
            gaps.append(inf)
    stops = {
        kind: [
            next((t - a for t in range(a, len(c.agent)) if not c.agent[t]), 999)
            for k, a, _ in c.user
            if k is kind
        ]
        for kind in (Kind.INTERRUPTION, Kind.BACKCHANNEL)
    }
    tics = [
        not any(a <= t <= b + 10 for t in c.starts) for kind, a, b in c.user if kind is Kind.TIC
    ]
    speech = [(a, b) for kind, a, b in c.user if kind is not Kind.TIC]
    over = sum(any(a <= t < b for a, b in speech) for t in c.starts)
    rates = {
        "R_R": [gap < inf for gap in gaps],
        "R_Y": [stop < 10 for stop in stops[Kind.INTERRUPTION]],
        "S_BC": [stop >= 5 for stop in stops[Kind.BACKCHANNEL]],
        "S_VT": tics,
    }
    found = {name: (sum(x) / len(x), len(x)) for name, x in rates.items() if x}
    return found | ({"I_A": (over / len(gaps), len(gaps))} if gaps else {})


@settings(max_examples=60, deadline=None)
@given(conversations())
def test_every_rate_is_the_published_one_on_ticks(conversation: Ticked) -> None:
    found = selectivity.panel([conversation.exchange()], windows=TAU_VOICE)
    wanted = reference(conversation)
    for name in ("R_R", "R_Y", "S_BC", "S_VT", "I_A"):
        figure_ = found[name]
        if name in wanted:
            assert figure_.value == pytest.approx(wanted[name][0]), name
            assert figure_.n == wanted[name][1], name
        else:
            assert figure_.value is None, name


def test_an_event_list_is_read_from_json() -> None:
    text = """{"id": "x", "length_s": 20.0, "user": [{"kind": "tic", "start_s": 5.0, "end_s": 5.2}],
               "agent": [[3.0, 5.5], [7.0, 9.0]]}"""
    assert figure(Exchange.model_validate_json(text), "S_VT").value == 0


def test_the_least_of_four_is_shown_only_when_all_have_ten_events() -> None:
    kinds = [Kind.INTERRUPTION, Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE]
    user = [sound(k, 10.0 * i, 10.0 * i + 0.3) for i, k in enumerate(kinds * 10, start=1)]
    agent = [(u.start_s - 1, u.start_s + (0.5 if u.kind is Kind.INTERRUPTION else 2)) for u in user]
    agent[3] = (agent[3][0], user[3].start_s + 0.5)  # yields to one side talk
    one = exchange(*user, agent=agent, length_s=500.0)
    found = figure(one, "min")
    assert (found.value, found.note, found.shown) == (0.9, "S_ND", True)
    few = one.model_copy(update={"user": one.user[1:]})
    assert figure(few, "min").value is None
    assert "R_Y" in figure(few, "min").note


# -- takes ------------------------------------------------------------------------------------------


def test_silence_because_all_was_said_is_void_by_the_score_and_a_dropped_plan_is_not() -> None:
    def scored(*plans: str) -> Figure:
        ticks = [tick(i, floor=Floor.SPEAK, sent=3200, plan=p) for i, p in enumerate(plans)]
        ticks += [tick(i) for i in range(len(plans), 60)]
        one = take(over(Kind.BACKCHANNEL, 4.0, 4.3), spans=[(2.0, 4.6)], score=score(*ticks))
        return selectivity.figures([one])["S_BC"]

    ended, cut = scored(*["more"] * 21, ""), scored(*["more"] * 22)
    assert (ended.n, ended.void) == (0, 1)
    assert (cut.n, cut.value) == (1, 0.0)


def test_a_take_says_to_the_panel_what_its_lanes_hold() -> None:
    events = [turn(1.0, 4.0, (2.0, 2.5), finished=False), event(Kind.TIC, 6.0, 6.2)]
    one = Exchange.of(take(*events, spans=[(5.0, 5.5)], scene="s"))
    assert one.user[0] == sound(Kind.TURN, 1.0, 4.0, answer_due=False, pauses=((2.0, 2.5),))
    assert (one.id, one.agent, one.length_s) == ("s", ((5.0, 5.5),), 60.0)

"""The fake agents rank as they should, and what must not matter to a metric does not."""

from functools import cache
from math import isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.core.units import TICK_S
from hocket.evaluation.fake_agents import MANNERS, FakeAgent, Manners, perform
from hocket.evaluation.lanes import heard_lane
from hocket.evaluation.metrics import table
from hocket.evaluation.metrics.backchannels import FARTHEST, timing_figure
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.metrics.timing import at_time, on_cue
from hocket.evaluation.truth import Event, Kind, Span, Truth
from tests.evaluation.metrics.hand_made import event, over, truth, turn

FAMILIES = ("turns", "answers", "backchannels", "overlap", "selectivity")
VOICE = "flite/a"
Table = dict[str, float]


def asked(at_s: float, slot: str = "paris") -> Event:
    return turn(at_s, at_s + 2.0, voice=VOICE, slots=((slot,),))


def scenes(seed: int = 0, copies: int = 10) -> list[Truth]:
    """Ten scenes of each family with times of their own."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(copies):
        x = float(np.round(rng.uniform(0, 0.5), 3))
        paused = turn(1.0, 7.0, (4.2, 4.8 + x), voice=VOICE, slots=(("paris",),))
        found += [
            truth(paused, scene=f"pause {i}", length_s=20.0),
            truth(
                turn(1.0, 6.0, (4.0, 4.6 + x), voice=VOICE, slots=(("rome",),)),
                scene=f"change {i}", family="change", length_s=20.0,
            ),
            truth(
                asked(1.0), over(Kind.INTERRUPTION, 5.0 + x, 6.5 + x, slots=(("oslo",),)),
                scene=f"interruption {i}", family="correction", length_s=20.0,
            ),
            truth(
                asked(1.0), over(Kind.BACKCHANNEL, 5.0 + x, 5.4 + x), scene=f"backchannel {i}",
                length_s=20.0,
            ),
            truth(
                asked(1.0), over(Kind.TIC, 5.0 + x, 5.4 + x), event(Kind.TIC, 17.0, 17.3),
                scene=f"tic {i}", length_s=25.0,
            ),
            truth(
                asked(1.0), over(Kind.SIDE, 5.0 + x, 6.4 + x, voice=VOICE), scene=f"side {i}",
                length_s=20.0,
            ),
            truth(
                asked(1.0), over(Kind.SIDE, 5.0 + x, 6.4 + x, voice="x"), scene=f"background {i}",
                length_s=20.0,
            ),
            truth(
                asked(1.0), over(Kind.NOISE, 5.0 + x, 5.2 + x), scene=f"noise {i}", length_s=20.0
            ),
            truth(
                turn(1.0, 3.0, voice=VOICE),
                scene=f"time {i}", length_s=20.0,
                wanted=[at_time((("tea",),), 8.0 + x), on_cue((("stop",),), 12.0)],
            ),
        ]  # fmt: skip
    return found


def takes_of(manners: Manners, truths: list[Truth]) -> list[Take]:
    return [Take(truth=one, lane=perform(one, manners).heard()) for one in truths]


def flat(takes: list[Take]) -> dict[str, Figure]:
    timed = [take for take in takes if take.truth.wanted]
    plain = [take for take in takes if not take.truth.wanted]
    tables = [*table(plain, FAMILIES).values(), *table(timed, ("timing",)).values()]
    return {name: figure for family in tables for name, figure in family.items()}


@cache
def measured(name: str) -> Table:
    figures = flat(takes_of(MANNERS[name], scenes()))
    return {key: figure.value for key, figure in figures.items() if figure.value is not None}


# What each agent is told apart by; everything else is the oracle's.
EXPECTED: dict[str, Table] = {
    "oracle": {
        "takeover": 1, "gap_median_s": 0.2, "gap_over": 0, "gap_soon": 1, "pause_takeover": 0,
        "pauses_broken": 0, "false_start": 0, "misfire": 0, "relevance": 1, "filler_only": 0,
        "recovery_median_s": 0.2, "wrong_never_voiced": 1, "backchannels_given": 0,
        "interruption": 1, "backchannel": 1, "side": 1, "background": 1, "overlap_score": 1,
        "stop_latency_median_s": 0.4, "R_R": 1, "L_R": 0.2, "R_Y": 1, "L_Y": 0.4, "I_A": 0,
        "S_BC": 1, "S_VT": 1, "S_ND": 1, "S_noise": 1, "min": 1,
        "hit_rate": 1, "false_alarm_penalty": 0, "timing_score": 1,
    },
    "stops-for-everything": {
        "backchannel": 0, "side": 0, "background": 0, "overlap_score": 0.25,
        "S_BC": 0, "S_VT": 0.5, "S_ND": 0, "S_noise": 0, "min": 0,
    },
    "never-stops": {
        "R_Y": 0, "min": 0, "interruption": 0, "overlap_score": 0.75,
        "stop_latency_median_s": 7.0, "recovery_median_s": float("inf"),
    },
    "talks-in-pauses": {
        "pause_takeover": 1, "pauses_broken": 1, "misfire": 1, "false_start": 0,
        "takeover": 1, "min": 1, "S_BC": 1,
    },
    "backchannels-as-takeover": {
        "false_start": 1, "pause_takeover": 0, "backchannels_given": 0, "R_Y": 1,
    },
    "silent": {
        "takeover": 0, "pause_takeover": 0, "pauses_broken": 0, "false_start": 0, "relevance": 0,
        "R_R": 0, "hit_rate": 0, "false_alarm_penalty": 0, "timing_score": 0,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_every_agent_scores_as_it_was_made(name: str) -> None:
    found = measured(name)
    for figure, value in EXPECTED[name].items():
        assert found[figure] == pytest.approx(
            value, abs=0.26 if figure.endswith("_s") and value > 5 else 0.011
        ), figure


def ranked(figure: str) -> list[str]:
    """Agents from the best to the worst, those alike in alphabetical order; the silent left out."""
    names = [name for name in MANNERS if name != "silent"]
    return sorted(names, key=lambda name: (-measured(name)[figure], name))


def test_the_table_ranks_them() -> None:
    assert set(ranked("min")[:3]) == {"oracle", "talks-in-pauses", "backchannels-as-takeover"}
    assert ranked("S_BC")[-1] == "stops-for-everything"
    assert ranked("R_Y")[-1] == "never-stops"
    assert ranked("pauses_broken")[0] == "talks-in-pauses"
    assert ranked("false_start")[0] == "backchannels-as-takeover"
    assert ranked("overlap_score")[-2:] == ["never-stops", "stops-for-everything"]
    for figure in ("pauses_broken", "pause_takeover", "false_start", "misfire", "I_A"):
        assert measured("oracle")[figure] == min(measured(n)[figure] for n in EXPECTED), figure
    for figure in ("takeover", "min", "overlap_score", "timing_score", "relevance"):
        good = [measured(n).get(figure, 0.0) for n in EXPECTED]
        assert measured("oracle")[figure] == max(good), figure


def test_a_silent_agent_scores_as_silence() -> None:
    found = flat(takes_of(MANNERS["silent"], scenes()))
    for name in ("R_Y", "S_BC", "interruption", "backchannel"):
        assert (found[name].n, found[name].value) == (0, None), name
        assert found[name].void > 0
    assert found["min"].value is None
    assert found["gap_median_s"].value is None
    assert found["gap_all_median_s"].value == float("inf")
    assert found["I_A"].value == 0
    human = np.array([1.0] * 11)
    assert timing_figure(takes_of(MANNERS["silent"], scenes()), human).value == FARTHEST


def test_a_listener_who_says_mhm_takes_no_floor() -> None:
    listener = Manners(backchannel_after_s=1.2)
    found = flat(takes_of(listener, scenes()))
    assert found["backchannels_given"].n > 0
    assert found["false_start"].value == 0
    assert found["pauses_broken"].value == 0
    assert found["takeover"].value == 1


# -- what must not matter -------------------------------------------------------------------------


def moved(one: Truth, n_samples: int) -> Truth:
    """The same scene ``n_samples`` later."""
    by = n_samples / 16_000

    def later(e: Event) -> Event:
        pauses = tuple(Span(start_s=p.start_s + by, end_s=p.end_s + by) for p in e.pauses)
        times = {"start_s": e.start_s + by, "end_s": e.end_s + by, "pauses": pauses}
        return e.model_copy(update=times)

    wanted = tuple(
        w.model_copy(update={"earliest_s": w.earliest_s + by, "latest_s": w.latest_s + by})
        for w in one.wanted
    )
    events = tuple(later(e) for e in one.events)
    update = {"events": events, "wanted": wanted, "length_s": one.length_s + by}
    return one.model_copy(update=update)


def taken(one: Truth, manners: Manners, n_samples: int = 0) -> Take:
    """A take with ``n_samples`` of silence before both lanes."""
    given_ = perform(one, manners)
    late_S = np.concatenate([np.zeros(n_samples, np.float32), given_.lane])
    words = tuple(
        w.model_copy(update={"start": w.start + n_samples, "end": w.end + n_samples})
        for w in given_.words
    )
    return Take(truth=moved(one, n_samples), lane=heard_lane(late_S, 16_000, words))


@settings(max_examples=5, deadline=None)
@given(
    n_samples=st.integers(1, 50_000),
    seed=st.integers(0, 50),
    name=st.sampled_from(sorted(MANNERS)),
)
def test_shifting_both_lanes_by_any_number_of_samples_changes_nothing(
    n_samples: int, seed: int, name: str
) -> None:
    truths = scenes(seed, copies=2)
    here = flat([taken(one, MANNERS[name]) for one in truths])
    there = flat([taken(one, MANNERS[name], n_samples) for one in truths])
    assert here == there


@settings(max_examples=5, deadline=None)
@given(at_s=st.floats(3.3, 11.0), length_s=st.floats(0.05, 1.0), seed=st.integers(0, 50))
def test_a_noise_that_the_agent_ignores_lowers_no_other_rate(
    at_s: float, length_s: float, seed: int
) -> None:
    truths = scenes(seed, copies=2)
    noise = event(Kind.NOISE, at_s, at_s + length_s)
    louder = [one.model_copy(update={"events": (*one.events, noise)}) for one in truths]
    before, after = (flat(takes_of(MANNERS["oracle"], some)) for some in (truths, louder))
    for name, figure in before.items():
        if not name.startswith("S_noise"):
            assert after[name].value == figure.value, name
            assert after[name].n == figure.n or name == "S_undisturbed", name
    assert after["S_noise"].value in (None, 1.0)


@settings(max_examples=10, deadline=None)
@given(gap_s=st.floats(-0.35, 2.5))
def test_a_gap_is_what_was_put_between_the_turn_and_the_answer(gap_s: float) -> None:
    one = truth(turn(1.0, 3.0), length_s=20.0)
    found = flat(takes_of(Manners(answer_after_s=gap_s), [one]))
    assert found["gap_median_s"].value == pytest.approx(gap_s, abs=1e-4)
    if gap_s > 0:
        assert found["L_R"].value == pytest.approx(gap_s, abs=1e-4)


# -- the agents themselves --------------------------------------------------------------------------


def test_an_agent_gives_each_tick_once_and_hears_of_events_when_they_begin() -> None:
    one = scenes()[2]
    agent = FakeAgent(MANNERS["oracle"])
    ticks = []
    for tick in range(int(one.length_s / TICK_S)):
        begun = [e for e in one.events if e.start_s < (tick + 1) * TICK_S]
        ticks.append(agent.step(tick, begun))
    assert all(len(tick) == 3200 for tick in ticks)
    assert np.array_equal(np.concatenate(ticks), perform(one, MANNERS["oracle"]).lane)
    assert isfinite(float(np.sum(ticks)))


def test_its_score_says_whether_it_had_said_all() -> None:
    late = truth(asked(1.0), over(Kind.BACKCHANNEL, 11.5, 11.8), scene="s", length_s=20.0)
    for name, outcome in [("oracle", (0, 1)), ("stops-for-everything", (1, 0))]:
        agent = FakeAgent(MANNERS[name])
        sound_S = np.concatenate([agent.step(k, late.events) for k in range(100)])
        heard = heard_lane(sound_S, 16_000, agent.words())
        found = flat([Take(truth=late, lane=heard, score=agent.score(100))])["S_BC"]
        assert (found.n, found.void) == outcome, name


def test_the_same_agent_gives_the_same_bytes() -> None:
    for one in scenes()[:9]:
        first, second = (perform(one, MANNERS["stops-for-everything"]) for _ in range(2))
        assert first.lane.tobytes() == second.lane.tobytes()
        assert first.words == second.words

"""A user who listens, on timelines: agents here are tones that begin and end by rule."""

from dataclasses import replace

import numpy as np
import pytest

from hocket.core.units import TICK_S
from hocket.evaluation.scenes.scene import Anchor, Around, Wish
from hocket.evaluation.simulated_user import ANSWER_S, ENDLESS_S
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Event, Kind
from tests.evaluation.scenes.conftest import MHM, PAUSING, QUESTION, SIDE, STORY, WAIT
from tests.evaluation.scenes.stage import (
    Performance,
    Talker,
    endless,
    move,
    perform,
    scene,
    silent,
)

OPENED = move(STORY, Anchor.START, 0.5)


def speaking(done: Performance, at_s: float) -> bool:
    return any(start_s <= at_s < end_s for start_s, end_s in done.agent_spans)


def of_kind(done: Performance, kind: Kind) -> list[Event]:
    return [event for event in done.truth.events if event.kind is kind]


def loud_from(done: Performance, event: Event) -> tuple[float, float]:
    """First and last sample above -50 dBFS in and around an event, in seconds."""
    first, behind = (round(t * 16_000) for t in (event.start_s - 0.2, event.end_s + 0.2))
    loud = np.flatnonzero(np.abs(done.user_S[max(first, 0) : behind]) > 0.003)
    return (first + loud[0]) / 16_000, (first + loud[-1]) / 16_000


def test_truth_says_when_a_sound_was_audible(sounds: SceneSounds) -> None:
    done = perform(scene(OPENED), sounds, silent)
    (event,) = done.truth.events
    start_s, end_s = loud_from(done, event)
    assert event.start_s == pytest.approx(0.5, abs=1e-3)
    assert start_s == pytest.approx(event.start_s, abs=0.02)
    assert end_s == pytest.approx(event.end_s, abs=0.03)


def test_a_sound_falls_its_time_after_the_agent_began(sounds: SceneSounds) -> None:
    done = perform(scene(OPENED, move(MHM, Anchor.VOICE, 1.13)), sounds, Talker())
    (mhm,) = of_kind(done, Kind.BACKCHANNEL)
    assert mhm.over_agent
    assert mhm.start_s == pytest.approx(done.agent_spans[0][0] + 1.13, abs=0.002)


def test_a_second_sound_in_one_answer_counts_from_the_first(sounds: SceneSounds) -> None:
    moves = [move(MHM, Anchor.VOICE, 0.6), move(SIDE, Anchor.VOICE, 0.7)]
    done = perform(scene(OPENED, *moves), sounds, Talker())
    (mhm,), (side,) = of_kind(done, Kind.BACKCHANNEL), of_kind(done, Kind.SIDE)
    assert side.start_s == pytest.approx(mhm.end_s + 0.7, abs=0.002)
    assert len(done.agent_spans) == 1


def test_short_answers_are_followed_by_new_openings_until_all_is_said(sounds: SceneSounds) -> None:
    moves = [move(MHM, Anchor.VOICE, 1.0), move(WAIT, Anchor.VOICE, 1.0)] * 2
    done = perform(scene(*moves, fuel=(STORY,) * 5), sounds, Talker(talk_s=2.0))
    over = [event for event in done.truth.events if event.over_agent]
    assert [event.kind for event in over] == [Kind.BACKCHANNEL, Kind.INTERRUPTION] * 2
    assert all(speaking(done, event.start_s) for event in over)


def test_the_unsaid_is_void_not_said_into_silence(sounds: SceneSounds) -> None:
    done = perform(scene(move(MHM, Anchor.VOICE, 1.0), fuel=(STORY, STORY)), sounds, silent)
    (void,) = of_kind(done, Kind.BACKCHANNEL)
    assert void.over_agent
    assert void.start_s == void.end_s
    assert not speaking(done, void.start_s)
    turns = of_kind(done, Kind.TURN)
    assert len(turns) == 2
    assert turns[1].start_s >= turns[0].end_s + ANSWER_S


def test_what_meets_the_rest_of_an_old_answer_waits_for_the_new_one(sounds: SceneSounds) -> None:
    """After an interruption the agent talks on for 1 s: that is no answer to it."""

    def late_to_stop(time_s: float, user_S: object) -> bool:
        return 3.0 < time_s < 6.0 or 8.0 < time_s < 12.0

    moves = [move(QUESTION, Anchor.START, 0.5), move(WAIT, Anchor.VOICE, 1.2)]
    done = perform(scene(*moves, move(MHM, Anchor.VOICE, 0.5)), sounds, late_to_stop)
    (mhm,) = of_kind(done, Kind.BACKCHANNEL)
    assert mhm.start_s == pytest.approx(done.agent_spans[1][0] + 0.5, abs=0.002)


def test_the_next_turn_comes_in_the_silence_behind_the_answer(sounds: SceneSounds) -> None:
    done = perform(scene(OPENED, move(QUESTION, Anchor.SILENCE, 1.1)), sounds, Talker())
    second = of_kind(done, Kind.TURN)[1]
    assert second.start_s == pytest.approx(done.agent_spans[0][1] + 1.1, abs=0.03)


def test_an_answer_that_never_comes_is_given_up(sounds: SceneSounds) -> None:
    done = perform(scene(OPENED, move(QUESTION, Anchor.SILENCE, 1.1)), sounds, silent)
    first, second = of_kind(done, Kind.TURN)
    assert second.start_s == pytest.approx(first.end_s + ANSWER_S, abs=0.002)


def test_an_agent_that_never_stops_ends_no_scene_late(sounds: SceneSounds) -> None:
    moves = [OPENED, move(MHM, Anchor.VOICE, 1.0), move(QUESTION, Anchor.SILENCE, 1.0)]
    done = perform(scene(*moves), sounds, endless)
    assert all(speaking(done, e.start_s) for e in done.truth.events if e.over_agent)
    assert done.truth.length_s < 2 * ENDLESS_S + 15


def test_a_stutterer_ends_no_scene_late(sounds: SceneSounds) -> None:
    def stutter(time_s: float, user_S: object) -> bool:
        return round(time_s / TICK_S) % 4 == 0

    moves = [OPENED, move(MHM, Anchor.VOICE, 1.0), move(QUESTION, Anchor.SILENCE, 1.0)]
    done = perform(scene(*moves, fuel=(STORY,)), sounds, stutter)
    assert done.truth.length_s < 4 * ENDLESS_S + 20


def test_pauses_are_the_silences_inside_a_turn(sounds: SceneSounds) -> None:
    done = perform(scene(move(PAUSING, Anchor.START, 0.5)), sounds, silent)
    (turn,) = done.truth.events
    assert len(turn.pauses) >= 2
    for pause in turn.pauses:
        inside = done.user_S[
            round((pause.start_s + 0.03) * 16e3) : round((pause.end_s - 0.03) * 16e3)
        ]
        assert turn.start_s < pause.start_s < pause.end_s < turn.end_s
        assert np.max(np.abs(inside)) < 0.003


def test_a_silence_is_made_longer_by_what_is_asked(sounds: SceneSounds) -> None:
    plain = perform(scene(move(PAUSING, Anchor.START, 0.5)), sounds, silent).truth.events[0]
    stretched = replace(PAUSING, stretch_s=0.8)
    done = perform(scene(move(stretched, Anchor.START, 0.5)), sounds, silent)
    (turn,) = done.truth.events
    lengths = [sorted(p.end_s - p.start_s for p in e.pauses) for e in (plain, turn)]
    assert turn.end_s == pytest.approx(plain.end_s + 0.8, abs=1e-3)
    assert lengths[1][-1] == pytest.approx(lengths[0][-1] + 0.8, abs=1e-3)


def test_windows_count_from_the_edge_of_what_was_said(sounds: SceneSounds) -> None:
    wishes = [
        Wish(content=(("ding",),), after=0, edge="end", from_s=3.7, to_s=4.3),
        Wish(content=(("hop",),), after=1, edge="start", from_s=0.0, to_s=0.8),
    ]
    moves = [OPENED, move(QUESTION, Anchor.FIRST, 2.5)]
    done = perform(scene(*moves, wishes=tuple(wishes), tail_s=2.0), sounds, silent)
    first, second = done.truth.events
    assert second.start_s == pytest.approx(first.end_s + 2.5, abs=1e-3)
    assert done.truth.wanted[0].earliest_s == pytest.approx(first.end_s + 3.7, abs=1e-3)
    assert done.truth.wanted[1].latest_s == pytest.approx(second.start_s + 0.8, abs=1e-3)
    assert done.truth.length_s >= done.truth.wanted[0].latest_s + 2.0


def test_the_same_agent_lane_gives_the_same_bytes(sounds: SceneSounds) -> None:
    moves = [move(MHM, Anchor.VOICE, 0.9), move(WAIT, Anchor.VOICE, 0.9)]
    around = Around(noise="wind", snr_db=10.0, lost_share=0.05, late_a_minute=20.0)
    what = scene(*moves, fuel=(STORY, STORY, STORY), around=around)
    once, again = (perform(what, sounds, Talker()) for _ in range(2))
    assert once.truth == again.truth
    assert once.user_S.tobytes() == again.user_S.tobytes()


def test_another_agent_lane_gives_another_conversation(sounds: SceneSounds) -> None:
    what = scene(OPENED, move(MHM, Anchor.VOICE, 0.9), move(QUESTION, Anchor.SILENCE, 1.0))
    one, other = (perform(what, sounds, Talker(talk_s=s)) for s in (3.0, 6.0))
    assert one.truth.events[:2] == other.truth.events[:2]
    assert one.truth.events[2].start_s < other.truth.events[2].start_s - 2.0

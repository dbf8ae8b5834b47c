import pytest

from hocket.evaluation.metrics.control import undisturbed
from hocket.evaluation.metrics.exchange import Exchange, UserSound
from hocket.evaluation.truth import Kind

Spans = list[tuple[float, float]]


def exchange(agent: Spans, *sounds: tuple[float, float]) -> Exchange:
    user = tuple(UserSound(kind=Kind.NOISE, start_s=a, end_s=b) for a, b in sounds)
    return Exchange(id="one", length_s=60.0, user=user, agent=tuple(agent))


def test_a_pause_of_the_voice_itself_is_what_a_rate_cannot_be_better_than() -> None:
    # moments at 10.0, 10.5 ... 13.5 and from 14.5 on; 13.5 and 13.0 look into the pause
    found = undisturbed([exchange([(10.0, 14.0), (14.5, 18.5)])])
    assert found.n == 8 + 7
    assert found.value == pytest.approx(14 / 15)


def test_short_pauses_between_phrases_cost_nothing() -> None:
    assert undisturbed([exchange([(10.0, 14.0), (14.36, 18.5)])]).value == 1


def test_the_end_of_an_answer_says_nothing() -> None:
    alone = undisturbed([exchange([(10.0, 14.0)])])
    assert (alone.n, alone.value) == (7, 1)
    assert undisturbed([exchange([(10.0, 14.0), (15.6, 22.0)])]).value == 1
    before_a_sound = undisturbed([exchange([(10.0, 14.0), (14.9, 22.0)], (14.3, 14.5))])
    assert before_a_sound.value == 1


def test_moments_near_a_sound_are_left_out() -> None:
    # a sound at 13.0..13.2 takes the moments from 12.5 to 15.0
    found = undisturbed([exchange([(10.0, 18.0)], (13.0, 13.2))])
    assert found.n == 5 + 4


def test_a_silent_agent_has_no_pauses_to_measure() -> None:
    assert undisturbed([exchange([], (13.0, 13.2))]).value is None

from math import inf

import pytest

from hocket.evaluation.metrics import turns
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.truth import Kind
from tests.evaluation.metrics.hand_made import event, said, score, take, tick, turn

Spans = list[tuple[float, float]]


def value(takes: list[Take], name: str) -> float | None:
    return turns.figures(takes)[name].value


@pytest.mark.parametrize(
    ("spans", "gap_s"),
    [
        ([(3.3, 6.0)], 0.3),
        ([(2.9, 6.0)], -0.1),
        ([(1.5, 6.0)], -1.5),
        ([(3.3, 3.8), (5.0, 7.0)], 2.0),  # half a second is no takeover
        ([(3.3, 3.8), (4.2, 7.0)], 0.3),  # a silence of 0.4 s interrupts nothing
        ([(1.0, 2.5), (3.4, 7.0)], 0.4),  # what ended before the turn did is no answer
        ([(11.1, 14.0)], inf),  # after 8 s
        ([(-0.0, 14.0)], inf),  # began before the turn
        ([], inf),
    ],
)
def test_a_gap_runs_from_the_last_sample_to_the_takeover_and_is_never_clamped(
    spans: Spans, gap_s: float
) -> None:
    one = take(turn(0.5, 3.0), spans=spans)
    (case,), void = turns.gaps([one])
    assert case.value == pytest.approx(gap_s)
    assert void == 0


def test_four_words_take_over_however_short() -> None:
    one = take(turn(0.5, 3.0), spans=[(3.2, 3.9)], words=said("no it is not", 3.2, 0.17))
    assert turns.gap_s(one, one.sounds()[0]) == pytest.approx(0.2)
    three = take(turn(0.5, 3.0), spans=[(3.2, 3.9)], words=said("no it isn't", 3.2, 0.17))
    assert turns.gap_s(three, three.sounds()[0]) == inf


def test_an_answer_into_which_the_user_speaks_need_not_last_a_second() -> None:
    cough = event(Kind.TIC, 3.8, 4.0)
    one = take(turn(0.5, 3.0), cough, spans=[(3.3, 4.1)])
    assert turns.gap_s(one, one.sounds()[0]) == pytest.approx(0.3)


def test_an_answer_after_the_users_next_turn_is_not_the_first_ones() -> None:
    one = take(turn(0.5, 3.0), turn(5.0, 7.0), spans=[(7.2, 9.0)])
    cases, _ = turns.gaps([one])
    assert [case.value for case in cases] == [inf, pytest.approx(0.2)]


def test_gaps_are_reported_over_answered_turns_and_over_all() -> None:
    takes = [take(turn(0.5, 3.0), spans=[(3.0 + gap, 6.0)]) for gap in (-0.3, -0.1, 0.0, 0.4, 0.9)]
    takes += [take(turn(0.5, 3.0)), take(turn(0.5, 3.0))]
    assert value(takes, "takeover") == pytest.approx(5 / 7)
    assert value(takes, "gap_median_s") == 0.0
    assert value(takes, "gap_p90_s") == pytest.approx(0.9)
    assert value(takes, "gap_all_median_s") == pytest.approx(0.4)
    assert value(takes, "gap_over") == pytest.approx(1 / 5)
    assert value(takes, "gap_soon") == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("text", "answered", "taken"),
    [("seven", 1, 0), ("the number is seven", 1, 1), ("mm-hm", 0, 0), ("", 0, 0)],
)
def test_a_short_answer_is_an_answer_and_no_takeover(text: str, answered: int, taken: int) -> None:
    one = take(turn(0.5, 3.0), spans=[(3.5, 4.2)], words=said(text, 3.5, 0.15))
    assert value([one], "answered") == answered
    assert value([one], "takeover") == taken
    assert value([one], "gap_all_median_s") == (pytest.approx(0.5) if answered else float("inf"))


def test_a_turn_at_the_end_of_its_scene_is_void() -> None:
    one = take(turn(0.5, 3.0), spans=[(3.2, 5.0)], length_s=4.9)
    figure = turns.figures([one])["takeover"]
    assert (figure.n, figure.void) == (0, 1)


def test_an_answer_to_a_turn_that_was_broken_off_is_counted_apart() -> None:
    takes = [
        take(turn(0.5, 3.0, finished=False), spans=[(4.0, 6.0)]),
        take(turn(0.5, 3.0, finished=False)),
    ]
    assert value(takes, "takeover_unfinished") == 0.5
    assert value(takes, "takeover") is None


# -- pauses ---------------------------------------------------------------------------------------

PAUSED = turn(1.0, 6.0, (3.0, 4.0))


@pytest.mark.parametrize(
    ("spans", "takeover", "broken"),
    [
        ([(3.2, 5.0)], 1, 1),
        ([(3.2, 3.9)], 0, 0),  # ended by itself: may be a backchannel
        ([(3.2, 4.1)], 0, 1),  # cut off by the user, still under 1 s
        ([(2.7, 5.0)], 1, 1),  # foreseen as an end
        ([(3.95, 5.5)], 1, 1),
        ([(4.0, 5.5)], 0, 0),  # into the user's speech: a false start
        ([(2.5, 5.5)], None, None),  # had the floor before
        ([], 0, 0),
    ],
)
def test_a_pause_is_judged_by_what_starts_in_it(
    spans: Spans, takeover: float | None, broken: float | None
) -> None:
    one = take(PAUSED, spans=spans, words=None)
    assert value([one], "pause_takeover") == takeover
    assert value([one], "pauses_broken") == broken


def test_a_short_start_in_a_pause_is_excused_by_words_of_acknowledgment_only() -> None:
    for text, broken in [("mm-hm", 0.0), ("i see", 0.0), ("the cap", 1.0), ("oh i really", 1.0)]:
        one = take(PAUSED, spans=[(3.2, 3.9)], words=said(text, 3.2, 0.2))
        assert value([one], "pauses_broken") == broken, text
        assert value([one], "pause_takeover") == 0


def test_a_pause_in_which_the_agent_had_the_floor_is_void() -> None:
    figure = turns.pauses_broken([take(PAUSED, spans=[(2.0, 5.5)])])
    assert (figure.n, figure.void) == (0, 1)


def test_each_pause_of_a_turn_counts() -> None:
    one = take(turn(1.0, 9.0, (3.0, 4.0), (6.0, 6.5), (8.0, 8.4)), spans=[(6.2, 7.9)])
    figure = turns.pause_takeover([one])
    assert figure.n == 3
    assert figure.value == pytest.approx(1 / 3)


# -- too soon -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "false_start"),
    [
        ([(2.0, 3.5)], 1),
        ([(2.0, 2.5)], 0),  # a backchannel
        ([(3.5, 5.0)], 0),  # in the pause
        ([(2.7, 5.0)], 0),  # just before the pause: the pause answers for it
        ([(4.1, 5.5)], 1),
        ([(5.7, 8.0)], 0),  # just before the end: an answer
        ([(0.9, 5.0)], 0),  # before the turn
    ],
)
def test_a_false_start_is_a_takeover_into_running_speech(spans: Spans, false_start: int) -> None:
    assert value([take(PAUSED, spans=spans)], "false_start") == false_start


@pytest.mark.parametrize(
    ("spans", "text", "broken"),
    [
        ([(4.2, 4.6)], None, 1),  # into running speech, cut off at once: no takeover, no pause's
        ([(4.2, 4.6)], "mm-hm", 0),
        ([(4.2, 4.6)], "the", 1),
        ([(3.2, 3.9)], None, 0),  # ended by itself in the pause
        ([(3.9, 4.3)], None, 1),
        ([(5.7, 8.0)], None, 0),  # just before the end: an answer
        ([], None, 0),
    ],
)
def test_a_turn_is_broken_by_any_start_before_its_end(
    spans: Spans, text: str | None, broken: int
) -> None:
    words = None if text is None else said(text, spans[0][0], 0.2)
    assert value([take(PAUSED, spans=spans, words=words)], "turns_broken") == broken


@pytest.mark.parametrize(
    ("spans", "text", "withdrawn"),
    [
        ([(3.3, 4.6)], None, 1),  # begun in the pause, which ends at 4.0
        ([(3.3, 5.1)], None, 0),
        ([(3.3, 4.2), (4.5, 5.5)], None, 0),  # a hold is no end
        ([(4.2, 5.1)], None, 1),  # into running speech
        ([(4.2, 5.3)], None, 0),
        ([(4.2, 4.6)], "mm-hm", None),
        ([(3.2, 3.9)], None, None),  # over before the user went on
        ([(5.2, 8.0)], None, None),  # the user had nearly done
        ([(6.2, 8.0)], None, None),
    ],
)
def test_who_began_inside_a_turn_is_silent_within_a_second_or_has_talked_over_it(
    spans: Spans, text: str | None, withdrawn: int | None
) -> None:
    words = None if text is None else said(text, spans[0][0], 0.2)
    assert value([take(PAUSED, spans=spans, words=words)], "withdrawn") == withdrawn


def test_a_misfire_answers_before_the_meaning_changed() -> None:
    early, late = [(3.3, 4.6)], [(6.2, 8.0)]
    takes = [
        take(PAUSED, spans=early, family="correction"),
        take(PAUSED, spans=late, family="changes-of-mind"),
        take(PAUSED, spans=early, family="hesitations"),
    ]
    figure = turns.misfire(takes)
    assert (figure.n, figure.value) == (2, 0.5)


def test_the_agents_account_changes_no_gap() -> None:
    told = score(*(tick(i, sent=3200, plan="more to say") for i in range(30)))
    plain = take(PAUSED, spans=[(6.2, 8.0)])
    scored = take(PAUSED, spans=[(6.2, 8.0)], score=told)
    assert turns.figures([plain]) == turns.figures([scored])

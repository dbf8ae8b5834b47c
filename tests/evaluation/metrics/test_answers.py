from math import inf

import pytest

from hocket.evaluation.metrics import answers
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.truth import Kind
from tests.evaluation.metrics.hand_made import over, said, take, turn

ASKED = turn(0.5, 3.0, slots=(("paris",),))


def figure(takes: list[Take], name: str) -> Figure:
    return answers.figures(takes)[name]


def test_the_content_gap_skips_the_fillers_before_it() -> None:
    words = [*said("Sure, let me see.", 3.2), *said("It is Paris.", 5.0)]
    one = take(ASKED, spans=[(3.2, 4.3), (5.0, 6.0)], words=words)
    assert figure([one], "content_gap_median_s").value == pytest.approx(2.0)
    assert figure([one], "filler_only").value == 1
    direct = take(ASKED, spans=[(3.2, 4.3)], words=said("Sure, it's Paris.", 3.2))
    assert figure([direct], "content_gap_median_s").value == pytest.approx(0.45)
    assert figure([direct], "filler_only").value == 0


def test_fillers_alone_have_no_content() -> None:
    one = take(ASKED, spans=[(3.2, 4.4)], words=said("Well, let me see.", 3.2))
    assert figure([one], "content_gap_median_s").value == inf
    assert figure([one], "relevance").value == 0


def test_an_answer_is_relevant_if_it_holds_the_expected_words_before_the_next_turn() -> None:
    spans = [(3.2, 5.0)]
    right = take(ASKED, spans=spans, words=said("I think it's Paris.", 3.2))
    wrong = take(ASKED, spans=spans, words=said("I think it's Rome.", 3.2))
    late = take(
        ASKED, turn(6.0, 7.0), spans=[*spans, (7.2, 9.0)], words=said("oh it is Paris", 7.2)
    )
    silent = take(ASKED)
    found = figure([right, wrong, late, silent], "relevance")
    assert (found.n, found.value) == (4, 0.25)


def test_an_answer_begun_before_the_turns_end_counts_with_all_its_words() -> None:
    one = take(ASKED, spans=[(2.8, 5.0)], words=said("Paris it is for sure", 2.8))
    assert figure([one], "relevance").value == 1
    assert figure([one], "content_gap_median_s").value == pytest.approx(-0.2)


def test_what_nobody_read_back_is_void_and_not_irrelevant() -> None:
    one = take(ASKED, spans=[(3.2, 5.0)], words=None)
    assert (figure([one], "relevance").n, figure([one], "relevance").void) == (0, 1)
    assert figure([one], "content_gap_median_s").void == 1


CALL = turn(0.5, 2.0, slots=(("anna",),))
NO_PETER = over(Kind.INTERRUPTION, 4.0, 5.0, slots=(("peter",),))


@pytest.mark.parametrize(
    ("spans", "words", "recovery_s", "clean"),
    [
        ([(2.2, 4.4), (5.3, 7.0)], said("okay calling Peter", 5.3), 0.8, 1),
        ([(2.2, 4.4), (5.3, 7.0)], said("okay calling Anna no Peter", 5.3), 1.3, 0),
        ([(2.2, 8.0)], said("calling Anna for you my dear", 2.2), inf, 1),  # said before
        ([(2.2, 8.0)], said("calling Anna", 6.0), inf, 0),
    ],
)
def test_recovery_is_the_time_to_the_corrected_content(
    spans: list[tuple[float, float]],
    words: list[tuple[str, float, float]],
    recovery_s: float,
    clean: float,
) -> None:
    one = take(CALL, NO_PETER, spans=spans, words=words, family="corrections")
    assert figure([one], "recovery_median_s").value == pytest.approx(recovery_s)
    assert figure([one], "wrong_never_voiced").value == clean


def test_content_that_stays_right_is_not_outdated() -> None:
    assert answers.outdated((("anna",), ("5", "five")), (("peter",), ("five",))) == (("anna",),)


@pytest.mark.parametrize(
    ("spans", "recovery_s", "clean"),
    [([(6.2, 8.0)], 0.45, 1), ([(3.2, 4.6), (6.2, 8.0)], 0.45, 0), ([(3.2, 4.6)], inf, 0)],
)
def test_a_turn_that_corrects_itself_is_answered_as_corrected(
    spans: list[tuple[float, float]], recovery_s: float, clean: int
) -> None:
    changed = turn(1.0, 6.0, (3.0, 4.0), slots=(("lisbon",),))
    words = said("it's Lisbon", 6.2) if spans[-1][0] > 6 else said("it's Madrid", 3.2)
    one = take(changed, spans=spans, words=words, family="correction")
    assert figure([one], "recovery_median_s").value == pytest.approx(recovery_s)
    assert figure([one], "wrong_never_voiced").value == clean
    other = take(changed, spans=spans, words=words, family="cuespeak-correct-me")
    assert figure([other], "wrong_never_voiced").n == 0

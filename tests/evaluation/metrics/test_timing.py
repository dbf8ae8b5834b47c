import pytest

from hocket.evaluation.metrics import timing
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.metrics.timing import at_time, kept, on_cue
from tests.evaluation.metrics.hand_made import said, take, turn

ASKED = turn(0.5, 2.0)
TEA = (("tea", "kettle"),)


def spoken(*texts: tuple[str, float], **more: object) -> Take:
    words = [word for text, at in texts for word in said(text, at)]
    spans = [(at, at + 0.25 * len(text.split())) for text, at in texts]
    return take(ASKED, spans=spans, words=words, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start_s", "hits", "alarms"),
    [(9.6, 0, 1), (9.71, 1, 0), (10.3, 1, 0), (10.4, 0, 1)],
)
def test_a_time_is_kept_within_three_tenths_of_a_second(
    start_s: float, hits: int, alarms: int
) -> None:
    found = kept(spoken(("tea is ready", start_s), wanted=[at_time(TEA, 10.0)]))
    assert (found.hits, found.false_alarms) == (hits, alarms)


@pytest.mark.parametrize(("start_s", "hits"), [(9.9, 0), (10.0, 1), (10.8, 1), (10.9, 0)])
def test_a_cue_is_answered_from_its_end_on_within_eight_tenths(start_s: float, hits: int) -> None:
    assert kept(spoken(("tea", start_s), wanted=[on_cue(TEA, 10.0)])).hits == hits


def test_the_wrong_words_at_the_right_time_are_no_hit_and_no_extra() -> None:
    found = kept(spoken(("coffee is ready", 10.0), wanted=[at_time(TEA, 10.0)]))
    assert (found.hits, found.false_alarms) == (0, 0)


def test_a_word_at_its_time_within_a_longer_utterance_is_a_hit() -> None:
    found = kept(spoken(("so the time is up for your tea", 8.5), wanted=[at_time(TEA, 10.2)]))
    assert found.hits == 1
    late = kept(spoken(("so the time is up for your tea", 8.5), wanted=[at_time(TEA, 9.0)]))
    assert late.hits == 0


def test_one_utterance_serves_one_wish() -> None:
    wishes = [at_time(TEA, 10.0), at_time(TEA, 10.2)]
    assert kept(spoken(("tea", 10.1), wanted=wishes)).hits == 1
    assert kept(spoken(("tea", 9.8), ("tea", 10.4), wanted=wishes)).hits == 2


def test_the_answer_to_the_instruction_is_no_false_alarm_and_all_else_is() -> None:
    wishes = [at_time(TEA, 10.0)]
    found = kept(spoken(("sure", 2.2), ("tea", 10.0), ("more tea", 14.0), wanted=wishes))
    assert (found.hits, found.false_alarms) == (1, 1)


def test_who_talks_all_the_time_meets_wishes_and_pays_for_it() -> None:
    wishes = [at_time(TEA, 10.0 + 4 * i) for i in range(3)]
    texts = [("tea " * 90, 2.2)]
    found = kept(spoken(*texts, wanted=wishes))
    assert found.hits >= 1
    assert found.penalty == 1.0


def test_the_score_is_the_macro_hit_rate_less_the_penalty() -> None:
    wishes = [at_time(TEA, 10.0), at_time(TEA, 20.0)]
    takes = [
        spoken(("tea", 10.0), ("tea", 20.0), wanted=wishes),
        spoken(("tea", 10.0), ("tea", 15.0), wanted=wishes),
        spoken(wanted=wishes),
        spoken(suite="timing"),
        spoken(),  # of another suite
    ]
    found = timing.figures(takes)
    assert found["hit_rate"].value == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert found["false_alarm_penalty"].value == pytest.approx(0.5 / 4)
    assert found["timing_score"].value == pytest.approx(0.5)
    assert found["timing_score"].worst[0] == "scene"


def test_lanes_that_nobody_read_back_are_void() -> None:
    one = take(ASKED, spans=[(10.0, 11.0)], words=None, wanted=[at_time(TEA, 10.0)])
    assert (timing.figures([one])["hit_rate"].n, timing.figures([one])["hit_rate"].void) == (0, 1)

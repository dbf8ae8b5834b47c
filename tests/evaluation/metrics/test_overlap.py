import pytest

from hocket.evaluation.metrics import overlap
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.truth import Event, Kind
from tests.evaluation.metrics.hand_made import over, take, turn

Spans = list[tuple[float, float]]
ASKED = turn(0.5, 2.0, voice="flite/a")
GOES_ON, STOPS = [(2.2, 14.0)], [(2.2, 6.5)]
ANSWERS = [(2.2, 6.5), (7.8, 12.0)]


def played(event: Event, spans: Spans) -> Take:
    return take(ASKED, event, spans=spans)


@pytest.mark.parametrize(
    ("kind", "voice", "scene"),
    [
        (Kind.BACKCHANNEL, "flite/a", "backchannel"),
        (Kind.SIDE, "flite/a", "side"),
        (Kind.SIDE, "flite/b", "background"),
    ],
)
def test_going_on_is_right_and_stopping_wrong_for_what_is_not_for_the_agent(
    kind: Kind, voice: str, scene: str
) -> None:
    sound = over(kind, 6.0, 6.4, voice=voice)
    each = [played(sound, GOES_ON), played(sound, STOPS)]
    assert overlap.figures(each)[scene].value == 0.5
    others = set(overlap.SCENES) - {scene}
    assert all(overlap.figures(each)[other].n == 0 for other in others)


def test_the_family_says_what_side_talk_is() -> None:
    sound = over(Kind.SIDE, 6.0, 6.4, voice="flite/b")
    one = take(ASKED, sound, spans=GOES_ON, family="side")
    assert (overlap.figures([one])["side"].n, overlap.figures([one])["background"].n) == (1, 0)


def test_an_answer_that_is_interrupted_in_turn_is_an_answer() -> None:
    first, second = over(Kind.INTERRUPTION, 4.0, 5.5), over(Kind.INTERRUPTION, 6.1, 7.0)
    one = take(ASKED, first, second, spans=[(2.2, 4.4), (5.7, 6.5), (7.2, 9.0)])
    assert overlap.figures([one])["interruption"].value == 1


def test_a_stop_counts_as_long_as_the_sound_lasts_and_a_little_longer() -> None:
    sound = over(Kind.SIDE, 6.0, 9.0, voice="flite/a")
    for stop, right in [(9.5, 0), (9.7, 1)]:
        found = overlap.figures([played(sound, [(2.2, stop), (11.0, 14.0)])])
        assert found["side"].value == right


def test_an_interruption_wants_a_stop_and_an_answer() -> None:
    real = over(Kind.INTERRUPTION, 6.0, 7.5)
    for spans, right in [(ANSWERS, 1), (STOPS, 0), (GOES_ON, 0), ([(2.2, 8.1), (8.6, 12.0)], 0)]:
        assert overlap.figures([played(real, spans)])["interruption"].value == right
    stop = over(Kind.INTERRUPTION, 6.0, 7.5, finished=False)
    assert overlap.figures([played(stop, STOPS)])["interruption"].value == 1


def test_stop_latency_runs_to_the_last_sample_played_however_late() -> None:
    real = over(Kind.INTERRUPTION, 6.0, 7.5)
    each = [played(real, spans) for spans in (STOPS, ANSWERS, GOES_ON)]
    found = overlap.figures(each)
    assert found["stop_latency_median_s"].value == pytest.approx(0.5)
    assert found["stop_latency_p95_s"].value == pytest.approx(8.0)
    assert found["stop_latency_p95_s"].n == 3


def test_an_interruption_of_nothing_is_void() -> None:
    found = overlap.figures([played(over(Kind.INTERRUPTION, 6.0, 7.5), [(2.2, 5.0), (8.0, 9.0)])])
    assert (found["interruption"].n, found["interruption"].void) == (0, 1)
    assert found["stop_latency_median_s"].value is None


def test_a_sound_whose_moment_never_came_is_void_even_if_the_agent_speaks() -> None:
    for kind, scene in [(Kind.INTERRUPTION, "interruption"), (Kind.BACKCHANNEL, "backchannel")]:
        found = overlap.figures([played(over(kind, 6.0, 6.0), GOES_ON)])
        assert (found[scene].n, found[scene].void) == (0, 1)


def test_side_talk_into_silence_is_no_overlap() -> None:
    quiet = take(
        ASKED, over(Kind.SIDE, 9.0, 9.9, voice="x").model_copy(update={"over_agent": False})
    )
    found = overlap.figures([quiet])["background"]
    assert (found.n, found.void) == (0, 0)


def test_the_score_is_the_mean_of_the_four() -> None:
    sounds = [
        over(Kind.INTERRUPTION, 6.0, 7.5),
        over(Kind.BACKCHANNEL, 6.0, 6.4),
        over(Kind.SIDE, 6.0, 6.4, voice="flite/a"),
        over(Kind.SIDE, 6.0, 6.4, voice="x"),
    ]
    each = [played(sound, GOES_ON) for sound in sounds for _ in range(10)]
    assert overlap.figures(each)["overlap_score"].value == 0.75
    assert overlap.figures(each[:39])["overlap_score"].value is None

from math import inf

import pytest

from hocket.evaluation.metrics import delegation
from hocket.evaluation.metrics.jobs import Job, jobs_of
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.truth import Kind
from hocket.protocol.score import ScoreEvent
from tests.evaluation.metrics.hand_made import event, said, score, take, tick, turn

RAIN = Job(
    id="1", request="weather in Lisbon", asked_s=3.0, result_s=9.0, content=(("rain", "umbrella"),)
)


def value(one: Take, *jobs: Job, name: str) -> float | None:
    return delegation.figures([one], {one.scene: jobs})[name].value


def test_dead_air_is_the_longest_silence_of_both_sides_while_a_job_runs() -> None:
    one = take(
        turn(0.5, 2.5), event(Kind.TIC, 8.0, 8.2), spans=[(2.8, 4.5), (6.0, 6.5), (9.5, 12.0)]
    )
    assert value(one, RAIN, name="dead_air_median_s") == pytest.approx(1.5)
    silent = take(turn(0.5, 2.5))
    assert value(silent, RAIN, name="dead_air_median_s") == pytest.approx(6.0)
    busy = take(turn(0.5, 2.5), spans=[(2.8, 12.0)])
    assert value(busy, RAIN, name="dead_air_median_s") == 0


def test_a_result_is_told_so_long_after_it_came() -> None:
    one = take(spans=[(9.5, 12.0)], words=said("take an umbrella", 9.5))
    assert value(one, RAIN, name="result_to_voice_median_s") == pytest.approx(1.0)
    assert value(take(), RAIN, name="result_to_voice_median_s") == inf


def test_content_before_the_result_is_invented() -> None:
    early = take(spans=[(5.0, 7.0)], words=said("it will rain", 5.0))
    right = take(spans=[(9.5, 11.0)], words=said("it will rain", 9.5))
    assert value(early, RAIN, name="told_before_result") == 1
    assert value(right, RAIN, name="told_before_result") == 0


def test_a_cancelled_result_must_not_be_told() -> None:
    gone = Job(
        id="1", request="x", asked_s=3.0, cancelled_s=5.0, result_s=9.0, content=RAIN.content
    )
    told = take(spans=[(9.5, 11.0)], words=said("it will rain", 9.5))
    assert value(told, gone, name="stale_results_voiced") == 1
    assert value(take(), gone, name="stale_results_voiced") == 0


def test_the_same_request_twice_is_a_duplicate_unless_the_first_was_cancelled() -> None:
    again = Job(id="2", request="Weather in Lisbon?", asked_s=4.0)
    assert value(take(), RAIN, again, name="duplicate_jobs") == 1
    gone = Job(id="1", request="weather in Lisbon", asked_s=3.0, cancelled_s=3.5)
    assert value(take(), gone, again, name="duplicate_jobs") == 0


def test_an_engine_without_jobs_has_no_figures() -> None:
    found = delegation.figures([take(turn(0.5, 2.0), spans=[(2.2, 4.0)], score=score(tick(0)))])
    assert all(f.value is None and f.note == "not supported" for f in found.values())


def test_jobs_are_read_from_the_score() -> None:
    events = [
        ScoreEvent(
            kind="job_started", detail={"job": 1, "request": "Weather in Lisbon", "now_s": 3.1}
        ),
        ScoreEvent(
            kind="job_result", detail={"job": 1, "text": "Lisbon: rain, 14 degrees", "now_s": 8.25}
        ),
        ScoreEvent(kind="job_started", detail={"job": 2, "request": "train times", "now_s": 9.0}),
        ScoreEvent(kind="job_cancelled", detail={"job": 2, "now_s": 9.5}),
        ScoreEvent(
            kind="job_result",
            detail={"job": 2, "content": [["nine", "9"], ["ten"]], "now_s": 9.9},
        ),
    ]
    first, second = jobs_of(score(tick(0, events=events[:1]), tick(1, events=events[1:])))
    assert (first.asked_s, first.result_s, first.cancelled_s) == (3.1, 8.25, inf)
    assert first.content == (("fourteen", "degrees"),)
    assert (second.ended_s, second.content) == (9.5, (("nine", "9"), ("ten",)))

import pytest

from hocket.evaluation.metrics import governance
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.metrics.takes import Take
from hocket.protocol.floor import Floor
from hocket.protocol.score import Score, ScoreEvent
from tests.evaluation.metrics.hand_made import score, take, tick


def found(*scores: Score, **more: object) -> dict[str, Figure]:
    takes = [take(scene=f"s{i}", score=one) for i, one in enumerate(scores)]
    return governance.figures(takes, **more)  # type: ignore[arg-type]


def test_samples_are_counted_from_the_lines_and_not_from_the_totals_alone() -> None:
    allowed = tick(0, floor=Floor.SPEAK, sent=3200)
    denied = tick(1, floor=Floor.SPEAK, sent=3000, allowed=[Floor.LISTEN])
    silent = tick(2, floor=Floor.LISTEN, sent=200)
    assert found(score(allowed))["samples_without_permit"].value == 0
    assert found(score(allowed, denied, silent))["samples_without_permit"].value == 3200
    assert found(score(allowed, without_permit=7))["samples_without_permit"].value == 7
    assert found(score(allowed), score(denied))["samples_without_permit"].worst == ("s1",)


def test_a_blank_reason_is_no_reason() -> None:
    good = tick(0)
    blank = good.model_copy(
        update={"tick": 1, "permit": good.permit.model_copy(update={"reason": " "})}
    )
    figure = found(score(good, blank))["decisions_without_reason"]
    assert (figure.value, figure.n) == (1, 2)


def stopped(*spans: tuple[float, float], **detail: object) -> Take:
    kind = str(detail.pop("kind", "stop_pressed"))
    event = ScoreEvent.model_validate({"kind": kind, "detail": {"now_s": 5.0, **detail}})
    return take(spans=spans, score=score(tick(0, events=[event])))


def test_a_stop_is_heard_when_the_last_sample_has_been_played() -> None:
    assert governance.stop_times_s(stopped((3.0, 5.15))) == [pytest.approx(0.15)]
    assert governance.stop_times_s(stopped((3.0, 4.0))) == [0.0]
    assert governance.stop_times_s(stopped((3.0, 5.1), (5.3, 6.0))) == [pytest.approx(1.0)]
    assert governance.stop_times_s(stopped((3.0, 5.15), kind="muted", on=True)) != []
    assert governance.stop_times_s(stopped((3.0, 5.15), kind="muted", on=False)) == []


def test_what_was_not_run_or_does_not_exist_is_not_good() -> None:
    figures = found(score(tick(0)))
    assert figures["replay_differences"].note == "no replay was run"
    assert figures["side_effects_uncommitted"].note == "not supported"
    again = found(score(tick(0)), replay_differences={"s0": 0, "s1": 2})
    assert (again["replay_differences"].value, again["replay_differences"].worst) == (2, ("s1",))


def test_a_side_effect_needs_a_commit_point() -> None:
    events = [
        ScoreEvent(kind="side_effect", detail={"committed": True}),
        ScoreEvent(kind="side_effect", detail={}),
    ]
    figure = found(score(tick(0, events=events)))["side_effects_uncommitted"]
    assert (figure.value, figure.n) == (1, 2)

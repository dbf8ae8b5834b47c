from math import inf

from hocket.evaluation.intervals import wilson
from hocket.evaluation.metrics.figure import (
    Case,
    Unit,
    combined,
    count,
    mean,
    quantile,
    ratio,
    share,
)


def cases(*values: float, each_scene: int = 1) -> list[Case]:
    return [Case(scene=f"s{i // each_scene:02d}", value=v) for i, v in enumerate(values)]


def test_a_share_of_fewer_than_ten_events_is_not_shown() -> None:
    nine, ten = share("a", cases(*[1.0] * 9)), share("a", cases(*[1.0] * 10))
    assert (nine.value, nine.shown) == (1.0, False)
    assert (ten.value, ten.shown) == (1.0, True)
    assert (share("a", []).value, share("a", []).shown) == (None, False)


def test_a_share_has_wilsons_interval_even_when_all_is_well() -> None:
    found = share("a", cases(*[1.0] * 20))
    assert found.interval is not None
    assert found.interval.low == wilson(20, 20).low < 0.9
    assert found.interval.high == 1.0


def test_events_that_stand_or_fall_together_widen_the_interval() -> None:
    alone = share("a", cases(*[1.0, 0.0] * 40)).interval
    together = share("a", cases(*[1.0] * 40, *[0.0] * 40, each_scene=20)).interval
    assert alone is not None and together is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_worst_scenes_are_named() -> None:
    values = cases(1, 0, 0, 0, 1, 0, each_scene=2)  # s00: 1 bad, s01: 2, s02: 1
    assert share("a", values).worst == ("s01", "s00", "s02")
    assert share("a", values, good=False).worst == ("s00", "s02")
    assert quantile("a", cases(0.1, inf, 0.3), 0.5).worst == ("s01", "s02", "s00")


def test_what_never_came_makes_a_median_infinite_and_not_missing() -> None:
    assert quantile("a", cases(0.1, inf, inf), 0.5).value == inf
    assert quantile("a", cases(0.1, 0.2, inf), 0.5).value == 0.2
    assert mean("a", cases(0.1, inf)).value == inf


def test_the_interval_of_a_median_holds_it_and_comes_back_with_the_seed() -> None:
    values = cases(*[i / 40 for i in range(40)])
    found = quantile("a", values, 0.5, seed=3)
    assert found.value is not None and found.interval is not None
    assert found.interval.low < found.value < found.interval.high
    assert quantile("a", values, 0.5, seed=3) == found
    assert quantile("a", values, 0.5, seed=4).interval != found.interval


def test_a_rate_is_a_sum_over_a_sum() -> None:
    found = ratio("a", Unit.PER_MIN, cases(3, 0), cases(1.0, 0.5))
    assert (found.value, found.n, found.worst) == (2.0, 3, ("s00",))
    assert ratio("a", Unit.PER_MIN, cases(0), cases(0)).value is None


def test_a_count_of_nothing_bounds_what_may_have_been_missed() -> None:
    found = count("a", cases(0, 0), 1000)
    assert found.value == 0 and found.interval is not None
    assert 0 < found.interval.high < 5
    assert count("a", [], 0).value is None


def test_the_least_of_several_is_shown_only_if_all_of_them_are() -> None:
    a, b = share("a", cases(*[1.0] * 9, 0.0)), share("b", cases(*[1.0] * 20))
    found = combined("min", [a, b], min)
    assert (found.value, found.n, found.note, found.worst) == (0.9, 10, "a", ("s09",))
    few = share("c", cases(1.0))
    assert combined("min", [a, few], min).value is None
    assert "c" in combined("min", [a, few], min).note

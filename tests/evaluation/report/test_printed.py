from math import inf

import pytest

from hocket.evaluation.metrics.figure import Unit
from hocket.evaluation.report.printed import interval_text, rests_on, shown_text, value_text
from hocket.evaluation.results import Shown


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.9951, Unit.SHARE, "0.995"),
        (0.304, Unit.SECONDS, "0.30 s"),
        (-0.25, Unit.SECONDS, "−0.25 s"),
        (-0.001, Unit.SECONDS, "0.00 s"),
        (inf, Unit.SECONDS, "never"),
        (12.34, Unit.MS, "12.3 ms"),
        (1234.5, Unit.MS, "1,234 ms"),
        (3.0, Unit.COUNT, "3"),
        (0.05, Unit.PER_TURN, "0.050 a turn"),
        (16.96, Unit.PER_MIN, "17.0 a min"),
        (1.5, "quokkas", "1.500 quokkas"),
    ],
)
def test_a_number_has_the_digits_and_the_unit_of_its_kind(
    value: float, unit: str, text: str
) -> None:
    assert value_text(value, unit) == text


def figure(value: float | None, n: int, **more: object) -> Shown:
    return Shown.model_validate({"name": "x", "unit": "share", "value": value, "n": n, **more})


def test_a_figure_of_too_few_events_prints_how_few_and_neither_value_nor_interval() -> None:
    few = figure(0.25, 8, shown=False, void=2, interval=(0.1, 0.6))
    assert shown_text(few) == "too few (8)"
    assert rests_on(few) == ("void 2",)


def test_a_figure_without_events_says_so_and_one_that_is_missing_says_why() -> None:
    assert shown_text(figure(None, 0, shown=False)) == "no events"
    missing = figure(None, 0, shown=False, note="no replay was run")
    assert shown_text(missing) == "no value"
    assert rests_on(missing) == ("no replay was run",)


def test_beneath_a_value_stand_interval_n_void_and_note() -> None:
    full = figure(0.9, 1200, void=3, interval=(0.88, 0.92), note="S_VT")
    assert rests_on(full) == ("0.880 to 0.920", "N 1,200", "void 3", "S_VT")


def test_an_interval_may_end_in_never_and_may_be_unknown() -> None:
    late = figure(0.5, 20, unit="s", interval=(-0.2, inf))
    assert interval_text(late) == "−0.20 to never"
    assert interval_text(figure(0.5, 20, interval=(-inf, inf))) == "interval unknown"

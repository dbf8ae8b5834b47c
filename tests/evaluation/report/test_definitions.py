import numpy as np

from hocket.evaluation.governed.suite import figures as fuzzed
from hocket.evaluation.metrics import FAMILIES, table
from hocket.evaluation.metrics.runtime import stage_figures
from hocket.evaluation.report.definitions import DEFINITIONS, Better, definition_of
from hocket.evaluation.report.headline import HEADLINE
from hocket.evaluation.running.sessions import session_figures
from hocket.evaluation.running.soak import cost_ratio
from tests.evaluation.metrics.hand_made import take, turn


def every_name() -> set[str]:
    one = take(turn(1.0, 2.0), length_s=8.0)
    of_takes = {name for figures in table([one]).values() for name in figures}
    of_a_server = {*session_figures([]), cost_ratio(np.zeros(0)).name}
    return of_takes | of_a_server | set(fuzzed([]))


def test_every_figure_of_every_family_has_one_line_and_no_line_is_of_no_figure() -> None:
    assert set(table([take(turn(1.0, 2.0), length_s=8.0)])) == set(FAMILIES)
    soaked = {"soak_rss_growth_mb", "soak_deadline_misses"}  # named where a session is held
    assert every_name() | soaked == set(DEFINITIONS)
    assert all(0 < len(one.words) <= 100 and "\n" not in one.words for one in DEFINITIONS.values())


def test_headline_figures_are_kept_under_the_names_that_are_looked_for() -> None:
    found = table([take(turn(1.0, 2.0), length_s=8.0)])
    for place in HEADLINE:
        assert found[place.family][place.name].unit is place.unit, place.name


def test_a_target_is_met_from_its_own_side() -> None:
    gap, yields = definition_of("gap_median_s"), definition_of("R_Y")
    assert gap.is_met(0.3)
    assert gap.is_met(-0.1)
    assert not gap.is_met(0.31)
    assert yields.is_met(0.95)
    assert not yields.is_met(0.94)


def test_figures_without_a_target_or_a_definition_meet_none() -> None:
    assert not definition_of("L_R").is_met(0.0)
    assert not definition_of("no such figure").is_met(1.0)
    assert definition_of("backchannels_given").better is Better.NEITHER
    assert {f.name for f in stage_figures([], "hear")} <= set(DEFINITIONS)

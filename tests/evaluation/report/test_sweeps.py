from xml.etree import ElementTree

import pytest

from hocket.evaluation.report.curve_plot import curve_svg, edge, spots
from hocket.evaluation.report.document import Grid, Plot, Report, Section
from tests.evaluation.report.sample import curves


@pytest.fixture(scope="session")
def sweep(report: Report) -> Section:
    return next(section for section in report.sections if section.id == "curves")


def test_settings_without_a_finite_gap_have_no_point_and_are_counted(sweep: Section) -> None:
    slow = curves()[1]
    assert len(slow.points) == 6
    assert len(spots(slow, "pause_takeover")) == 5
    grids = [block for block in sweep.blocks if isinstance(block, Grid)]
    assert "1 without a point" in grids[1].caption
    assert "without a point" not in grids[0].caption
    assert slow.rule in grids[1].caption


def test_the_edge_leaves_out_what_another_setting_beats_in_both() -> None:
    kept = edge(spots(curves()[0], "pause_takeover"))
    assert [spot.gap_s for spot in kept] == [0.25, 0.33, 0.5, 0.8]


def test_both_shares_are_drawn_with_all_engines_and_in_the_pages_colours(
    sweep: Section,
) -> None:
    plots = [block for block in sweep.blocks if isinstance(block, Plot)]
    assert len(plots) == 2
    for plot in plots:
        ElementTree.fromstring(plot.svg)
        assert "stops-for-everything" in plot.svg
        assert "currentColor" in plot.svg
        assert "#123456" not in plot.svg
    assert curve_svg(curves(), "pause_takeover", "share of pauses taken over") == plots[0].svg


def test_the_chosen_setting_is_marked_in_the_grid(sweep: Section) -> None:
    first = next(block for block in sweep.blocks if isinstance(block, Grid))
    assert [g.head.main for g in first.groups if "chosen" in g.head.fine] == ["end_ms 700"]

"""What the report's tables hold, before they are written."""

from collections.abc import Iterator

import pytest

from hocket.evaluation.report.ablations import ablations, difference_text
from hocket.evaluation.report.document import Cell, Fold, Grid, Prose, Report, Section
from hocket.evaluation.report.engines import voices_of, whole
from hocket.evaluation.report.headline import HEADLINE, headline
from hocket.evaluation.report.made import made
from hocket.evaluation.report.others import others, peers
from hocket.evaluation.report.peers_table import PUBLIC
from hocket.evaluation.report.suite_tables import suites
from hocket.evaluation.results import BenchResult, EngineResult, Shown, SuiteResult


def section(report: Report, name: str) -> Section:
    return next(one for one in report.sections if one.id == name)


def grids(one: Section | Fold) -> Iterator[Grid]:
    for block in one.blocks:
        if isinstance(block, Grid):
            yield block
        if isinstance(block, Fold):
            yield from grids(block)


def rows(grid: Grid, head: str) -> dict[str, tuple[Cell, ...]]:
    (group,) = [group for group in grid.groups if group.head.main.startswith(head)]
    return {row[0].main: row[1:] for row in group.rows}


def texts(one: Section) -> str:
    return "\n".join(block.text for block in one.blocks if isinstance(block, Prose))


def test_the_sections_come_in_the_order_of_their_weight(report: Report) -> None:
    ids = [one.id for one in report.sections]
    wanted = "headline curves suites ablations others peers worst made"
    assert ids == wanted.split()


def test_the_headline_has_an_engine_a_column_and_voices_beneath_each_other(
    result: BenchResult,
) -> None:
    (grid,) = grids(headline(result))
    columns = [cell.main for cell in grid.columns]
    assert columns == ["figure", "voices", "oracle", "stops-for-everything", "silent"]
    assert len(grid.groups) == len(HEADLINE)
    gaps = rows(grid, "Response gap, median")
    assert list(gaps) == ["all", "synthetic", "human"]
    assert [cell.main for cell in gaps["all"]] == ["0.20 s", "0.20 s", "no events"]
    assert "N 24" in gaps["all"][0].fine
    assert "N 4" in gaps["human"][0].fine
    assert gaps["all"][0].met


def test_a_rate_of_too_few_human_events_is_not_printed(result: BenchResult) -> None:
    (grid,) = grids(headline(result))
    assert rows(grid, "Takeover in pauses")["human"][0].main == "too few (4)"


def test_every_printed_figure_says_where_it_is_found(result: BenchResult) -> None:
    (grid,) = grids(headline(result))
    cell = rows(grid, "Pauses broken")["all"][0]
    assert cell.title.startswith("oracle+end_ms=500 · suites.turns.tables.all.turns.pauses_broken:")


def test_voices_of_one_kind_only_have_one_row(result: BenchResult) -> None:
    synthetic = {k: v for k, v in result.engines[0].suites["turns"].tables.items() if k != "human"}
    suite = SuiteResult(suite="turns", tables=synthetic)
    engine = EngineResult(engine="e", suites={"turns": suite})
    assert voices_of([engine], "turns", "turns", "takeover") == ["synthetic"]
    assert voices_of([engine], "turns", "turns", "no such figure") == ["all"]


def test_every_figure_that_a_suite_found_is_in_its_tables(result: BenchResult) -> None:
    heads = {g.head.title.split(":")[0] for grid in grids(suites(result)) for g in grid.groups}
    kept = [s for e in whole(result) for s in e.suites.values()]
    found = {
        name for s in kept for t in s.tables.values() for family in t.values() for name in family
    }
    assert heads == found


def test_a_suite_that_was_not_run_says_why_and_one_that_is_missing_is_told(
    result: BenchResult,
) -> None:
    said = texts(suites(result))
    assert "delegation: not supported: this engine gives no jobs (oracle+end_ms=500" in said
    assert "timing: not run: the result holds nothing of it" in said


def test_reasons_that_differ_stand_by_their_engines() -> None:
    engines = tuple(
        EngineResult(
            engine=name,
            suites={"delegation": SuiteResult.model_validate({"suite": "delegation", **kept})},
        )
        for name, kept in (
            ("a", {"status": "not supported", "why": "no jobs"}),
            ("b", {"status": "not run", "why": "was not asked for"}),
        )
    )
    said = texts(suites(_with(engines)))
    assert "delegation: a: not supported: no jobs; b: not run: was not asked for." in said


def test_sets_of_scenes_that_differ_may_not_be_compared(result: BenchResult) -> None:
    one, other = whole(result)[:2]
    turns = other.suites["turns"].model_copy(update={"scenes_hash": "other"})
    changed = other.model_copy(update={"suites": {"turns": turns}})
    fold = next(b for b in suites(_with((one, changed))).blocks if isinstance(b, Fold))
    assert isinstance(fold.blocks[0], Prose)
    assert "may not be compared" in fold.blocks[0].text


def test_an_engine_without_words_stands_beside_the_whole_one_with_the_difference(
    result: BenchResult,
) -> None:
    (grid,) = grids(ablations(result))
    assert [cell.fine for cell in grid.columns[1:]] == [
        ("end_ms 500",),
        ("end_ms 500", "without words"),
    ]
    (group,) = [g for g in grid.groups if g.head.main.startswith("Pauses broken")]
    full, part = group.rows[0]
    assert (full.main, part.main) == ("0.000", "1.000")
    assert part.fine[0] == "+1.000 to the whole"


@pytest.mark.parametrize(
    ("value", "shown", "text"),
    [(0.25, True, "−0.250 to the whole"), (float("inf"), True, ""), (0.25, False, "")],
)
def test_a_difference_is_printed_only_between_numbers(value: float, shown: bool, text: str) -> None:
    base = Shown.model_validate({"name": "x", "unit": "share", "value": 0.5, "n": 20})
    assert difference_text(base.model_copy(update={"value": value, "shown": shown}), base) == text


def test_public_figures_stand_below_ours_with_their_source_and_the_note(
    result: BenchResult,
) -> None:
    one = others(result)
    (grid,) = grids(one)
    systems = [group.head.main for group in grid.groups]
    assert systems[:3] == ["oracle", "stops-for-everything", "silent"]
    assert systems[3:] == [public.system for public in PUBLIC]
    assert "other audio and another task" in texts(one)
    realtime = next(g for g in grid.groups if g.head.main == "GPT-realtime-2")
    assert [c.main for c in realtime.rows[0]] == [
        "1.94 s", "1.00", "0.01", "0.11", "0.20", "0.01", "–",
    ]  # fmt: skip


def test_others_instruments_keep_their_names_and_what_they_could_not_measure(
    result: BenchResult,
) -> None:
    (grid,) = grids(peers(result))
    assert [g.head.main for g in grid.groups] == ["p50_latency", "barge_in"]
    assert [g.rows[0][0].main for g in grid.groups] == ["512 ms", "no value"]


def test_all_that_the_result_tells_of_its_making_is_printed(result: BenchResult) -> None:
    table, sets = grids(made(result))
    said = " ".join(group.rows[0][0].main for group in table.groups)
    for field in ("command", "machine", "date", "commit", "size", "split", "compute"):
        assert getattr(result, field) in said
    assert "kokoro <voices>" in said
    assert [group.head.main for group in sets.groups] == [e.engine for e in result.engines]


def test_a_result_of_nothing_says_so_everywhere() -> None:
    empty = _with(())
    assert "No engine was run." in texts(headline(empty))
    assert "without some of its inputs" in texts(ablations(empty))
    assert "No other instrument" in texts(peers(empty))
    assert "turns: not run." in texts(suites(empty))


def _with(engines: tuple[EngineResult, ...]) -> BenchResult:
    return BenchResult(
        command="c", machine="m", date="d", commit="0", versions={}, seed=0, size="quick",
        split="test", compute="constant", minutes=0.0, engines=engines,
    )  # fmt: skip

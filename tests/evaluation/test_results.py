"""Results of the bench are kept whole."""

from math import inf
from pathlib import Path

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.metrics.figure import Case, quantile, share
from hocket.evaluation.results import (
    BenchResult,
    EngineResult,
    SuiteResult,
    engine_id,
    kept,
)


def a_result() -> BenchResult:
    cases = [Case(scene=f"s/{i}", value=float(i % 3 == 0)) for i in range(12)]
    never = quantile("gap", [Case(scene="s/1", value=inf)] * 3, 0.5)
    few = share("few", cases[:4])
    table = kept({"turns": {"taken": share("taken", cases), "gap": never, "few": few}})
    suite = SuiteResult(suite="turns", scenes_hash="abc", n_scenes=12, tables={"all": table})
    engine = EngineResult(engine="cascade-vad", settings={"end_ms": 500.0}, suites={"turns": suite})
    return BenchResult(
        command="hocket bench",
        machine="a machine",
        date="2026-01-01",
        commit="0",
        versions={"hocket": "0"},
        seed=1,
        size="quick",
        split="test",
        compute="constant",
        minutes=1.5,
        engines=(engine,),
    )


def test_a_result_is_read_back_equal_with_infinite_times_and_figures_that_are_not_shown(
    tmp_path: Path,
) -> None:
    result = a_result()
    result.write(tmp_path / "a" / "result.json")
    again = BenchResult.read(tmp_path / "a" / "result.json")
    assert again == result
    figures = again.engines[0].suites["turns"].tables["all"]["turns"]
    assert figures["gap"].value == inf
    assert not figures["few"].shown
    assert figures["taken"].shown


@pytest.mark.parametrize("text", ["", "{}", '{"bench": 1}', "[]"])
def test_what_is_no_result_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="expected a result of the bench"):
        BenchResult.read(path)
    with pytest.raises(BadInput, match="expected a result of the bench"):
        BenchResult.read(tmp_path / "none.json")


def test_the_folder_of_an_engine_says_its_setting_and_what_it_lacks() -> None:
    assert engine_id("cascade-vad", {}, ()) == "cascade-vad"
    assert engine_id("a", {"p": 0.5, "end_ms": 500.0}, ("words",)) == "a+end_ms=500+p=0.5-no-words"

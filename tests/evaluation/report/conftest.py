from pathlib import Path

import pytest

from hocket.evaluation.report.document import Report
from hocket.evaluation.report.write import report_of
from hocket.evaluation.results import BenchResult
from tests.evaluation.report.sample import a_result


@pytest.fixture(scope="session")
def result() -> BenchResult:
    return a_result()


@pytest.fixture(scope="session")
def report(result: BenchResult) -> Report:
    return report_of(result, runs=None, out=Path("out"))

"""A result of the bench as a page to read and as Markdown.

Law: the page needs nothing but itself; only the links to sound lead out, to folders beside it. The
same result and the same runs give the same bytes.
"""

from pathlib import Path

from hocket.evaluation.report.ablations import ablations
from hocket.evaluation.report.document import Report
from hocket.evaluation.report.headline import headline
from hocket.evaluation.report.made import made
from hocket.evaluation.report.markdown import to_markdown
from hocket.evaluation.report.others import others, peers
from hocket.evaluation.report.page import to_html
from hocket.evaluation.report.suite_tables import suites
from hocket.evaluation.report.sweeps import sweeps
from hocket.evaluation.report.worst_cards import worst_scenes
from hocket.evaluation.results import BenchResult
from hocket.transports.atomic import PartFile

PAGE, MARKDOWN = "report.html", "report.md"


def write_report(result: BenchResult, *, runs: Path | None, out: Path) -> None:
    """Write ``out/report.html`` and ``out/report.md``.

    ``runs`` holds the takes as the bench plays them (``folders``), each with user.flac, agent.flac,
    truth.json and score.jsonl; without it, or where a take is missing, the worst scenes are named
    and not drawn.

    Raises:
        BadInput: matplotlib is not installed.
        StorageError: ``out`` cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    report = report_of(result, runs=runs, out=out)
    for name, text in ((PAGE, to_html(report)), (MARKDOWN, to_markdown(report))):
        file = PartFile(out / name)
        file.write(text.encode())
        file.commit()


def report_of(result: BenchResult, *, runs: Path | None, out: Path) -> Report:
    """The report before it is written; ``out`` is where links start from."""
    return Report(
        title="Hocket bench",
        lead=(
            result.date,
            f"{result.size} run",
            f"{result.split} voices",
            f"seed {result.seed}",
            f"commit {result.commit}",
            result.machine,
        ),
        sections=(
            headline(result),
            sweeps(result),
            suites(result),
            ablations(result),
            others(result),
            peers(result),
            worst_scenes(result, runs=runs, out=out),
            made(result),
        ),
    )

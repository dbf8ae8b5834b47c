"""The two files of a report."""

import re
from html.parser import HTMLParser
from pathlib import Path

from hocket.evaluation.report import write_report
from hocket.evaluation.report.document import Cell, Grid, Group, Look, Prose, Report, Section
from hocket.evaluation.report.markdown import to_markdown
from hocket.evaluation.report.page import to_html
from hocket.evaluation.results import BenchResult

VOID = {"meta", "img", "link", "br", "path", "use", "rect"}


class Checked(HTMLParser):
    """Whether all that is opened is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_a_result_becomes_a_page_and_markdown_the_same_each_time(
    result: BenchResult, report: Report, tmp_path: Path
) -> None:
    out = tmp_path / "a" / "b"
    write_report(result, runs=None, out=out)
    assert (out / "report.html").read_text() == to_html(report)
    assert (out / "report.md").read_text() == to_markdown(report)
    assert len(list(out.iterdir())) == 2


def test_the_page_needs_nothing_but_itself(report: Report) -> None:
    page = Checked()
    html = to_html(report)
    page.feed(html)
    assert page.open == []
    assert not page.seen & {"script", "link", "iframe"}
    assert all(a.startswith(("#", "data:")) for a in page.addresses)
    assert "url(http" not in html
    assert "@import" not in html


def test_text_is_escaped_in_both(report: Report) -> None:
    html, markdown = to_html(report), to_markdown(report)
    assert "kokoro &lt;voices&gt;" in html
    assert "kokoro <voices>" not in html + markdown


def test_every_section_of_the_page_is_in_the_markdown_with_its_tables(report: Report) -> None:
    markdown = to_markdown(report)
    for section in report.sections:
        assert f"## {section.title}" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| Response gap, median")]
    assert "**0.20 s ✓** (0.20 to 0.20; N 24)" in rows[0]


def test_all_lines_of_a_markdown_table_have_its_columns(report: Report) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", to_markdown(report), flags=re.M):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_heads_span_their_rows_and_cells_carry_their_place() -> None:
    cells = [(Cell(main=a, look=Look.LABEL), Cell(main="1", title="x.y")) for a in ("s", "h")]
    group = Group(head=Cell(main="f"), rows=tuple(cells))
    columns = (Cell(main="figure"), Cell(main="voices"), Cell(main="e"))
    grid = Grid(columns=columns, groups=(group,))
    section = Section(id="a", title="A", blocks=(Prose(text="words"), grid))
    html = to_html(Report(title="T", lead=("l",), sections=(section,)))
    assert html.count('rowspan="2"') == 1
    assert html.count('<td title="x.y">') == 2
    assert "<title>T</title>" in html

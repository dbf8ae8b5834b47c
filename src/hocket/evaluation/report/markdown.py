"""The report as Markdown: the same sections and tables, without pictures.

Law: a cell is one line of text; what Markdown would take for its own signs is escaped. Ways to sounds are
left to the page: they lead into one machine's folders, and this file is made to be handed on.
"""

from collections.abc import Iterator

from hocket.evaluation.report.document import (
    Block,
    Card,
    Cell,
    Fold,
    Grid,
    Look,
    Plot,
    Prose,
    Report,
)


def to_markdown(report: Report) -> str:
    """The whole file."""
    parts = [f"# {report.title}", " · ".join(map(_plain, report.lead))]
    for section in report.sections:
        parts += [f"## {_plain(section.title)}", *_blocks(section.blocks, depth=3)]
    return "\n\n".join(parts) + "\n"


def _blocks(blocks: tuple[Block, ...], *, depth: int) -> Iterator[str]:
    for block in blocks:
        match block:
            case Prose():
                yield _plain(block.text)
            case Grid():
                yield _grid(block)
            case Fold():
                yield f"{'#' * depth} {_plain(block.title)}"
                yield from _blocks(block.blocks, depth=depth + 1)
            case Card():
                yield _card(block)
            case Plot():
                yield f"({_plain(block.says)}: drawn on the page.)"


def _grid(grid: Grid) -> str:
    width = len(grid.columns)
    lines = [_line([_cell(cell) for cell in grid.columns]), "|" + " --- |" * width]
    for group in grid.groups:
        heads = [_cell(group.head)] + [""] * (len(group.rows) - 1)
        for head, row in zip(heads, group.rows, strict=True):
            lines.append(_line([head, *map(_cell, row)]))
    caption = [f"**{_plain(grid.caption)}**\n"] if grid.caption else []
    return "\n".join([*caption, *lines])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Cell) -> str:
    main = _plain(cell.main) + (" ✓" if cell.met else "")
    if cell.look is Look.STRONG and main:
        main = f"**{main}**"
    named = f"{main} `{cell.name}`" if cell.name else main
    return named + (f" ({_plain('; '.join(cell.fine))})" if cell.fine else "")


def _card(card: Card) -> str:
    head = f"- **{_plain(card.scene)}** on {_plain(card.engine)}: {_plain(', '.join(card.wrong))}"
    tail = f" ({_plain(card.note)})" if card.note else ""
    return "\n".join([head + tail, *(f"  - {_plain(e)}" for e in card.events)])


def _plain(text: str) -> str:
    line = " ".join(text.split())
    for sign in "\\|*_`<>[]":
        line = line.replace(sign, f"\\{sign}")
    return line

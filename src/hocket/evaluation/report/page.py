"""The report as one page of HTML.

Law: self-contained (no script, no font, no address but relative ones to sound), and all text is escaped.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from hocket.evaluation.report.definitions import definition_of
from hocket.evaluation.report.document import (
    Block,
    Card,
    Cell,
    Fold,
    Grid,
    Group,
    Look,
    Plot,
    Prose,
    Report,
    Section,
)
from hocket.evaluation.report.page_style import STYLE

_LONG: Final = 40  # characters: longer text in a cell may break


def to_html(report: Report) -> str:
    """The whole page."""
    title, lead = escape(report.title), escape(" · ".join(report.lead))
    links = "".join(f'<a href="#{s.id}">{escape(s.title)}</a>' for s in report.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        f'<p class="lead">{lead}</p>\n<nav aria-label="Contents">{links}</nav>\n</header>\n<main>\n'
        + "\n".join(map(_section, report.sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    inside = "\n".join(_blocks(section.blocks))
    return f'<section id="{section.id}">\n<h2>{escape(section.title)}</h2>\n{inside}\n</section>'


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    """Neighbouring drawings stand beside each other."""
    for is_plot, group in groupby(blocks, key=lambda block: isinstance(block, Plot)):
        inside = "\n".join(map(_block, group))
        yield f'<div class="plots">{inside}</div>' if is_plot else inside


def _block(block: Block) -> str:
    match block:
        case Prose():
            look = ' class="fine"' if block.fine else ""
            return f"<p{look}>{escape(block.text)}</p>"
        case Grid():
            return _grid(block)
        case Plot():
            return f'<figure role="img" aria-label="{escape(block.says)}">{block.svg}</figure>'
        case Card():
            return _card(block)
        case Fold():
            inside = "\n".join(_blocks(block.blocks))
            is_open = " open" if block.is_open else ""
            return (
                f"<details{is_open}><summary>{escape(block.title)}</summary>\n{inside}\n</details>"
            )


def _grid(grid: Grid) -> str:
    caption = f"<caption>{escape(grid.caption)}</caption>" if grid.caption else ""
    heads = "".join(_cell(cell, "th", 'scope="col"') for cell in grid.columns)
    bodies = "\n".join(map(_group, grid.groups))
    return (
        f'<div class="grid" tabindex="0"><table>{caption}<thead><tr>{heads}</tr></thead>\n'
        f"{bodies}\n</table></div>"
    )


def _group(group: Group) -> str:
    head = _cell(group.head, "th", f'scope="rowgroup" rowspan="{len(group.rows)}"')
    heads = [head] + [""] * (len(group.rows) - 1)
    rows = (
        f"<tr>{first}{''.join(_cell(cell, 'td') for cell in row)}</tr>"
        for first, row in zip(heads, group.rows, strict=True)
    )
    return f"<tbody>{''.join(rows)}</tbody>"


def _cell(cell: Cell, tag: str, more: str = "") -> str:
    looks = [str(cell.look)] if cell.look is not Look.PLAIN else []
    looks += ["long"] if len(cell.main) > _LONG else []
    marks = [more] if more else []
    marks += [f'class="{" ".join(looks)}"'] if looks else []
    marks += [f'title="{escape(cell.title)}"'] if cell.title else []
    met = ' <span class="met">✓</span>' if cell.met else ""
    name = f" <code>{escape(cell.name)}</code>" if cell.name else ""
    main = f'<span class="main">{escape(cell.main)}{met}{name}</span>' if cell.main else ""
    return f"<{' '.join([tag, *marks])}>{main}{_under(cell)}</{tag}>"


def _under(cell: Cell) -> str:
    if not cell.fine:
        return ""
    parts = (
        f'<span class="say">{escape(text)}</span>'
        if len(text) > 24
        else f"<span>{escape(text)}</span>"
        for text in cell.fine
    )
    return f'<span class="under">{"<i> · </i>".join(parts)}</span>'


def _meant(name: str) -> str:
    """A figure's name with its definition."""
    words = escape(definition_of(name).words)
    return f'<strong title="{escape(name)}: {words}">{escape(name)}</strong>'


def _card(card: Card) -> str:
    wrong = ", ".join(map(_meant, card.wrong))
    events = "".join(f"<li>{escape(event)}</li>" for event in card.events)
    links = " · ".join(f'<a href="{escape(x.href)}">{escape(x.text)}</a>' for x in card.links)
    says = escape(f"Score of {card.scene} on {card.engine}")
    shot = f'<div class="shot" tabindex="0"><img src="{card.picture}" alt="{says}"></div>'
    below = " · ".join(text for text in (escape(card.note), links) if text)
    return (
        f'<article class="card"><h3>{escape(card.scene)} <code>{escape(card.engine)}</code></h3>'
        f'<p class="fine">among the worst of {wrong}</p>'
        + (shot if card.picture else "")
        + (f"<ul>{events}</ul>" if events else "")
        + (f'<p class="fine">{below}</p>' if below else "")
        + "</article>"
    )

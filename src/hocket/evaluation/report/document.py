"""What a report consists of, before it is a page or a Markdown file.

Law: sections and blocks are values made of text; both writers walk the same ones, so the page and the
Markdown file cannot say different things.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Look(StrEnum):
    """How a cell stands out."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"  # nothing was measured
    LABEL = "label"  # names its row


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One place of a grid: what is read first, and beneath it what it rests on."""

    main: str = ""
    fine: tuple[str, ...] = ()
    name: str = ""  # as in the JSON
    title: str = ""  # where the number is found, and what it means
    look: Look = Look.PLAIN
    met: bool = False  # the target


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows under one head."""

    head: Cell
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. The first column is that of the groups' heads."""

    columns: tuple[Cell, ...]
    groups: tuple[Group, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph."""

    text: str
    fine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing that the page holds as inline SVG."""

    svg: str
    says: str  # to who cannot see it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A relative address."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One scene to look at and to listen to."""

    scene: str
    engine: str
    wrong: tuple[str, ...]  # figures by name
    events: tuple[str, ...]
    picture: str = ""  # data URI
    note: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Blocks that may be folded away."""

    title: str
    blocks: "tuple[Block, ...]"
    is_open: bool = True


Block: TypeAlias = Grid | Prose | Plot | Card | Fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the report; ``id`` is its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it."""

    title: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]

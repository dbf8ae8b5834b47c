"""Ours beside the public figures of others, and what others' instruments say of ours.

Law: what others published keeps its own decimals and carries its source; what others' instruments
measured keeps their names and units.
"""

from dataclasses import dataclass
from typing import Final

from hocket.evaluation.report.document import Block, Cell, Grid, Group, Look, Prose, Section
from hocket.evaluation.report.engines import cell, settings_text, whole
from hocket.evaluation.report.peers_table import NOTE, PUBLIC, Public
from hocket.evaluation.report.printed import value_text
from hocket.evaluation.results import BenchResult, EngineResult, PeerFigure, PeerResult


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    label: str
    suite: str
    name: str
    of: str  # field of Public
    behind: str = ""


_COLUMNS: Final = (
    _Column(label="response gap", suite="selectivity", name="L_R", of="gap_s", behind=" s"),
    _Column(label="yields", suite="selectivity", name="R_Y", of="yields"),
    _Column(label="backchannels", suite="selectivity", name="S_BC", of="backchannels"),
    _Column(label="tics", suite="selectivity", name="S_VT", of="tics"),
    _Column(label="other talk", suite="selectivity", name="S_ND", of="others"),
    _Column(label="least", suite="selectivity", name="min", of="least"),
    _Column(label="pauses taken", suite="turns", name="pause_takeover", of="pauses"),
)
_GAPS: Final = (
    "The gap of our rows and of τ-voice's is L_R, a mean over turns; that of Full-Duplex-Bench's rows is "
    "its own latency after a turn."
)


def others(result: BenchResult) -> Section:
    """Our engines, then the public figures."""
    columns = [Cell(main=c.label, name=c.name, title=f"{c.suite}.{c.name}") for c in _COLUMNS]
    grid = Grid(
        columns=(Cell(main="system"), *columns),
        groups=(*map(_ours, whole(result)), *map(_theirs, PUBLIC)),
    )
    return Section(
        id="others",
        title="Where others stand",
        blocks=(Prose(text=NOTE), Prose(text=_GAPS, fine=True), grid),
    )


def _ours(engine: EngineResult) -> Group:
    cells = tuple(cell(engine, c.suite, "all", c.suite, c.name) for c in _COLUMNS)
    where = tuple(text for text in (settings_text(engine.settings), "this bench") if text)
    return Group(head=Cell(main=engine.engine, fine=where, look=Look.STRONG), rows=(cells,))


def _theirs(public: Public) -> Group:
    cells = tuple(_public_cell(public, column) for column in _COLUMNS)
    return Group(head=Cell(main=public.system, fine=(public.source,)), rows=(cells,))


def _public_cell(public: Public, column: _Column) -> Cell:
    value: float | None = getattr(public, column.of)
    title = f"{public.source}: {column.name} of {public.system}"
    if value is None:
        return Cell(main="–", title=f"{title}: not published", look=Look.FAINT)
    return Cell(main=f"{value:.2f}{column.behind}", title=title)


def peers(result: BenchResult) -> Section:
    """Others' instruments on our engines, a grid each."""
    blocks: list[Block] = []
    for peer in result.peers:
        blocks += [
            Prose(text=f"{peer.instrument} on {peer.engine}, {peer.date}: {peer.command}"),
            _peer_grid(peer),
        ]
    empty = Prose(text="No other instrument was run.")
    return Section(id="peers", title="Others' instruments", blocks=tuple(blocks) or (empty,))


def _peer_grid(peer: PeerResult) -> Grid:
    groups = tuple(
        Group(head=Cell(main=f.name), rows=((_peer_cell(peer, f),),)) for f in peer.figures
    )
    head = Cell(main=peer.engine, fine=(peer.instrument,))
    return Grid(columns=(Cell(main="figure"), head), groups=groups)


def _peer_cell(peer: PeerResult, figure: PeerFigure) -> Cell:
    title = f"peers · {peer.instrument} · {peer.engine} · {figure.name}"
    fine = tuple(text for text in (f"N {figure.n:,}", figure.note) if text)
    if figure.value is None:
        return Cell(main="no value", fine=fine, title=title, look=Look.FAINT)
    return Cell(main=value_text(figure.value, figure.unit), fine=fine, title=title)

"""A score as one page of HTML: the picture and, below, every tick at which something happened.

Law: self-contained (no script, no font, no address), and everything from the score is escaped.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from hocket.evaluation.picture_layout import QUIET_KINDS, denied
from hocket.protocol.floor import FLOORS
from hocket.protocol.score import Score, ScoreEvent, ScoreTick

COLUMNS: Final = ("time", "heard", "floor", "said", "permit", "events", "plan after")
TARGET_COLUMNS: Final = tuple(
    {"permit": "target", "plan after": "to write"}.get(c, c) for c in COLUMNS
)
_STYLE: Final = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff }
svg { max-width: 100%; height: auto }
table { border-collapse: collapse; margin-top: 1.5rem }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem; border-top: 1px solid #ddd }
th { position: sticky; top: 0; background: #fff }
td:first-child { font-variant-numeric: tabular-nums }
.denied { color: #cc3311; font-weight: bold }
"""


def to_html(score: Score, ticks: Sequence[ScoreTick], svg: str, *, target: bool = False) -> str:
    """The page: ``svg`` is the picture of ``ticks``, a part of ``score``; ``target`` as in ``draw``."""
    title = escape(f"Hocket score: {score.header.model}, {score.header.mode}")
    head = "".join(f"<th>{name}</th>" for name in (TARGET_COLUMNS if target else COLUMNS))
    rows = "\n".join(_row(tick, is_denied) for tick, is_denied in notable(ticks, target=target))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<figure role="img" aria-label="{title}">\n{svg}\n</figure>\n'
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
        "</body>\n</html>\n"
    )


def notable(
    ticks: Sequence[ScoreTick], *, target: bool = False
) -> Iterator[tuple[ScoreTick, bool]]:
    """Ticks at which the floor changed or anything was heard, said, decided or denied.

    ``target``: the plan is what is to be written, and counts too.
    """
    refused = {tick.tick for tick in denied(ticks)}
    for before, tick in pairwise([None, *ticks]):
        assert tick is not None  # only the first ``before`` is
        turned = before is None or before.floor is not tick.floor
        happened = tick.user.heard or tick.user.text or tick.said or tick.act or _events(tick)
        if turned or happened or (target and tick.plan) or tick.tick in refused:
            yield tick, tick.tick in refused


def _events(tick: ScoreTick) -> list[ScoreEvent]:
    return [event for event in tick.events if event.kind not in QUIET_KINDS]


def _row(tick: ScoreTick, is_denied: bool) -> str:
    typed = f" typed: “{tick.user.text}”" if tick.user.text else ""
    likely = FLOORS[max(range(len(FLOORS)), key=tick.p.__getitem__)]
    cells = [
        f"{tick.t:.1f} s",
        " ".join(tick.user.heard) + typed,
        f"{tick.floor} (p {tick.p[FLOORS.index(tick.floor)]:.2f})",
        " ".join(word.word for word in tick.said),
        f"{tick.permit.rule}: {tick.permit.reason}",
        "; ".join([*map(_event, _events(tick)), *([f"act: {tick.act}"] if tick.act else [])]),
        tick.plan,
    ]
    inside = [escape(cell) for cell in cells]
    if is_denied:
        inside[2] += f' <span class="denied">wanted {likely}: denied</span>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in inside) + "</tr>"


def _event(event: ScoreEvent) -> str:
    detail = ", ".join(f"{key} {value}" for key, value in event.detail.items())
    return f"{event.kind} ({detail})" if detail else event.kind

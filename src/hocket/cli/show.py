"""``hocket show``: the picture of a score or of a training session, and a pack in figures."""

from pathlib import Path
from typing import Annotated

import typer

from hocket.core.errors import BadInput
from hocket.data.pack import Pack, SessionTicks
from hocket.data.statistics import as_json, statistics_of, table
from hocket.evaluation.picture import draw, to_png, to_svg
from hocket.evaluation.picture_page import to_html
from hocket.evaluation.picture_session import Decode, score_of
from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from hocket.protocol.score import Score
from hocket.recipes import engines
from hocket.transports.atomic import PartFile
from hocket.transports.scores import load_score
from hocket.weights import store

PICTURES = (".png", ".svg", ".html")

app = typer.Typer(help="Draw a score or a training session; tell a pack in figures.")


@app.command()
def show(
    what: Annotated[
        Path, typer.Argument(metavar="SCORE|PACK", help="A score.jsonl, or a pack's folder.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The picture: a name in .png, .svg or .html; .json for a pack's figures."
        ),
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="N|ID", help="Of a pack: its Nth session, or that id.")
    ] = None,
    from_s: Annotated[float, typer.Option("--from", min=0, help="Start, in seconds.")] = 0.0,
    to_s: Annotated[float | None, typer.Option("--to", min=0, help="End, in seconds.")] = None,
) -> None:
    """Draw a score or a session, or a part of it: who spoke when, what was decided and why.

    Of a pack without --session: what its sessions are like, beside people's figures.
    """
    if what.is_dir():
        pack = Pack(what)
        if session is None:
            _show_statistics(pack, out)
            return
        found = chosen(pack, session)
        kind = _kind(out)
        score, target = score_of(found, _decoder(found)), True
    else:
        if session is not None:
            raise BadInput(f"expected a pack's folder with --session, got {what}")
        kind = _kind(out)
        score, target = load_score(what, complete=False), False
    assert out is not None  # ``_kind`` has seen it
    _write(out, picture(score, kind, from_s=from_s, to_s=to_s, target=target))


def chosen(pack: Pack, session: str) -> SessionTicks:
    """The session of that id, or of that number from 0 on. Raises BadInput."""
    ids = [str(about.get("id", "")) for about in pack.sessions]
    if session in ids:
        return pack[ids.index(session)]
    if session.isdecimal() and int(session) < len(pack):
        return pack[int(session)]
    raise BadInput(f"expected a session from 0 to {len(pack) - 1} or an id of one, got {session}")


def picture(
    score: Score, kind: str, *, from_s: float, to_s: float | None, target: bool = False
) -> bytes:
    """The bytes of a picture of kind ``.png``, ``.svg`` or ``.html``. Raises BadInput."""
    figure = draw(score, from_s=from_s, to_s=to_s, target=target)
    if kind == ".png":
        return to_png(figure)
    if kind == ".svg":
        return to_svg(figure).encode()
    ticks = score.between(from_s, to_s)
    return to_html(score, ticks, to_svg(figure), target=target).encode()


def _show_statistics(pack: Pack, out: Path | None) -> None:
    if out is not None and out.suffix.lower() != ".json":
        raise BadInput(f"expected --session N or an id to draw {out}, got none of {len(pack)}")
    statistics = statistics_of(pack)
    if out is None:
        typer.echo(table(statistics), nl=False)
    else:
        _write(out, as_json(statistics).encode())


def _kind(out: Path | None) -> str:
    if out is None or out.suffix.lower() not in PICTURES:
        raise BadInput(f"expected --out to end in .png, .svg or .html, got {out or 'none'}")
    return out.suffix.lower()


def _decoder(session: SessionTicks) -> Decode:
    """Tokens to text. A session without tokens needs no model file."""
    if not len(session.input_ids) and not len(session.text_ids):
        return lambda ids: ""
    (path,) = store.ensure([engines.BRAIN])
    tokenizer = tokenizer_of(GgufFile(path))
    return lambda ids: str(tokenizer.decode(list(ids)))


def _write(out: Path, data: bytes) -> None:
    file = PartFile(out)
    file.write(data)
    file.commit()
    typer.echo(str(out))

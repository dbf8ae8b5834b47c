"""``hocket show``: the picture of a score, two staves on one time axis."""

from pathlib import Path
from typing import Annotated

import typer

from hocket.core.errors import BadInput
from hocket.evaluation.picture import draw, to_png, to_svg
from hocket.evaluation.picture_page import to_html
from hocket.protocol.score import Score
from hocket.transports.atomic import PartFile
from hocket.transports.scores import load_score

app = typer.Typer(help="Draw a score: two staves on one time axis.")


@app.command()
def show(
    score: Annotated[Path, typer.Argument(help="A score, as `hocket talk --score` writes it.")],
    out: Annotated[Path, typer.Option(help="The picture: a name in .png, .svg or .html.")],
    from_s: Annotated[float, typer.Option("--from", min=0, help="Start, in seconds.")] = 0.0,
    to_s: Annotated[float | None, typer.Option("--to", min=0, help="End, in seconds.")] = None,
) -> None:
    """Draw a score, or a part of it: who spoke when, what was decided and why."""
    kind = out.suffix.lower()
    if kind not in (".png", ".svg", ".html"):
        raise BadInput(f"expected --out to end in .png, .svg or .html, got {out}")
    data = picture(load_score(score, complete=False), kind, from_s=from_s, to_s=to_s)
    file = PartFile(out)
    file.write(data)
    file.commit()
    typer.echo(str(out))


def picture(score: Score, kind: str, *, from_s: float, to_s: float | None) -> bytes:
    """The bytes of a picture of kind ``.png``, ``.svg`` or ``.html``. Raises BadInput."""
    figure = draw(score, from_s=from_s, to_s=to_s)
    if kind == ".png":
        return to_png(figure)
    if kind == ".svg":
        return to_svg(figure).encode()
    ticks = score.between(from_s, to_s)
    return to_html(score, ticks, to_svg(figure)).encode()

"""``hocket export``: trainings become an engine that talks on this machine."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from hocket.core.errors import BadInput
from hocket.engine import shipped
from hocket.recipes import engines
from hocket.training.export import export_floor, export_words
from hocket.weights import store

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
app = typer.Typer()


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="What --model calls it from now on.")],
    floor: Annotated[Path, typer.Option(help="Training of a floor network.")],
    words: Annotated[
        Path | None,
        typer.Option(help=f"Training of a language model [that of {engines.DEFAULT}]."),
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Another folder than this machine's own: to ship it.")
    ] = None,
) -> None:
    """Make a trained floor network and a trained language model an engine of this machine."""
    known = (*engines.BASELINES, *store.shipped_names())
    if not NAME.fullmatch(name) or (into is None and name in known):
        taken = ", ".join(known)
        raise BadInput(f"expected a name of a-z, 0-9 and - that is none of {taken}, got {name!r}")
    folder = into / name if into is not None else store.trained_folder(name)
    paths = [
        export_floor(floor, folder),
        _shipped_words(folder) if words is None else export_words(words, folder),
    ]
    settings = folder / shipped.SETTINGS
    if not settings.exists():
        settings.write_text(json.dumps(asdict(shipped.settings(folder)), indent=1) + "\n")
    for path in (*paths, settings):
        typer.echo(f"{path.stat().st_size / 1e6:6.2f} MB  {path}")
    if into is None:
        typer.echo(f"talk to it: hocket serve --model {name}")


def _shipped_words(folder: Path) -> Path:
    """The language model of the engine that is shipped, beside a floor of one's own."""
    source, path = store.learned_folder(engines.DEFAULT) / shipped.WORDS, folder / shipped.WORDS
    if source.resolve() != path.resolve():
        shutil.copyfile(source, path)
    return path

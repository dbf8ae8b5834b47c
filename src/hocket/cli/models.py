"""``hocket models``: list, pull and verify the model files."""

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from hocket.weights import store
from hocket.weights.catalogue import DEFAULT_GROUP, catalogue
from hocket.weights.store import State, Verdict

app = typer.Typer(help="List, pull and verify the model files.", no_args_is_help=True)

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Groups (talk, evaluate, ...), models (silero-vad) or file ids."),
]
PIPED_WIDTH = 160  # columns of a table that no terminal shows


@app.command("list")
def list_models(
    names: Names = None,
    each_file: Annotated[bool, typer.Option("--files", help="A row for each file.")] = False,
) -> None:
    """List models: what for, how large, under which licence, and whether they are here."""
    verdicts = [store.glance(file) for file in catalogue().select(names or catalogue().groups)]
    table = Table("model", "MB", "licence", "group", "here", box=None, pad_edge=False)
    table.columns[0].overflow = "fold"
    table.columns[1].justify = "right"
    for name, of_name in groupby(
        verdicts, lambda verdict: verdict.file.id if each_file else verdict.file.model
    ):
        table.add_row(name, *_cells(list(of_name)))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(table)
    typer.echo(f"in {store.weights_folder()}")


def _cells(verdicts: Sequence[Verdict]) -> tuple[str, str, str, str]:
    """Size, licence, groups and state of files that share a row."""
    first = verdicts[0].file
    here = sum(verdict.state is State.RIGHT for verdict in verdicts)
    wrong = [v for v in verdicts if v.state in (State.TRUNCATED, State.ALTERED)]
    if wrong:
        state = _finding(wrong[0])
    elif 0 < here < len(verdicts):
        state = f"{here} of {len(verdicts)} files"
    else:
        state = "yes" if here else "no"
    size_mb = sum(verdict.file.bytes for verdict in verdicts) / 1e6
    return f"{size_mb:.1f}", first.licence, ", ".join(first.groups), state


@app.command("pull")
def pull_files(names: Names = None) -> None:
    """Pull model files that are missing or not what they should be (default: those to talk)."""
    paths = store.pull(names or [DEFAULT_GROUP])
    typer.echo(f"in place, sha256 right: {len(paths)} of {len(paths)} in {store.weights_folder()}")


@app.command("verify")
def verify_files(names: Names = None) -> None:
    """Check size and sha256 (default: of every file that is here); exit 1 if one is wrong."""
    verdicts = store.verify(names or catalogue().groups)
    if not names:
        verdicts = [verdict for verdict in verdicts if verdict.state is not State.MISSING]
    for verdict in verdicts:
        typer.echo(f"{verdict.file.id}: {_finding(verdict)}")
    if not verdicts:
        typer.echo(f"no model file is in {store.weights_folder()} yet; try: hocket models pull")
    if not verdicts or any(verdict.state is not State.RIGHT for verdict in verdicts):
        raise typer.Exit(1)


def _finding(verdict: Verdict) -> str:
    if verdict.state is State.TRUNCATED:
        return f"truncated: {verdict.found_bytes} of {verdict.file.bytes} bytes"
    if verdict.state is State.ALTERED:
        return f"altered: expected {verdict.file.bytes} bytes, sha256 {verdict.file.sha256[:12]}…"
    return str(verdict.state)

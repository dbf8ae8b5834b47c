"""``hocket synthesize``: sessions for training and evaluation, from scripts to a pack."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.data.bank import Bank
from hocket.data.card import card
from hocket.data.library import Library
from hocket.data.pack import Pack
from hocket.data.script import Script
from hocket.data.splits import Split
from hocket.data.statistics import statistics_of, table
from hocket.data.synthesis import VERSION, synthesise
from hocket.recipes import duplex, sessions
from hocket.recipes.duplex import Duplex
from hocket.weights import store

app = typer.Typer()
DUPLEX: Final = "duplex"
RECIPES: Final = (*sessions.RECIPES, DUPLEX)


@app.command()
def synthesize(
    recipe: Annotated[str, typer.Argument(help=" or ".join(RECIPES))],
    out: Annotated[Path, typer.Option(help="Folder of the pack.")],
    bank: Annotated[Path, typer.Option(help="Folder of the sound bank.")],
    rooms: Annotated[Path | None, typer.Option(help="Folder of rir*.wav and noise*.wav.")] = None,
    hours: Annotated[float, typer.Option(help="Length of all sessions.", min=0.001)] = 0.1,
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 2,
    split: Annotated[str, typer.Option(help=" or ".join(sessions.SPLITS))] = "train",
    lanes: Annotated[
        bool, typer.Option("--lanes", help="Write both lanes as FLAC; evaluations always do.")
    ] = False,
    dialogues: Annotated[
        Path | None, typer.Option(help="dialogues.jsonl.gz: task dialogues that duplex plays too.")
    ] = None,
    engine: Annotated[
        list[str] | None, typer.Option(help="Whose voices play users of duplex; may be repeated.")
    ] = None,
) -> None:
    """Make sessions and pack them."""
    if recipe not in RECIPES:
        raise BadInput(f"expected {' or '.join(RECIPES)}, got {recipe}")
    if recipe == DUPLEX and split == Split.TEST:
        raise BadInput(
            "expected --split train or validation of duplex: the bench has its own texts"
        )
    if split not in sessions.SPLITS:
        raise BadInput(f"expected --split {' or '.join(sessions.SPLITS)}, got {split}")
    store.ensure(sessions.FILES)
    cache = out.parent / ".sessions"
    console = Console(stderr=True, highlight=False)
    if recipe == DUPLEX:
        plan = Duplex(split=Split(split), dialogues=dialogues)
        plan = replace(plan, users=tuple(engine)) if engine else plan
        scripts = _conversations(plan, bank, rooms, cache, hours, seed, jobs)
    else:
        lines = sessions.floor_lines(cache)
        scripts, split = _scripts(recipe, split, Bank.open(bank), rooms, lines, hours, seed)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(f"{len(scripts)} sessions", total=sum(s.n_ticks for s in scripts))
        synthesise(
            scripts,
            partial(sessions.open_studio, bank, split, rooms, cache),
            out=out,
            cache=cache,
            about=card(recipe, split, scripts, seed=seed, version=VERSION),
            jobs=jobs,
            lanes=lanes or split != "train" or recipe in ("engine", "readers"),
            made=lambda n_ticks: bar.advance(task, n_ticks),
        )
    hours_made = sum(s.n_ticks for s in scripts) * TICK_S / 3600
    typer.echo(f"{len(scripts)} sessions, {hours_made:.2f} h → {out}")
    typer.echo(f"\n{table(statistics_of(Pack(out)))}", nl=False)


def _scripts(
    recipe: str,
    split: str,
    bank: Bank,
    rooms: Path | None,
    lines: dict[str, int],
    hours: float,
    seed: int,
) -> tuple[list[Script], str]:
    if recipe == "readers":
        return sessions.readers(bank, seed=seed), "test"
    plan = sessions.planned(recipe, split)
    library = Library(bank, split=plan.split, rooms=rooms)
    return sessions.write(plan, library, lines, hours=hours, seed=seed), plan.split


def _conversations(
    plan: Duplex,
    bank: Path,
    rooms: Path | None,
    cache: Path,
    hours: float,
    seed: int,
    jobs: int,
) -> list[Script]:
    """Written conversations; what the bank and the agent's voice lack is said first."""
    found = duplex.repertoire(plan, duplex.voices_of(plan), hours=hours)
    duplex.fill(bank, found, jobs=jobs)
    lengths = sessions.speech(cache, duplex.phrases(found), jobs=jobs).lengths()
    library = Library(Bank.open(bank), split=str(plan.split), rooms=rooms)
    return duplex.write(plan, found, library, lengths, hours=hours, seed=seed)

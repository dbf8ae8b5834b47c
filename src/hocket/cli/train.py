"""``hocket train``: train a recipe on packed sessions."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import torch
import typer
from tokenizers import Tokenizer

from hocket.core.clock import RealClock
from hocket.core.errors import BadInput
from hocket.engine.derived import model_of
from hocket.engine.shipped import FLOOR, WORDS, words_hash
from hocket.model.chat import END, START
from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from hocket.recipes import floor_probe, interaction
from hocket.recipes.engines import BRAIN, base_of
from hocket.recipes.language import LANGUAGE, Beside, texts
from hocket.training.config import LanguageConfig, TrainingConfig
from hocket.training.curves import LOSSES, Row
from hocket.training.floor import FloorTraining, Materials
from hocket.training.language import LanguageTraining
from hocket.training.loop import Subject, train
from hocket.training.precision import precise
from hocket.training.predict import vectors_of
from hocket.training.prepare import prepare
from hocket.training.schedule import Budget
from hocket.weights import store

RECIPES: Final = {**floor_probe.RECIPES, **interaction.RECIPES}
app = typer.Typer(help="Train a recipe on packed sessions.")


@app.command("train")
def train_recipe(
    recipe: Annotated[str, typer.Argument(help=f"One of {', '.join((*RECIPES, *LANGUAGE))}.")],
    data: Annotated[list[Path], typer.Option(help="A pack to learn from; may be repeated.")],
    validation: Annotated[Path, typer.Option(help="A pack to be checked on.")],
    out: Annotated[Path, typer.Option(help="A folder for checkpoint, curves and card.")],
    minutes: Annotated[
        float | None, typer.Option(help="Budget of time [15, without steps].")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Budget of steps, exactly repeatable.")] = None,
    dialogues: Annotated[
        Path | None, typer.Option(help="A file of task dialogues: more texts for a language model.")
    ] = None,
    heard_drills: Annotated[
        Path | None,
        typer.Option(help="Drills as the ears hear them (hocket.recipes.heard_drills)."),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(help="An exported language model: tells a floor what it reads in words."),
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(help="Another base for a language model: GGUF file or Hugging Face folder."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="An engine as whose floor network, or words, the training begins; not from nothing."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="For the start and the order of the data.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use; results differ by it.")] = 2,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
) -> None:
    """Train; a checkpoint every two minutes, a validation every six, and both at the end."""
    budget = _budget(minutes, steps)
    torch.set_num_threads(threads)
    if recipe in LANGUAGE:
        config = precise(LANGUAGE[recipe], out)
        if base is not None:
            config = replace(config, base=str(base.absolute()))
        if start is not None:
            config = config.going_on()
        beside = Beside(dialogues=dialogues, heard_drills=heard_drills)
        subject: Subject = _language(config, data, validation, beside, start, seed)
    elif base is not None:
        raise BadInput(f"expected --base with {' or '.join(LANGUAGE)}, got it with {recipe}")
    else:
        floor = precise(_config(recipe), out)
        if start is not None:
            floor = floor.going_on()
        subject = _floor(floor, data, validation, words, start, seed)
        if floor.network.signs:
            prepare(floor, words, [*data, validation], jobs=threads, made=_say_read)
    train(
        subject,
        out,
        budget=budget,
        clock=RealClock(),
        resume=resume,
        listener=_say,
    )
    typer.echo(str(out))


def _floor(
    config: TrainingConfig,
    data: list[Path],
    validation: Path,
    words: Path | None,
    start: str | None,
    seed: int,
) -> FloorTraining:
    if config.vocabulary:
        store.ensure([config.vocabulary])
    materials = Materials(
        data=data,
        validation=validation,
        vectors=vectors_of(config, words),
        words=words_hash(words) if words is not None and config.network.signs else "",
        start=store.learned_folder(start) / FLOOR if start is not None else None,
    )
    return FloorTraining(config, materials, seed=seed)


def _language(
    config: LanguageConfig,
    data: list[Path],
    validation: Path,
    beside: Beside,
    start: str | None,
    seed: int,
) -> LanguageTraining:
    (packed,) = store.ensure([BRAIN])
    if not store.is_own(config.base):
        store.ensure([config.base])
    base = model_of(base_of(store.path_of, config.base))
    tokenizer = Tokenizer.from_str(base.tokenizer_json)
    if missing := [mark for mark in (START, END) if tokenizer.token_to_id(mark) is None]:
        raise BadInput(f"expected a base whose turns are marked by {missing[0]}, got {config.base}")
    read = texts(
        tokenizer,
        data,
        validation,
        packed=tokenizer_of(GgufFile(packed)),
        beside=beside,
    )
    begun = store.learned_folder(start) / WORDS if start is not None else None
    return LanguageTraining(config, base.config, base.weights, read, seed=seed, start=begun)


def _config(recipe: str) -> TrainingConfig:
    if recipe not in RECIPES:
        names = ", ".join((*RECIPES, *LANGUAGE))
        raise BadInput(f"expected a recipe among {names}, got {recipe}")
    return RECIPES[recipe]()


def _budget(minutes: float | None, steps: int | None) -> Budget:
    try:
        return Budget(minutes=15.0 if minutes is None and steps is None else minutes, steps=steps)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _say_read(done: int, of: int) -> None:
    if done % 50 == 0 or done == of:
        typer.echo(f"words of {done} of {of} sessions read")


def _say(row: Row) -> None:
    place = f"step {row['step']:5d} {row['elapsed_s'] / 60:6.1f} min"
    losses = "  ".join(
        f"{name.removesuffix('_loss')} {row[name]:.4f}" for name in LOSSES if name in row
    )
    if row["kind"] == "train":
        if row["step"] % 20 == 0:
            typer.echo(f"{place}  {losses}  {row['positions_per_s']:.0f} positions/s")
        return
    if "text_accuracy" in row:
        meant = f"  meant {row['meant_auc']:.3f}" if row.get("meant_auc") else ""
        typer.echo(f"{place}  {losses}  accuracy {row['text_accuracy']:.3f}{meant}")
        return
    aucs = [f"{wait} s {each['auc']:.3f}" for wait, each in row["auc"].items() if each["auc"]]
    typer.echo(f"{place}  {losses}  accuracy {row['accuracy']:.3f}  AUC {', '.join(aucs) or '-'}")

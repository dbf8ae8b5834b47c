"""``hocket bench``: engines measured at interaction, on scenes that anybody can make again."""

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from hocket.core.errors import BadInput
from hocket.core.provenance import commit, machine
from hocket.data.splits import Split
from hocket.evaluation.bench.contest import EngineAt
from hocket.evaluation.bench.merging import merged, with_curves, with_peer
from hocket.evaluation.results import BenchResult, Curve, EngineResult, Shown
from hocket.evaluation.scene_set import Size, Suite
from hocket.recipes import engines
from hocket.recipes.bench import (
    Bench,
    Order,
    Speech,
    at_best,
    checked,
    engine_at,
    sweep,
    sweep_of,
)
from hocket.weights import store

app = typer.Typer()

REPORT: Final = "report"
SWEEP: Final = "sweep"
VOICEBENCH: Final = "voicebench"
EVERY: Final = "all"  # the baselines and the default
PACKAGES: Final = ("hocket", "numpy", "onnxruntime", "faster-whisper")
MODEL_GROUPS: Final = ("voices", "evaluate")  # who speaks, and who reads back
SUMMARY: Final = (
    ("gap", "turns", "turns", "gap_median_s"),
    ("pause takeover", "turns", "turns", "pause_takeover"),
    ("stop latency", "overlap", "overlap", "stop_latency_median_s"),
    ("R_Y", "selectivity", "selectivity", "R_Y"),
    ("min", "selectivity", "selectivity", "min"),
)


class ComputeChoice(StrEnum):
    """What a tick's compute costs in session time."""

    CONSTANT = "constant"
    MEASURED = "measured"


COMPUTE: Final = {
    ComputeChoice.CONSTANT: "constant: 40 ms of hearing, 30 of thinking, 30 of voicing a tick",
    ComputeChoice.MEASURED: "measured on this machine",
}


@app.command()
def bench(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SUITE...|sweep|voicebench|report]", help="Default: all suites."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Engine, may be repeated; or all. Default: that of hocket talk."),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A look, in minutes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="200 events behind each rate.")] = False,
    setting: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE instead of the engines' best, e.g. end_ms=500."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="Take an input away: words, sound or echo.")
    ] = None,
    speech: Annotated[
        Path | None, typer.Option(help="Folder of librispeech, meetings and rooms: real people.")
    ] = None,
    split: Annotated[str, typer.Option(help="test, or validation to choose settings on.")] = "test",
    seed: Annotated[int, typer.Option(help="Of the scenes.", min=0)] = 1,
    compute: Annotated[
        ComputeChoice, typer.Option(help="What a tick's compute costs.")
    ] = ComputeChoice.CONSTANT,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 2,
    json: Annotated[Path | None, typer.Option(help="The result; added to if it is there.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("bench-report"),
) -> None:
    """Play scenes on engines and measure, choose settings, or make the report."""
    path = json or store.home() / "bench" / "result.json"
    models = _models(model or [engines.DEFAULT])
    if what == [REPORT]:
        _report(path, out)
        return
    if what == [VOICEBENCH]:
        _voicebench(path, models, seed)
        return
    if compute is ComputeChoice.MEASURED and jobs > 1:
        raise BadInput("expected --jobs 1 with --compute measured: processes slow each other down")
    sweeping = what == [SWEEP]
    if sweeping and (setting or without):
        raise BadInput(
            "expected no --setting or --without with sweep: it tries settings of its own"
        )
    at = _engines(models, setting or [], without or [])
    order = Order(
        suites=(str(Suite.TURNS),) if sweeping else checked(what or []),
        engines=_swept(models) if sweeping else at,
        seed=seed,
        size=_size(quick, full),
        split=Split.VALIDATION if sweeping else _split(split),
        compute=str(compute),
        jobs=jobs,
        runs=runs_folder(),
        speech=Speech.under(speech),
    )
    store.ensure([*(n for name in models for n in engines.recipe(name).files), *MODEL_GROUPS])
    with _ended_as_interrupted():
        typer.echo(_swept_into(path, order, models) if sweeping else _run_into(path, order))
    typer.echo(f"result: {path}   page: hocket bench report --json {shlex.quote(str(path))}")


def runs_folder() -> Path:
    """Where takes are kept: ``bench/runs`` in the cache folder."""
    return store.home() / "bench" / "runs"


# -- running --------------------------------------------------------------------------------------


def _run_into(path: Path, order: Order) -> str:
    """Play, measure, write; returns what to tell."""
    began_s = time.monotonic()
    console = Console(stderr=True, highlight=False)
    ready = _played(order, console)
    found = _read(ready, console)
    merged(path, _result(order, found, ready.people.missing, began_s)).write(path)
    return _summary(found)


def _swept_into(path: Path, order: Order, models: list[str]) -> str:
    """Play all settings, choose, write; returns what to tell."""
    began_s = time.monotonic()
    ready = _played(order, Console(stderr=True, highlight=False))
    curves = [sweep(ready, name) for name in models]
    head = _result(order, (), ready.people.missing, began_s)
    # The curves say their own split; the file is that of the test half.
    base = head.model_copy(update={"split": str(Split.TEST)})
    with_curves(merged(path, base), curves).write(path)
    return _chosen(curves)


def _played(order: Order, console: Console) -> Bench:
    ready = Bench(order)
    for each in ready.people.missing:
        console.print(f"[dim]{each}[/dim]")
    ready.stock()
    columns = (
        *Progress.get_default_columns(),
        TextColumn("{task.fields[now]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("scenes", total=len(ready.parts), now="")
        for part in ready.play():
            progress.update(task, advance=1, now=f"{part.engine.id} {part.scene.id}")
    return ready


def _read(ready: Bench, console: Console) -> tuple[EngineResult, ...]:
    with console.status("reading") as status:
        ready.say = lambda who, what: status.update(f"{who}: {what}")
        return tuple(ready.result(engine) for engine in ready.order.engines)


def _report(path: Path, out: Path) -> None:
    # Only the page needs matplotlib.
    from hocket.evaluation.report.write import write_report

    write_report(BenchResult.read(path), runs=runs_folder(), out=out)
    typer.echo(f"page: {out / 'report.html'}   table: {out / 'report.md'}")


def _voicebench(path: Path, models: list[str], seed: int) -> None:
    """Somebody else's instrument over our server, added to a result that is there."""
    from hocket.evaluation.peers.voicebench import run  # needs the extra "peers"

    result = BenchResult.read(path)
    for name in models:
        peer = run(name, out=store.home() / "bench" / VOICEBENCH / name, seed=seed)
        result = with_peer(result, peer)
        result.write(path)
        typer.echo(f"{peer.instrument} on {name}: {len(peer.figures)} figures → {path}")


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """A SIGTERM unwinds like Ctrl-C, so that servers under test end with the bench."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# -- parsing --------------------------------------------------------------------------------------


def _models(named: list[str]) -> list[str]:
    return [*engines.BASELINES, engines.DEFAULT] if named == [EVERY] else named


def _engines(models: list[str], settings: list[str], without: list[str]) -> tuple[EngineAt, ...]:
    changes = dict(map(_setting, settings))
    for name in models:
        engines.settings_of(name, changes)
    inputs = tuple(sorted(str(each) for each in engines.inputs_of(without)))
    return tuple(engine_at(m, changes or at_best(m).settings, inputs) for m in models)


def _swept(models: list[str]) -> tuple[EngineAt, ...]:
    return tuple(engine_at(m, settings) for m in models for settings in sweep_of(m))


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise BadInput(f"expected --setting NAME=NUMBER, got {text}") from None


def _size(quick: bool, full: bool) -> Size:
    if quick and full:
        raise BadInput("expected --quick or --full, got both")
    return Size.QUICK if quick else Size.FULL if full else Size.ORDINARY


def _split(name: str) -> Split:
    if name not in (Split.TEST, Split.VALIDATION):
        raise BadInput(f"expected --split test or validation, got {name}")
    return Split(name)


# -- telling --------------------------------------------------------------------------------------


def _result(
    order: Order, found: tuple[EngineResult, ...], missing: tuple[str, ...], began_s: float
) -> BenchResult:
    return BenchResult(
        command=shlex.join(["hocket", *sys.argv[1:]]),
        machine=machine(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=commit(),
        versions={name: _version(name) for name in PACKAGES},
        seed=order.seed,
        size=str(order.size),
        split=str(order.split),
        compute=COMPUTE[ComputeChoice(order.compute)],
        minutes=round((time.monotonic() - began_s) / 60, 2),
        missing=missing,
        engines=found,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _summary(found: tuple[EngineResult, ...]) -> str:
    """The least of the panel and the gap, an engine a line; the page has the rest."""
    lines = []
    for engine in found:
        figures = [
            f"{label} {shown.value:.2f} (N {shown.n})"
            for label, suite, family, name in SUMMARY
            if (shown := _figure(engine, suite, family, name)) is not None
            and shown.shown
            and shown.value is not None
        ]
        lines.append(f"{engine.id}: {', '.join(figures) or 'no figure with enough events'}")
    return "\n".join(lines)


def _figure(engine: EngineResult, suite: str, family: str, name: str) -> Shown | None:
    found = engine.suites.get(suite)
    return found.tables.get("all", {}).get(family, {}).get(name) if found else None


def _chosen(curves: list[Curve]) -> str:
    return "\n".join(
        f"{curve.engine}: {dict(point.settings)}"
        for curve in curves
        for point in curve.points
        if point.chosen
    )

"""``hocket bench``: engines measured at interaction, on scenes that anybody can make again."""

import shlex
import sys
import time
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from hocket.core.errors import BadInput
from hocket.core.provenance import commit, machine
from hocket.data.splits import Split
from hocket.evaluation.bench.contest import EngineAt
from hocket.evaluation.results import BenchResult, EngineResult, Shown
from hocket.evaluation.scene_set import Size
from hocket.recipes import engines
from hocket.recipes.bench import Bench, Order, Speech, checked
from hocket.weights import store

app = typer.Typer()

REPORT: Final = "report"
PACKAGES: Final = ("hocket", "numpy", "onnxruntime", "faster-whisper")
VOICES: Final = "voices"
RECOGNISER: Final = "evaluate"
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
        list[str] | None, typer.Argument(metavar="[SUITE...|report]", help="Default: all suites.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="Engine; may be repeated.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A look, in minutes.")] = False,
    full: Annotated[bool, typer.Option("--full", help="200 events behind each rate.")] = False,
    setting: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of the engines, e.g. end_ms=500.")
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
    """Play scenes on engines and measure, or make the report of what was measured."""
    path = json or store.home() / "bench" / "result.json"
    if what == [REPORT]:
        from hocket.evaluation.report.write import write_report

        write_report(BenchResult.read(path), runs=runs_folder(), out=out)
        typer.echo(f"report: {out / 'report.html'}   table: {out / 'report.md'}")
        return
    if compute is ComputeChoice.MEASURED and jobs > 1:
        raise BadInput("expected --jobs 1 with --compute measured: processes slow each other down")
    order = Order(
        suites=checked(what or []),
        engines=_engines(model or list(engines.SETTINGS), setting or [], without or []),
        seed=seed,
        size=_size(quick, full),
        split=_split(split),
        compute=str(compute),
        jobs=jobs,
        runs=runs_folder(),
        speech=Speech.under(speech),
    )
    _pull(order)
    began = time.monotonic()
    found, missing = _run(order, Console(stderr=True, highlight=False))
    result = _result(order, found, missing, (time.monotonic() - began) / 60)
    merged(path, result).write(path)
    typer.echo(_summary(result))
    typer.echo(f"result: {path}   page: hocket bench report --json {shlex.quote(str(path))}")


def runs_folder() -> Path:
    """Where takes are kept: ``bench/runs`` in the cache folder."""
    return store.home() / "bench" / "runs"


def merged(path: Path, result: BenchResult) -> BenchResult:
    """The result with what stands in the file of the same seed, size, split and compute."""
    if not path.exists():
        return result
    kept = BenchResult.read(path)
    same = ("seed", "size", "split", "compute")
    if different := [name for name in same if getattr(kept, name) != getattr(result, name)]:
        raise BadInput(
            f"expected a result of the same {', '.join(different)} in {path}; "
            "give another --json or remove it"
        )
    every = {engine.id: engine for engine in kept.engines}
    for engine in result.engines:
        before = every.get(engine.id)
        suites = {**(before.suites if before else {}), **engine.suites}
        every[engine.id] = engine.model_copy(update={"suites": suites})
    return result.model_copy(
        update={
            "engines": tuple(every.values()),
            "curves": kept.curves,
            "peers": kept.peers,
            "minutes": round(kept.minutes + result.minutes, 2),
            "command": f"{kept.command}; {result.command}"
            if result.command not in kept.command.split("; ")
            else kept.command,
        }
    )


def _run(order: Order, console: Console) -> tuple[list[EngineResult], tuple[str, ...]]:
    ready = Bench(order)
    for each in ready.people.missing:
        console.print(f"[dim]{each}[/dim]")
    ready.stock()
    parts = ready.parts()
    columns = (
        *Progress.get_default_columns(),
        TextColumn("{task.fields[now]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("scenes", total=len(parts), now="")
        for part in ready.play():
            progress.update(task, advance=1, now=f"{part.engine.id} {part.scene.id}")
    with console.status("reading") as status:
        ready.say = lambda who, what: status.update(f"{who}: {what}")
        found = [ready.result(engine) for engine in order.engines]
    return found, ready.people.missing


def _engines(models: list[str], settings: list[str], without: list[str]) -> tuple[EngineAt, ...]:
    changes = dict(map(_setting, settings))
    for name in models:
        engines.settings_of(name, changes)
    inputs = tuple(sorted(str(each) for each in engines.inputs_of(without)))
    return tuple(EngineAt(engine=m, settings=changes, without=inputs) for m in models)


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


def _pull(order: Order) -> None:
    files = [name for engine in order.engines for name in engines.FILES[engine.engine]]
    store.ensure([*dict.fromkeys(files), VOICES, RECOGNISER])


def _result(
    order: Order, found: list[EngineResult], missing: tuple[str, ...], minutes: float
) -> BenchResult:
    return BenchResult(
        command=shlex.join(["hocket", *sys.argv[1:]]),
        machine=machine(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=commit(),
        versions={name: version(name) for name in PACKAGES},
        seed=order.seed,
        size=str(order.size),
        split=str(order.split),
        compute=COMPUTE[ComputeChoice(order.compute)],
        minutes=round(minutes, 2),
        missing=missing,
        engines=tuple(found),
    )


def _summary(result: BenchResult) -> str:
    """The least of the panel and the gap, an engine a line; the page has the rest."""
    lines = []
    for engine in result.engines:
        found = [
            f"{label} {shown.value:.2f} (N {shown.n})"
            for label, suite, family, name in SUMMARY
            if (shown := _figure(engine, suite, family, name)) is not None
            and shown.shown
            and shown.value is not None
        ]
        lines.append(f"{engine.id}: {', '.join(found) or 'no figure with enough events'}")
    return "\n".join(lines)


def _figure(engine: EngineResult, suite: str, family: str, name: str) -> Shown | None:
    found = engine.suites.get(suite)
    return found.tables.get("all", {}).get(family, {}).get(name) if found else None

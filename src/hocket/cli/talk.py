"""``hocket talk``: one spoken conversation over a recording of the user's side."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from hocket.core.clock import RealClock, VirtualClock
from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.engine.port import Float32
from hocket.protocol.events import TextTyped
from hocket.protocol.modes import Mode
from hocket.protocol.score import ScoreHeader, ScoreTick, ScoreTotals
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import CONSTANT, MEASURED, Conversation, TimedEvent
from hocket.transports.files import Recording
from hocket.transports.playout import LanePlayer
from hocket.transports.scores import ScoreWriter
from hocket.transports.transcript import Transcript
from hocket.transports.wav import WavWriter
from hocket.weights import store

app = typer.Typer()

TIMED_TEXT = re.compile(r"@(\d+(?:\.\d+)?)s:\s?(.*)", re.DOTALL)


class ClockChoice(StrEnum):
    """How session time passes."""

    REAL = "real"
    VIRTUAL = "virtual"


class ComputeChoice(StrEnum):
    """What a tick's compute costs in session time under the virtual clock."""

    MEASURED = "measured"
    CONSTANT = "constant"


@app.command()
def talk(
    user: Annotated[Path, typer.Argument(metavar="USER.wav", help="The user's side.")],
    out: Annotated[Path, typer.Option(help="The agent's lane, in step with it.")] = Path(
        "agent.wav"
    ),
    score: Annotated[Path, typer.Option(help="The score.")] = Path("score.jsonl"),
    clock: Annotated[ClockChoice, typer.Option(help="Session time.")] = ClockChoice.VIRTUAL,
    compute: Annotated[
        ComputeChoice, typer.Option(help="Cost of a tick under the virtual clock.")
    ] = ComputeChoice.MEASURED,
    text: Annotated[
        list[str] | None, typer.Option(help='Typed text with its time: "@2.5s: hello".')
    ] = None,
    model: Annotated[
        str, typer.Option(help="Engine: " + ", ".join(engines.names()))
    ] = engines.DEFAULT,
    mode: Annotated[Mode, typer.Option(help="When the agent may speak.")] = Mode.RESPONSIVE,
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0)] = 0,
    instructions: Annotated[str, typer.Option(help="Who the agent is.")] = "",
) -> None:
    """Hold a spoken conversation with a recording."""
    files = engines.recipe(model).files
    events = [timed_text(each) for each in text or []]
    recording = Recording(user)
    console = Console(stderr=True, highlight=False)
    store.ensure(files)
    worker = engines.worker(store.path_of, model)
    config = SessionConfig(
        model=model,
        voice_rate_hz=worker.voice.rate_hz,
        mode=mode,
        seed=seed,
        instructions=instructions,
    )
    transcript = Transcript()
    with ExitStack() as stack:
        lane = stack.enter_context(WavWriter(out, rate_hz=config.voice_rate_hz))
        lines = stack.enter_context(ScoreWriter(score))
        lines.write(header(config, recording, clock, compute))

        def record(line: ScoreTick) -> None:
            lines.write(line)
            for said in transcript.take(line):
                typer.echo(said)

        conversation = Conversation(
            session=Session(config),
            worker=worker,
            player=LanePlayer(rate_hz=config.voice_rate_hz, sink=lane.write),
            clock=RealClock() if clock is ClockChoice.REAL else VirtualClock(),
            charge=CONSTANT if compute is ComputeChoice.CONSTANT else MEASURED,
            record=record,
        )
        totals = conversation.run(with_progress(recording, console), events)
        totals = totals.model_copy(update={"user_audio_sha256": recording.sha256})
        lines.write(totals)
    for line in transcript.rest():
        typer.echo(line)
    for notice in recording.notices:
        console.print(f"[dim]{user}: {notice}[/dim]")
    typer.echo(summary(totals))
    typer.echo(
        f"agent's lane: {out}   score: {score}   draw it: hocket show {score} --out score.png"
    )


def timed_text(argument: str) -> TimedEvent:
    """Parse ``@2.5s: hello``; the text counts as sent (a new line ends it).

    Raises:
        BadInput: anything else.
    """
    found = TIMED_TEXT.fullmatch(argument)
    if found is None:
        raise BadInput(
            f'expected --text "@SECONDSs: words", for example "@2.5s: hello", got "{argument}"'
        )
    return TimedEvent(at_s=float(found[1]), event=TextTyped(text=f"{found[2]}\n"))


def header(
    config: SessionConfig, recording: Recording, clock: ClockChoice, compute: ComputeChoice
) -> ScoreHeader:
    """The first line of the score: enough to build the same session again."""
    return ScoreHeader(
        model=config.model,
        mode=str(config.mode),
        config={
            "session": asdict(config),
            "clock": str(clock),
            "compute": str(compute),
            "user_audio": str(recording.path),
        },
        seed=config.seed,
        agent_rate_hz=config.voice_rate_hz,
    )


def with_progress(recording: Recording, console: Console) -> Iterator[Float32]:
    """The recording's ticks, with a bar for whoever waits."""
    columns = (
        *Progress.get_default_columns(),
        TextColumn("of {task.total:.0f} s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("talking", total=recording.duration_s)
        for tick in recording.ticks():
            yield tick
            progress.advance(task, TICK_S)


def summary(totals: ScoreTotals) -> str:
    """Gaps and compute in a line or two."""
    gaps = totals.responses
    median_s = totals.response_gap_median_s
    if median_s is None:
        answers = "no response"
    else:
        each = ", ".join(f"{gap:.2f}" for gap in gaps[:12]) + (", ..." if len(gaps) > 12 else "")
        answers = f"{len(gaps)} response(s), gap median {median_s:.2f} s ({each})"
    return (
        f"{answers}\n{totals.ticks} ticks, compute p50 {totals.compute_ms_p50:.0f} "
        f"p95 {totals.compute_ms_p95:.0f} p99 {totals.compute_ms_p99:.0f} "
        f"max {totals.compute_ms_max:.0f} ms, "
        f"{totals.deadline_misses} deadline(s) missed"
    )

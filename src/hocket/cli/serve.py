"""``hocket serve``: the page, the sockets, the metrics, on this machine."""

import asyncio
import logging
import socket
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hocket.protocol.modes import Mode
from hocket.recipes import engines
from hocket.transports.admission import MARGIN, Admission
from hocket.transports.host import Host, HostSettings
from hocket.transports.http import build_app
from hocket.transports.keeper import scores_folder
from hocket.transports.selftest import tick_cost
from hocket.transports.server import ADDRESS, GentleServer, listen
from hocket.transports.stage_pool import StagePool
from hocket.weights import store

app = typer.Typer()
DEFAULT_PORT = 8787


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(help="On 127.0.0.1; 0 takes any.", min=0, max=65_535)
    ] = DEFAULT_PORT,
    model: Annotated[
        str, typer.Option(help="Engine: " + ", ".join(engines.names()))
    ] = engines.DEFAULT,
    mode: Annotated[
        Mode, typer.Option(help="When the agent may speak, until a client says otherwise.")
    ] = Mode.RESPONSIVE,
    sessions: Annotated[
        int | None,
        typer.Option(help="Sessions at once; measured if left out.", min=1, max=64),
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Keep every score and the user's sound in this folder.")
    ] = None,
) -> None:
    """Serve spoken conversations to this machine."""
    files = engines.recipe(model).files
    if scores is not None:
        scores = scores_folder(scores)
    listener = listen(port)  # before the models: a taken port is known at once
    try:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        store.ensure(files)
        settings = HostSettings(model=model, mode=mode, scores=scores)
        asyncio.run(_serve(listener, settings, sessions))
    finally:
        listener.close()


async def _serve(listener: socket.socket, settings: HostSettings, sessions: int | None) -> None:
    console = Console(stderr=True, highlight=False)
    with console.status(f"loading {settings.model}"):
        worker = await asyncio.to_thread(engines.served, store.path_of, settings.model)
    with StagePool(worker, threads=engines.SERVED_THREADS) as pool:
        with console.status("measuring this machine"):
            cost = await tick_cost(pool)
        admission = Admission(cost, threads=pool.threads, fixed=sessions)
        host = Host(pool, admission, settings)
        server = GentleServer(build_app(host), drain=host.drain)
        address = f"http://{ADDRESS}:{listener.getsockname()[1]}"
        typer.echo(f"{address}   {_room(host)}. Ctrl-C ends it.")
        await server.serve(sockets=[listener])


def _room(host: Host) -> str:
    cost, limit = host.admission.cost, host.admission.limit
    room = f"{limit} session{'s' if limit != 1 else ''} at once"
    measured = (
        f"a busy tick costs {cost.median_ms:.0f} ms (p95 {cost.p95_ms:.0f}) of "
        f"{200 * (1 - MARGIN):.0f}"
    )
    return f"{host.settings.model}, {room}: {measured}"

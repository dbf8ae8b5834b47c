"""voicebench, an independent audio-level benchmark of voice agents, against our server.

Law: it runs unchanged in a process of its own, at the pace of time, and every figure under its name is
its own measurement. A session that is done is not run again while its script is the same.
Source: docs/voicebench.md; PyPI voicebench 0.2.0 (Apache-2.0), an optional tool.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from websockets.asyncio.client import connect

from hocket.core.errors import BadInput
from hocket.evaluation.peers import voicebench_report
from hocket.evaluation.peers.voicebench_bridge import Bridge, Passage, bridge, ready
from hocket.evaluation.peers.voicebench_report import REPORT
from hocket.evaluation.peers.voicebench_scripts import (
    LONGEST_MS,
    SCENARIO,
    Script,
    fill,
    scenario,
    scripts,
    written,
)
from hocket.evaluation.results import PeerFigure, PeerResult
from hocket.evaluation.running.served import server
from hocket.evaluation.sounds import bench_bank

PASSAGE: Final = "bridge.json"
RESULT: Final = "voicebench.json"
SESSIONS: Final = 40  # about half a minute each
OVERHEAD_S: Final = 60.0  # for it to start and to write its report, on a busy machine


def run(
    engine: str, *, url: str | None = None, out: Path, seed: int = 1, sessions: int = SESSIONS
) -> PeerResult:
    """Its figures on an engine, in held-out voices; also written to ``out``/voicebench.json.

    ``url`` is the native socket of a running ``hocket serve``; without one a server is started.
    ``out`` keeps, by session, its scenario, sounds, report and what passed the bridge.

    Raises:
        BadInput: voicebench is not installed or failed, or the server runs another engine.
        OSError: nobody serves at ``url``.
    """
    if sessions < 1:
        raise BadInput(f"expected at least one session, got {sessions}")
    if find_spec("voicebench") is None:
        raise BadInput("expected voicebench: pip install voicebench==0.2.0")
    found = scripts(seed=seed, n=sessions)
    fill(bench_bank(), found)
    todo = [script for script in found if not _done(script, out / script.name)]
    if todo:
        asyncio.run(_converse(engine, url, todo, out))
    result = _result(engine, [out / script.name for script in found], seed)
    (out / RESULT).write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return result


def _done(script: Script, folder: Path) -> bool:
    kept = folder / SCENARIO
    return (
        kept.is_file()
        and kept.read_text(encoding="utf-8") == scenario(script)
        and all((folder / name).is_file() for name in (REPORT, PASSAGE))
    )


async def _converse(engine: str, url: str | None, todo: list[Script], out: Path) -> None:
    async with _native(engine) if url is None else nullcontext(url) as server_url:
        rate_hz = await _voice_rate_hz(server_url, engine)
        async with bridge(server_url) as opened:
            for script in todo:
                await _session(script, out / script.name, opened, rate_hz)


@asynccontextmanager
async def _native(engine: str) -> AsyncIterator[str]:
    """The native socket of a server of its own, with room for one session."""
    async with server(engine, sessions=1) as served:
        yield f"ws://{served.url}/v1/native"


async def _voice_rate_hz(server_url: str, engine: str) -> int:
    async with connect(server_url, compression=None) as server:
        found = await ready(server)
    if found["model"] != engine:
        raise BadInput(f"expected a server that runs {engine}, got {found['model']}")
    return int(found["voice_rate_hz"])


async def _session(script: Script, folder: Path, opened: Bridge, rate_hz: int) -> None:
    for name in (REPORT, PASSAGE):
        (folder / name).unlink(missing_ok=True)
    path = await asyncio.to_thread(written, script, folder, bench_bank())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "voicebench", *arguments(path, opened.url, rate_hz, folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LONGEST_MS / 1_000 + OVERHEAD_S):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        last = said.decode().strip().splitlines()[-1:] or ["nothing"]
        closed = [passage.closed for passage in opened.passages[-1:] if passage.closed]
        why = "; ".join([*last, *closed])
        raise BadInput(f"expected voicebench to run {script.name}, it said: {why}")
    passage = opened.passages[-1]
    await passage.over.wait()
    _keep(passage, folder / PASSAGE)


def arguments(path: Path, url: str, rate_hz: int, folder: Path) -> list[str]:
    """The command line of one session."""
    adapter = ["-a", "websocket", "--url", url, "-o", f"agent_sample_rate={rate_hz}"]
    return ["run", str(path), *adapter, "--format", "json,html", "--out", str(folder)]


def _keep(passage: Passage, path: Path) -> None:
    fields: dict[str, Any] = {
        "waits_ms": [round(wait_ms, 3) for wait_ms in passage.waits_ms],
        "left_out_s": round(passage.left_out_s, 3),
        "ahead_max_s": round(passage.ahead_max_s, 3),
        "errors": passage.errors,
    }
    path.write_text(json.dumps(fields) + "\n", encoding="utf-8")


def _result(engine: str, folders: list[Path], seed: int) -> PeerResult:
    reports = [voicebench_report.read(folder / REPORT) for folder in folders]
    passages = [json.loads((folder / PASSAGE).read_bytes()) for folder in folders]
    versions = sorted({report.voicebench_version for report in reports})
    command = f"python -m {__spec__.name} {engine} OUT --seed {seed} --sessions {len(folders)}"
    return PeerResult(
        instrument=f"voicebench {' and '.join(versions)}",
        engine=engine,
        command=command,
        date=max(report.created_at for report in reports),
        figures=(*voicebench_report.figures(reports), *_of_the_bridge(passages)),
    )


def _of_the_bridge(passages: list[dict[str, Any]]) -> list[PeerFigure]:
    waits_ms = [wait_ms for passage in passages for wait_ms in passage["waits_ms"]]
    ahead_ms = [1_000 * passage["ahead_max_s"] for passage in passages]
    p99_ms = float(np.percentile(waits_ms, 99)) if waits_ms else None
    return [
        PeerFigure(
            name="bridge_wait_p99_ms",
            value=p99_ms,
            unit="ms",
            n=len(waits_ms),
            note="ours: a frame in the bridge",
        ),
        PeerFigure(
            name="bridge_ahead_max_ms",
            value=max(ahead_ms, default=None),
            unit="ms",
            n=len(ahead_ms),
            note="ours: the user's sound handed on before its time",
        ),
    ]


def main(
    engine: str,
    out: Path,
    url: Annotated[str | None, typer.Option(help="ws://127.0.0.1:PORT/v1/native")] = None,
    seed: int = 1,
    sessions: int = SESSIONS,
) -> None:
    """Run voicebench on ENGINE; results in OUT."""
    result = run(engine, url=url, out=out, seed=seed, sessions=sessions)
    typer.echo(result.model_dump_json(indent=1))


if __name__ == "__main__":
    typer.run(main)

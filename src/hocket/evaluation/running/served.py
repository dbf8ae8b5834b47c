"""A ``hocket serve`` of its own, and what it tells of itself.

Law: the server is a process as anybody starts it; it is ended gently whatever happens.
Needs the extra ``serve``.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from hocket.core.errors import BadInput
from hocket.evaluation.running import memory

READY_WITHIN_S: Final = 180.0  # models load and the machine is measured
COMMAND: Final = "import sys; from hocket.cli.main import run; run(sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: ``host:port`` and its process."""

    url: str
    pid: int

    def rss_mb(self) -> float | None:
        """Resident memory in MiB; None where the system does not tell."""
        return memory.rss_mb(self.pid)

    def fds(self) -> int | None:
        """Open files."""
        return memory.open_files(self.pid)

    async def counters(self) -> dict[str, float]:
        """Totals that /metrics tells, those without labels."""
        page = await asyncio.to_thread(self._page)
        return {
            sample.name: sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if not sample.labels
        }

    def _page(self) -> str:
        with urlopen(f"http://{self.url}/metrics", timeout=10) as answer:
            return str(answer.read().decode())


@asynccontextmanager
async def server(model: str, sessions: int) -> AsyncIterator[Server]:
    """Start with room for so many, wait until it says where it is, stop gently.

    Raises:
        BadInput: it ended instead.
        TimeoutError: it is not ready within three minutes.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND),
        *("serve", "--port", "0", "--model", model, "--sessions", str(sessions)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            said = (await process.stdout.readline()).decode()
        if not said:
            raise BadInput(f"expected a server of {model}, got: it ended at once")
        yield Server(said.split()[0].removeprefix("http://"), process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def freed(served: Server, within_s: float = 30.0) -> None:
    """Wait until no session is open."""
    async with asyncio.timeout(within_s):
        while (await served.counters())["hocket_sessions_open"]:
            await asyncio.sleep(0.1)

"""A ``hocket serve`` of its own for somebody else's instrument.

Law: it is there when the ``with`` begins and gone when it ends.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from hocket.core.errors import BadInput

COMMAND: Final = "from hocket.cli.main import run; run()"
STARTS_WITHIN_S: Final = 180.0  # models are loaded and the machine is measured


@asynccontextmanager
async def served(engine: str) -> AsyncIterator[str]:
    """A server of one session; the URL of its native socket.

    Raises:
        BadInput: it did not start.
    """
    arguments = ("serve", "--port", "0", "--model", engine, "--sessions", "1")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COMMAND, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            said = (await process.stdout.readline()).decode().split()
        if not said:
            raise BadInput(f"expected hocket serve --model {engine} to start, it ended")
        yield f"ws://{said[0].removeprefix('http://')}/v1/native"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()

"""A server of its own, as voicebench gets it."""

import asyncio

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.peers.voicebench import _native, _voice_rate_hz
from hocket.recipes import engines
from hocket.weights import store


@pytest.mark.models
def test_the_server_runs_the_engine_that_is_asked_for_and_no_other() -> None:
    store.ensure(engines.recipe("cascade-vad").files)

    async def main() -> None:
        async with _native("cascade-vad") as url:
            assert await _voice_rate_hz(url, "cascade-vad") == 22_050
            with pytest.raises(BadInput, match="cascade-smart-turn"):
                await _voice_rate_hz(url, "cascade-smart-turn")

    asyncio.run(main())

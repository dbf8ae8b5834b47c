"""A server of its own, as voicebench gets it."""

import asyncio

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.peers.served import served
from hocket.evaluation.peers.voicebench import _voice_rate_hz
from hocket.recipes import engines
from hocket.weights import store


def test_a_server_that_does_not_start_is_told() -> None:
    async def main() -> None:
        async with served("no-such-engine"):
            pass

    with pytest.raises(BadInput, match="no-such-engine"):
        asyncio.run(main())


@pytest.mark.models
def test_the_server_runs_the_engine_that_is_asked_for_and_no_other() -> None:
    store.ensure(engines.FILES["cascade-vad"])

    async def main() -> None:
        async with served("cascade-vad") as url:
            assert await _voice_rate_hz(url, "cascade-vad") == 22_050
            with pytest.raises(BadInput, match="cascade-smart-turn"):
                await _voice_rate_hz(url, "cascade-smart-turn")

    asyncio.run(main())

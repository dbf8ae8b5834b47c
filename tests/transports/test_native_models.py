"""A recorded question over the native socket, at the pace of time, through the real models."""

import asyncio
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from hocket.audio.pcm import from_bytes
from hocket.cli.main import outcome
from hocket.core.units import TICK_S
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.recipes import engines
from hocket.transports.files import Recording
from hocket.weights import store
from tests.transports.serving import Client, Served, serve

CONVERSATION = Path(__file__).parents[2] / "examples" / "conversation.flac"
QUESTION_S = 6.0


@pytest.fixture(scope="module")
def worker() -> Worker:
    store.ensure(engines.recipe(engines.DEFAULT).files)
    return engines.served(store.path_of, engines.DEFAULT)


def question() -> Iterator[Float32]:
    return islice(Recording(CONVERSATION).ticks(), round(QUESTION_S / TICK_S))


async def ask(client: Client) -> None:
    """At the pace of a microphone, then silence."""
    began = asyncio.get_running_loop().time()
    silence = np.zeros(3_200, np.float32)
    for n, tick in enumerate([*question(), *[silence] * 60]):
        due = began + (n + 1) * TICK_S
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        await client.sound(tick)


async def answered(client: Client, n_words: int) -> None:
    """Play the sound on the spot: report everything that comes as heard."""
    while sum(len(found["words"]) for found in client.of("words")) < n_words:
        found = await client.next()
        if found["type"] == "sound":
            at, data = client.heard[-1]
            await client.say("played", position=at + len(data) // 2)


@pytest.mark.models
def test_a_recorded_question_is_answered_aloud_and_its_score_replays_equal(
    worker: Worker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            asking = asyncio.create_task(ask(client))
            await answered(client, 3)
            asking.cancel()
            sound = np.concatenate([from_bytes(data) for _, data in client.heard])
            assert np.sqrt((sound**2).mean()) > 0.01
            heard = [w for found in client.of("score") for w in found["line"]["user"]["heard"]]
            # Live ears skip readings when the machine stalls: a word may be misheard, not the question.
            question_words = {"what", "is", "the", "capital", "of", "france"}
            assert len(question_words & set(" ".join(heard).lower().split())) >= 5
        while served.host.running:
            await asyncio.sleep(0.01)

    began = time.monotonic()
    serve(test, worker=worker, limit_s=40, scores=tmp_path, model=engines.DEFAULT)
    assert time.monotonic() - began > 2.0  # the pace was real
    (score,) = tmp_path.glob("*.jsonl")
    assert outcome(["replay", str(score)]) == 0
    assert "same decisions" in capsys.readouterr().out

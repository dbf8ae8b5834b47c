import asyncio
import threading

import pytest

from hocket.core.errors import SessionMisuse
from hocket.engine.stages import Hear
from hocket.engine.worker import Worker
from hocket.transports.stage_lane import StageLane
from tests.transports.serving import LOUD, fake_worker


def test_what_is_due_first_is_computed_first() -> None:
    async def test() -> None:
        order: list[str] = []
        held = threading.Event()

        def note(name: str, result: object) -> None:
            order.append(name)

        with StageLane(fake_worker()) as lane:
            now = asyncio.get_running_loop().time()
            a = await lane.open(seed=0, instructions="")
            b = await lane.open(seed=0, instructions="")
            holding = asyncio.ensure_future(lane.call(lambda _: held.wait(5)))
            await asyncio.sleep(0)
            jobs = []
            for name, seat, due_s in (("late", a, now + 2), ("soon", b, now + 1)):
                job = asyncio.ensure_future(
                    lane.run(seat, Hear(tick=0, samples=LOUD), deadline_s=due_s)
                )
                job.add_done_callback(lambda done, name=name: note(name, done))  # type: ignore[misc]
                jobs.append(job)
                await asyncio.sleep(0)
            held.set()
            await asyncio.gather(holding, *jobs)
        assert order == ["soon", "late"]

    asyncio.run(test())


def test_closing_cancels_what_waits_and_refuses_what_comes() -> None:
    async def test() -> None:
        held = threading.Event()
        begun = threading.Event()

        def hold(worker: Worker) -> None:
            begun.set()
            held.wait(5)

        lane = StageLane(fake_worker())
        first = asyncio.ensure_future(lane.call(hold))
        await asyncio.to_thread(begun.wait, 5)
        second = asyncio.ensure_future(lane.call(lambda _: None))
        await asyncio.sleep(0)
        held.set()
        await asyncio.to_thread(lane.close)
        await first
        with pytest.raises((asyncio.CancelledError, SessionMisuse)):
            await lane.call(lambda _: None)
        await asyncio.wait({second})
        assert second.cancelled() or second.result() is None

    asyncio.run(test())


def test_an_error_reaches_whoever_asked_and_the_lane_goes_on() -> None:
    def fail(worker: Worker) -> None:
        raise ValueError("broken")

    async def test() -> None:
        with StageLane(fake_worker()) as lane:
            with pytest.raises(ValueError, match="broken"):
                await lane.call(fail)
            assert await lane.call(lambda _: 7) == 7

    asyncio.run(test())

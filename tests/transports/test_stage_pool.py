import asyncio
import threading

import pytest

from hocket.core.errors import SessionMisuse
from hocket.engine.stages import Hear, StageRequest, StageResult
from hocket.engine.worker import Seat, Worker
from hocket.transports.stage_pool import StagePool
from tests.transports.serving import LOUD, fake_worker


def test_what_is_due_first_is_computed_first() -> None:
    async def test() -> None:
        order: list[str] = []
        held = threading.Event()

        def note(name: str, result: object) -> None:
            order.append(name)

        with StagePool(fake_worker()) as pool:
            now = asyncio.get_running_loop().time()
            a = await pool.open(seed=0, instructions="")
            b = await pool.open(seed=0, instructions="")
            holding = asyncio.ensure_future(pool.call(lambda _: held.wait(5)))
            await asyncio.sleep(0)
            jobs = []
            for name, seat, due_s in (("late", a, now + 2), ("soon", b, now + 1)):
                job = asyncio.ensure_future(
                    pool.run(seat, Hear(tick=0, samples=LOUD), deadline_s=due_s)
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

        pool = StagePool(fake_worker())
        first = asyncio.ensure_future(pool.call(hold))
        await asyncio.to_thread(begun.wait, 5)
        second = asyncio.ensure_future(pool.call(lambda _: None))
        await asyncio.sleep(0)
        held.set()
        await asyncio.to_thread(pool.close)
        await first
        with pytest.raises((asyncio.CancelledError, SessionMisuse)):
            await pool.call(lambda _: None)
        await asyncio.wait({second})
        assert second.cancelled() or second.result() is None

    asyncio.run(test())


def test_an_error_reaches_whoever_asked_and_the_pool_goes_on() -> None:
    def fail(worker: Worker) -> None:
        raise ValueError("broken")

    async def test() -> None:
        with StagePool(fake_worker()) as pool:
            with pytest.raises(ValueError, match="broken"):
                await pool.call(fail)
            assert await pool.call(lambda _: 7) == 7

    asyncio.run(test())


def test_two_threads_compute_at_once_but_never_two_stages_of_one_seat() -> None:
    together = threading.Barrier(2, timeout=5)
    inside: list[str] = []
    overlaps: list[str] = []

    class Slow(Worker):
        a: Seat

        def run(self, seat: Seat, request: StageRequest) -> StageResult:
            name = "a" if seat is self.a else "b"
            overlaps.extend(other for other in inside if other == name)
            inside.append(name)
            together.wait()
            result = super().run(seat, request)
            inside.remove(name)
            return result

    async def test() -> None:
        fake = fake_worker()
        worker = Slow(ears=fake.ears, engine=fake.engine, voice=fake.voice)
        with StagePool(worker, threads=2) as pool:
            worker.a = await pool.open(seed=0, instructions="")
            b = await pool.open(seed=0, instructions="")
            jobs = [
                pool.run(seat, Hear(tick=tick, samples=LOUD), deadline_s=tick)
                for tick in range(3)
                for seat in (worker.a, b)
            ]
            await asyncio.gather(*jobs)
        assert overlaps == []

    asyncio.run(test())

"""The threads that own the models, shared by all live sessions of a process.

Law: the stage with the earliest deadline goes first (in seconds of the event loop's clock, which all
sessions share), a seat is in one thread at a time, and the event loop never computes. The queue cannot
grow beyond one stage a session, for a session asks for one stage at a time.
A thread a core: sessions side by side cost each other less than in turns (docs/decisions/0031).
"""

import asyncio
import itertools
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from hocket.core.errors import SessionMisuse
from hocket.core.units import TICK_S
from hocket.engine.stages import StageRequest, StageResult
from hocket.engine.worker import Seat, Worker

Value = TypeVar("Value")


@dataclass(order=True, slots=True)
class _Job:
    deadline_s: float
    number: int
    run: Callable[[], Any] = field(compare=False)
    seat: Seat | None = field(compare=False)
    loop: asyncio.AbstractEventLoop = field(compare=False)
    future: "asyncio.Future[Any]" = field(compare=False)


class StagePool:
    """Runs work of a ``Worker`` on threads of its own, by deadline."""

    def __init__(self, worker: Worker, *, threads: int = 1) -> None:
        self.worker, self.threads = worker, threads
        self._busy: list[Seat] = []
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._work, name=f"hocket-models-{i}", daemon=True)
            for i in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def open(self, *, seed: int, instructions: str) -> Seat:
        """Make room for one session."""
        # Behind the ticks that are due before a new session's own first one.
        due_s = asyncio.get_running_loop().time() + 2 * TICK_S
        seat: Seat = await self._submit(
            due_s, lambda: self.worker.open(seed=seed, instructions=instructions), None
        )
        return seat

    async def close_seat(self, seat: Seat) -> None:
        """Give a session's memory back."""
        await self._submit(0.0, lambda: self.worker.close(seat), seat)

    async def call(self, work: Callable[[Worker], Value]) -> Value:
        """Run anything else that needs the models, when nothing is due."""
        value: Value = await self._submit(math.inf, lambda: work(self.worker), None)
        return value

    async def run(self, seat: Seat, request: StageRequest, *, deadline_s: float) -> StageResult:
        """Compute one stage; what comes first by ``deadline_s`` is computed first."""
        result: StageResult = await self._submit(
            deadline_s, lambda: self.worker.run(seat, request), seat
        )
        return result

    def close(self) -> None:
        """Finish the stages under way, cancel what waits and end the threads."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()
        for job in self._jobs:
            _on_loop(job, job.future.cancel)
        self._jobs.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(
        self, deadline_s: float, run: Callable[[], Any], seat: Seat | None
    ) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        job = _Job(deadline_s, next(self._numbers), run, seat, loop, loop.create_future())
        with self._wake:
            if self._closing:
                raise SessionMisuse("expected a pool that is open, got one that was closed")
            self._jobs.append(job)
            self._wake.notify()
        return job.future

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closing or self._next() is not None)
                if self._closing:
                    return
                job = self._next()
                assert job is not None
                self._jobs.remove(job)
                if job.seat is not None:
                    self._busy.append(job.seat)
            if not job.future.cancelled():
                self._run(job)
            if job.seat is not None:
                with self._wake:
                    self._busy = [busy for busy in self._busy if busy is not job.seat]
                    self._wake.notify()  # a job of this seat may have waited

    def _next(self) -> _Job | None:
        """The first job whose seat is free."""
        return min((job for job in self._jobs if not self._is_busy(job.seat)), default=None)

    def _is_busy(self, seat: Seat | None) -> bool:
        return any(seat is busy for busy in self._busy)

    def _run(self, job: _Job) -> None:
        try:
            value, error = job.run(), None
        except Exception as caught:  # noqa: BLE001 - the root of a request: its session must hear of it
            value, error = None, caught
        _on_loop(job, lambda: _settle(job.future, value, error))


def _on_loop(job: _Job, then: Callable[[], object]) -> None:
    if not job.loop.is_closed():
        job.loop.call_soon_threadsafe(then)


def _settle(future: "asyncio.Future[Any]", value: object, error: Exception | None) -> None:
    if future.done():
        return  # its session went away meanwhile
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(value)

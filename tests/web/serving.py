"""A real server for the page's tests, over any worker, in a thread or (run as a module) a process."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from hocket.engine.worker import Worker
from hocket.protocol.events import StopPlayout
from hocket.transports import native
from hocket.transports.admission import Admission, TickCost
from hocket.transports.host import Host, HostSettings
from hocket.transports.http import build_app
from hocket.transports.server import GentleServer, listen
from hocket.transports.stage_pool import StagePool
from tests.transports.parrot import Parrot, parrot_worker

# 40 words of 200 ms: long enough to be interrupted.
LONG_ANSWER = " ".join(["Certainly,", *(f"word{i}" for i in range(1, 40))]) + "."


@dataclass
class Served:
    url: str
    stops_s: list[float] = field(default_factory=list)  # wall clock of each decision to stop


def app_over(pool: StagePool, *, sessions: int = 4) -> tuple[GentleServer, Host]:
    """The server as ``hocket serve`` builds it."""
    admission = Admission(TickCost(median_ms=1.0, p95_ms=1.0), fixed=sessions)
    host = Host(pool, admission, HostSettings(model=pool.worker.engine.name, drain_s=2.0))
    return GentleServer(build_app(host), drain=host.drain), host


@contextmanager
def serving(worker: Worker, patch: pytest.MonkeyPatch, *, sessions: int = 4) -> Iterator[Served]:
    """The server on a free port, for the length of a ``with``."""
    listener = listen(0)
    served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    stop_playout = native.Connection.stop_playout

    def noted(self: native.Connection, action: StopPlayout) -> None:
        served.stops_s.append(time.time())
        stop_playout(self, action)

    patch.setattr(native.Connection, "stop_playout", noted)
    with StagePool(worker) as pool:
        server, _ = app_over(pool, sessions=sessions)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
        thread.start()
        try:
            yield served
        finally:
            server.should_exit = True
            thread.join()
            listener.close()


def main(port: int) -> None:
    """A server over fakes until it is killed."""
    with StagePool(parrot_worker(Parrot(LONG_ANSWER))) as pool, listen(port) as listener:
        asyncio.run(app_over(pool)[0].serve([listener]))


if __name__ == "__main__":
    main(int(sys.argv[1]))

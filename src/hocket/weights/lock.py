"""One puller at a time in a folder of model files.

Law: the lock belongs to the open file, so it goes when its process goes, however that ends.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hocket.weights.part_file import storage

LOCK_NAME = ".pull.lock"
RETRY_S = 0.2

if sys.platform == "win32":
    import msvcrt

    def _try(stream: IO[bytes]) -> bool:
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def exclusive(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock; ``waiting`` is called once if somebody else has it.

    Raises:
        StorageError: the folder or the lock file cannot be made.
    """
    path = folder / LOCK_NAME
    with storage(path):
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("ab")
    with stream:
        if not _locked(stream, path):
            waiting()
            while not _locked(stream, path):
                time.sleep(RETRY_S)
        yield


def _locked(stream: IO[bytes], path: Path) -> bool:
    with storage(path):
        return _try(stream)

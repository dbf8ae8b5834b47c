"""A file that appears whole or not at all.

Law: bytes go to ``NAME.part`` beside the target and the target is replaced in one step by
``commit``. Writes are unbuffered, so a full disk is met by the write that it refuses and not by a
later close.
"""

import os
from pathlib import Path
from typing import Self

from hocket.core.errors import StorageError


class PartFile:
    """A file in the making. Use ``commit`` or ``discard`` to end it."""

    def __init__(self, path: Path) -> None:
        """Open ``NAME.part``; raises StorageError when the place cannot be written."""
        self.path = path.resolve()
        self.part = self.path.with_name(self.path.name + ".part")
        if self.path.exists() and not self.path.is_file():
            raise StorageError(f"expected to write a file, got {path}, which is something else")
        try:
            self._file = self.part.open("wb", buffering=0)
        except OSError as error:
            raise self._refused(error) from None

    def write(self, data: bytes) -> None:
        """Append all of ``data``.

        Raises:
            StorageError: the disk refused; nothing of the file is left behind.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.discard()
            raise self._refused(error) from None

    def write_at_start(self, data: bytes) -> None:
        """Overwrite the first bytes; the next ``write`` still appends. Raises like ``write``."""
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self.write(data)
        self._file.seek(end)

    def commit(self) -> None:
        """Put the file in its place. Raises StorageError and leaves nothing if that fails."""
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self.part.replace(self.path)
        except OSError as error:
            self.discard()
            raise self._refused(error) from None

    def keep(self) -> None:
        """Close ``NAME.part`` as it is and leave it there."""
        self._file.close()

    def discard(self) -> None:
        """Close and remove what was written. May be called twice."""
        self._file.close()
        self.part.unlink(missing_ok=True)

    @property
    def closed(self) -> bool:
        """Whether the file was committed, kept or discarded."""
        return self._file.closed

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(f"expected to write {self.path}, got: {error.strerror or error}")


class Ending:
    """``with`` for what writes a PartFile: close at the end, ``abandon`` after an exception."""

    _file: PartFile

    def close(self) -> None:
        """Finish the file and put it in its place."""
        raise NotImplementedError

    def abandon(self) -> None:
        """End without a finished file: by default nothing is left."""
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._file.closed:
            return
        if kind is None:
            self.close()
        else:
            self.abandon()

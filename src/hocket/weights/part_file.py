"""Bytes on their way to becoming a model file.

Law: nothing half-written ever bears the final name. Bytes go to a temporary name and are hashed on
the way; ``commit`` compares size and sha256 and moves the file in one step (rename).
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from hocket.core.errors import StorageError
from hocket.weights.catalogue import ModelFile

CHUNK_BYTES = 1 << 20


class SourceError(Exception):
    """A source did not give the file; ``str()`` is the reason. Another may be tried."""


class BrokeOffError(SourceError):
    """The bytes stopped early; what came is kept and can be continued."""


class OtherBytesError(SourceError):
    """The bytes are not the file's; they are gone."""


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the disk's refusal into one line that names the path.

    Raises:
        StorageError: the block raised OSError.
    """
    try:
        yield
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> StorageError:
    """The disk's refusal in one line that says what can be done."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        advice = "free some space, or set HOCKET_HOME to a folder on a larger disk"
    else:
        advice = "set HOCKET_HOME to a folder that can be written"
    return StorageError(f"cannot write {path}: {error.strerror or error}; {advice}")


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex.

    Raises:
        StorageError: the file cannot be read.
    """
    with storage(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class PartFile:
    """A file being written under a temporary name. Use as a context manager."""

    def __init__(self, path: Path, file: ModelFile, *, resume: bool = False) -> None:
        self.path = path
        self.size = 0
        self._file = file
        self._hash = hashlib.sha256()
        if resume:
            self._read_back()
        with storage(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = path.open("ab" if self.size else "wb")

    def _read_back(self) -> None:
        """Count what an earlier run left, unless it is too long to be a beginning."""
        with storage(self.path):
            if not self.path.exists() or self.path.stat().st_size > self._file.bytes:
                return
            with self.path.open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    self._hash.update(chunk)
                    self.size += len(chunk)

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, StorageError):
            self.discard()
            return
        with storage(self.path):
            self._stream.close()

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            OtherBytesError: more bytes came than the file has.
            StorageError: the disk refused.
        """
        if self.size + len(chunk) > self._file.bytes:
            self.discard()
            raise OtherBytesError(f"more than the expected {self._file.bytes} bytes")
        with storage(self.path):
            self._stream.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Forget what is there: the source begins at the first byte."""
        with storage(self.path):
            self._stream.seek(0)
            self._stream.truncate()
        self.size = 0
        self._hash = hashlib.sha256()

    def discard(self) -> None:
        """Remove the temporary file; closing may fail on a full disk, and that is no news."""
        with suppress(OSError):
            self._stream.close()
        self.path.unlink(missing_ok=True)

    def commit(self, target: Path) -> None:
        """Move to the final name if size and sha256 are right; else remove.

        Raises:
            BrokeOffError: too few bytes; kept, to be continued.
            OtherBytesError: the sha256 differs; removed.
            StorageError: the disk refused.
        """
        if self.size < self._file.bytes:
            raise BrokeOffError(f"broke off at {self.size} of {self._file.bytes} bytes")
        if self._hash.hexdigest() != self._file.sha256:
            self.discard()
            raise OtherBytesError(
                f"other bytes: expected sha256 {self._file.sha256[:12]}…, "
                f"got {self._hash.hexdigest()[:12]}…"
            )
        with storage(target):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            self.path.replace(target)

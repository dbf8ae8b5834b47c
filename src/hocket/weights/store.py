"""Where model files lie on this machine: ``$HOCKET_HOME/weights/<model>/<file>``; and what was trained.

Law: asking for a path touches no network; only ``ensure`` and ``pull`` do.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hocket.weights.catalogue import ModelFile, catalogue
from hocket.weights.part_file import sha256_of, storage
from hocket.weights.progress import ProgressBar, Reporter
from hocket.weights.pull import Puller, is_whole

SHIPPED: Final = Path(__file__).parent / "shipped"


class State(StrEnum):
    """What lies at a model file's place."""

    RIGHT = "right"
    MISSING = "missing"
    TRUNCATED = "truncated"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What ``verify`` found."""

    file: ModelFile
    path: Path
    state: State
    found_bytes: int


def home() -> Path:
    """The cache folder: ``HOCKET_HOME``, else ``~/.cache/hocket``."""
    if configured := os.environ.get("HOCKET_HOME"):
        return Path(configured).expanduser().absolute()
    return Path.home() / ".cache" / "hocket"


def data_folder() -> Path:
    """Where made data is kept: ``HOCKET_DATA``, else ``data`` in the cache folder."""
    if configured := os.environ.get("HOCKET_DATA"):
        return Path(configured).expanduser().absolute()
    return home() / "data"


def weights_folder() -> Path:
    """The folder of all model files."""
    return home() / "weights"


def trained_folder(name: str) -> Path:
    """Where the model of that name lies that was trained on this machine."""
    return home() / "trained" / name


def shipped_names() -> tuple[str, ...]:
    """The trained models that come with the package, by name."""
    return _folders(SHIPPED)


def learned_names() -> tuple[str, ...]:
    """The models that come with the package, then those that were trained on this machine."""
    shipped = shipped_names()
    own = (name for name in _folders(home() / "trained") if name not in shipped)
    return (*shipped, *own)


def learned_folder(name: str) -> Path:
    """Where the weights of a trained model lie or would lie."""
    return SHIPPED / name if name in shipped_names() else trained_folder(name)


def _folders(folder: Path) -> tuple[str, ...]:
    found = (each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else ()
    return tuple(sorted(found))


def path_of(file_id: str) -> Path:
    """Where the file of that id lies or would lie.

    Raises:
        ModelFileError: no such id in the catalogue.
    """
    return weights_folder() / catalogue().get(file_id).id


def is_own(base: str) -> bool:
    """Whether a base model's name is the path of one of the user's own, not an id of the catalogue."""
    return Path(base).is_absolute()


def ensure(names: Iterable[str], *, reporter: Reporter | None = None) -> list[Path]:
    """Paths of the files named by id, model or group; pulls those missing or of the wrong size.

    Raises:
        ModelFileError: an unknown name, or no source gave the right bytes.
        StorageError: the disk refused.
    """
    files = catalogue().select(names)
    folder = weights_folder()
    if not all(is_whole(file, folder / file.id) for file in files):
        _pull(files, reporter, check_hash=False)
    return [folder / file.id for file in files]


def pull(names: Iterable[str], *, reporter: Reporter | None = None) -> list[Path]:
    """Like ``ensure``, but what is there already must have the right sha256 too."""
    files = catalogue().select(names)
    _pull(files, reporter, check_hash=True)
    return [weights_folder() / file.id for file in files]


def _pull(files: tuple[ModelFile, ...], reporter: Reporter | None, *, check_hash: bool) -> None:
    if reporter is not None:
        Puller(weights_folder(), reporter).pull(files, check_hash=check_hash)
        return
    with ProgressBar() as bar:
        Puller(weights_folder(), bar).pull(files, check_hash=check_hash)


def glance(file: ModelFile) -> Verdict:
    """What lies at the file's place, by its size alone: an altered file looks right."""
    path = weights_folder() / file.id
    with storage(path):
        found_bytes = path.stat().st_size if path.is_file() else None
    if found_bytes is None:
        state = State.MISSING
    elif found_bytes < file.bytes:
        state = State.TRUNCATED
    else:
        state = State.RIGHT if found_bytes == file.bytes else State.ALTERED
    return Verdict(file=file, path=path, state=state, found_bytes=found_bytes or 0)


def verify(names: Iterable[str]) -> list[Verdict]:
    """What lies at each place, by size and sha256.

    Raises:
        ModelFileError: an unknown name.
        StorageError: a file cannot be read.
    """
    return [_read_whole(glance(file)) for file in catalogue().select(names)]


def _read_whole(verdict: Verdict) -> Verdict:
    if verdict.state is not State.RIGHT or sha256_of(verdict.path) == verdict.file.sha256:
        return verdict
    return Verdict(
        file=verdict.file,
        path=verdict.path,
        state=State.ALTERED,
        found_bytes=verdict.found_bytes,
    )

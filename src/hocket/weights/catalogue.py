"""What model files exist, and where their bytes may come from: ``models.toml``, parsed.

Law: the catalogue alone says what a file is (size, sha256); a source only says where to ask.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files as package_files
from pathlib import PurePosixPath
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hocket.core.errors import ModelFileError

DEFAULT_GROUP = "talk"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpSource(_Frozen):
    """An address that serves the file as it is."""

    kind: Literal["http"]
    url: Annotated[str, Field(pattern=r"^https?://[^/]+/")]

    def __str__(self) -> str:
        return self.url


class Part(_Frozen):
    """One data file inside one registry package; the parts of a source are joined in order."""

    package: Annotated[str, Field(pattern=r"^(@[a-z0-9._-]+/)?[A-Za-z0-9][A-Za-z0-9._-]*$")]
    version: Annotated[str, Field(pattern=r"^[0-9][0-9A-Za-z.+_-]*$")]
    member: Annotated[str, Field(min_length=1)]
    platform: str | None = None  # wheel platform tag, where the data lies in a built wheel


class PackageSource(_Frozen):
    """Registry packages that carry the file as data."""

    kind: Literal["pypi", "npm"]
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    def __str__(self) -> str:
        first, *more = (f"{part.package} {part.version}" for part in self.parts)
        return f"{self.kind} package {first}" + (f" to {more[-1]}" if more else "")


Source: TypeAlias = Annotated[HttpSource | PackageSource, Field(discriminator="kind")]


class ModelFile(_Frozen):
    """One weight file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9._-]*$")]
    bytes: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    licence: str
    note: str = ""
    groups: Annotated[tuple[str, ...], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @property
    def model(self) -> str:
        """The model that the file belongs to: its folder."""
        return PurePosixPath(self.id).parts[0]


class Catalogue(_Frozen):
    """All model files, in the order of ``models.toml``."""

    files: tuple[ModelFile, ...]

    @model_validator(mode="after")
    def _each_id_once(self) -> "Catalogue":
        ids = [file.id for file in self.files]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"expected each id once, got {', '.join(twice)} twice")
        return self

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group, in order of first mention."""
        return tuple(dict.fromkeys(group for file in self.files for group in file.groups))

    def get(self, file_id: str) -> ModelFile:
        """The file of that id.

        Raises:
            ModelFileError: no such id.
        """
        for file in self.files:
            if file.id == file_id:
                return file
        raise ModelFileError(
            f"expected the id of a model file, got '{file_id}'; see: hocket models list"
        )

    def select(self, names: Iterable[str]) -> tuple[ModelFile, ...]:
        """Files named by group (``talk``), model (``silero-vad``) or id, each once, in file order.

        Raises:
            ModelFileError: a name that is none of these.
        """
        wanted = set(names)
        chosen = tuple(file for file in self.files if wanted & {file.id, file.model, *file.groups})
        known = {name for file in chosen for name in (file.id, file.model, *file.groups)}
        if unknown := sorted(wanted - known):
            raise ModelFileError(
                f"expected a group ({', '.join(self.groups)}), a model or a file id, "
                f"got '{unknown[0]}'; see: hocket models list"
            )
        return chosen


def parse(text: str) -> Catalogue:
    """Parse the text of a ``models.toml``.

    Raises:
        ModelFileError: the text is not a catalogue; says where and why.
    """
    try:
        return Catalogue.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ModelFileError(f"models.toml: expected TOML, got: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "file"
        raise ModelFileError(f"models.toml: {where}: {first['msg']}") from error


@cache
def catalogue() -> Catalogue:
    """The catalogue that ships with Hocket."""
    return parse(package_files("hocket.weights").joinpath("models.toml").read_text("utf-8"))

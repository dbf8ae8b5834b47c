"""What is built once per machine from a model's weights: graphs, embedding table, tokenizer.

Law: a derived directory is complete or absent (it is written aside and renamed), and its name
holds the hash of all that it was made from, so it never has to be invalidated.
"""

import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hocket.core.errors import ModelFileError, StorageError
from hocket.engine.graph import GRAPH_VERSION, HEAD_BLOCK, Precision, write_body, write_head
from hocket.engine.packing import pack
from hocket.model.config import BackboneConfig, Weights
from hocket.model.gguf_file import GgufFile
from hocket.model.hugging_face import HuggingFaceFolder
from hocket.model.tokenizer import tokenizer_of
from hocket.weights.store import home


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A backbone at rest: its shape, weights by name, and its tokenizer as JSON."""

    config: BackboneConfig
    weights: Weights
    tokenizer_json: str


def derive_gguf(path: Path, *, precision: Precision = "int8", cache: Path | None = None) -> Path:
    """The derived directory of a GGUF file, built when it is not there (about 10 s, once).

    Raises:
        ModelFileError: the file is missing or not a llama model.
        StorageError: the disk refuses.
    """
    name = path.name.split(".")[0].lower()
    return derive(name, file_sha(path), lambda: model_of(path), precision=precision, cache=cache)


def file_sha(path: Path) -> str:
    """The sha256 of a model's file. Raises ModelFileError if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"expected a model file at {path}, got: {error}") from error


def derive(
    name: str,
    source_sha: str,
    load: Callable[[], Model],
    *,
    precision: Precision = "int8",
    cache: Path | None = None,
) -> Path:
    """The derived directory of a model; ``load`` is called only when it must be built.

    ``source_sha`` must change with anything that ``load`` returns. ``cache`` is Hocket's cache folder
    unless given.
    """

    def write(aside: Path) -> None:
        _write(aside, load(), precision)

    return made(name, _recipe(source_sha, precision), write, cache)


def derive_body(
    name: str,
    source_sha: str,
    config: BackboneConfig,
    weights: Weights,
    *,
    precision: Precision = "int8",
    cache: Path | None = None,
) -> Path:
    """The derived directory of a network that writes no text: its body alone."""

    def write(aside: Path) -> None:
        write_body(config, weights, aside, precision=precision)
        _write_config(aside, config)

    return made(name, _recipe(source_sha, precision), write, cache)


def _recipe(source_sha: str, precision: Precision) -> str:
    return f"{source_sha} {precision} {GRAPH_VERSION}"


def made(name: str, recipe: str, write: Callable[[Path], None], cache: Path | None = None) -> Path:
    """The derived directory of a recipe; ``write`` fills it, and is called only when it is not there.

    Raises:
        StorageError: the disk refuses.
    """
    key = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    directory = (cache or home()) / "derived" / f"{name}-{key}"
    if not directory.is_dir():
        try:
            _build(directory, write)
        except OSError as error:
            raise StorageError(f"expected room to write {directory}, got: {error}") from error
    return directory


def model_of(path: Path) -> Model:
    """A base model from its GGUF file or Hugging Face folder. Raises ModelFileError if it is neither."""
    source: GgufFile | HuggingFaceFolder
    if path.is_dir():
        source = HuggingFaceFolder(path)
        tokenizer_json = source.tokenizer_json
    else:
        source = GgufFile(path)
        tokenizer_json = tokenizer_of(source).to_str()
    return Model(config=source.config, weights=source.weights, tokenizer_json=tokenizer_json)


def model_sha(path: Path) -> str:
    """The sha256 of all that ``model_of`` reads. Raises ModelFileError if it cannot be read."""
    if not path.is_dir():
        return file_sha(path)
    files = sorted(each for each in path.iterdir() if each.suffix in (".json", ".safetensors"))
    return hashlib.sha256(" ".join(map(file_sha, files)).encode()).hexdigest()


def _build(directory: Path, write: Callable[[Path], None]) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=directory.parent, prefix=".building-"))
    try:
        write(aside)
        aside.rename(directory)
    except OSError:
        if not directory.is_dir():  # else another process was first, and its result is the same
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(directory: Path, model: Model, precision: Precision) -> None:
    write_body(model.config, model.weights, directory, precision=precision)
    write_head(model.weights, directory, precision=precision)
    embed_VD = model.weights["embed.weight"]
    if precision == "int8":
        packed = pack(embed_VD, block=HEAD_BLOCK)
        np.save(directory / "embed.npy", packed.steps)
        np.save(directory / "embed.scales.npy", packed.scales)
    else:
        np.save(directory / "embed.npy", embed_VD)
    (directory / "tokenizer.json").write_text(model.tokenizer_json, encoding="utf-8")
    _write_config(directory, model.config)


def _write_config(directory: Path, config: BackboneConfig) -> None:
    (directory / "config.json").write_text(json.dumps(dataclasses.asdict(config), indent=1))


def read_config(directory: Path) -> BackboneConfig:
    """The shape of the model in a derived directory."""
    return BackboneConfig(**json.loads((directory / "config.json").read_text()))

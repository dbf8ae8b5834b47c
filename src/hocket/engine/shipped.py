"""The interaction model at rest, as it is shipped: a floor network, and what a base learned beside its own.

Law: a folder holds both files, each with the card of its training in its head, and the thresholds. Graphs
are derived from them once a machine. Source: small_file.py for the format; training/export.py writes it.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from hocket.core.errors import ModelFileError
from hocket.engine.derived import Model, derive, derive_body, file_sha, model_of, model_sha
from hocket.engine.floor_network import FloorNetwork
from hocket.engine.graph import Precision
from hocket.engine.interaction import InteractionSettings
from hocket.engine.runtime import SPIN_US, Backbone, Body
from hocket.engine.small_file import read
from hocket.engine.turn_reader import TurnReader
from hocket.model.adapters import MEANT, merged
from hocket.model.config import BackboneConfig

FLOOR: Final = "floor.safetensors"
WORDS: Final = "words.safetensors"
SETTINGS: Final = "settings.json"
BODY: Final = "backbone."  # in front of the names of the floor network's transformer


def floor_network(
    folder: Path,
    *,
    precision: Precision = "int8",
    threads: int = 1,
    spin_us: int = SPIN_US,
    cache: Path | None = None,
) -> FloorNetwork:
    """The floor network of a folder.

    Raises:
        ModelFileError: it is not there, or not whole.
    """
    weights, about = read(folder / FLOOR)
    try:
        config = BackboneConfig(**json.loads(about["backbone"]))
        window, context, recent = (
            int(about[name]) for name in ("window_ticks", "context_ticks", "recent_ticks")
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ModelFileError(f"expected a floor network in {folder}, got {error!r}") from None
    body = {name.removeprefix(BODY): w for name, w in weights.items() if name.startswith(BODY)}
    directory = derive_body(
        "hocket-floor", file_sha(folder / FLOOR), config, body, precision=precision, cache=cache
    )
    return FloorNetwork(
        Body(directory, threads=threads, spin_us=spin_us),
        weights,
        window_ticks=window,
        context_ticks=context,
        recent_ticks=recent,
    )


def language_model(
    folder: Path,
    base: Path,
    *,
    precision: Precision = "int8",
    threads: int = 2,
    spin_us: int = SPIN_US,
    cache: Path | None = None,
) -> Backbone:
    """A base model (a GGUF file, or a Hugging Face folder) with what it learned.

    Raises:
        ModelFileError: a file is not there, or they do not belong together.
    """
    adapters, _ = read(folder / WORDS)

    def load() -> Model:
        source = model_of(base)
        try:
            weights = merged(source.weights, adapters)
        except (KeyError, ValueError) as error:
            raise ModelFileError(f"expected adapters of {base.name}, got {error!r}") from None
        return replace(source, weights=weights)

    source_sha = f"{model_sha(base)} {file_sha(folder / WORDS)}"
    directory = derive("hocket-words", source_sha, load, precision=precision, cache=cache)
    return Backbone(directory, threads=threads, spin_us=spin_us)


def turn_reader(folder: Path, words: Backbone) -> TurnReader:
    """The language model of a folder as a reader of turns, with what it learned of whom is meant.

    Raises:
        ModelFileError: it is not there, or of another base.
    """
    learned, _ = read(folder / WORDS)
    row_1D, bias_1 = learned.get(f"{MEANT}.weight"), learned.get(f"{MEANT}.bias")
    if row_1D is None or bias_1 is None:
        return TurnReader(words)
    if row_1D.shape != (1, words.config.width):
        raise ModelFileError(f"expected {words.config.width} numbers a row, got {row_1D.shape}")
    return TurnReader(words, row_1D[0], float(bias_1[0]))


def base_of(folder: Path) -> str:
    """Which base the adapters of a folder belong to, as its training called it; "" where it is not told.

    Raises:
        ModelFileError: they are not there.
    """
    _, about = read(folder / WORDS)
    return str(json.loads(about.get("config", "{}")).get("base", ""))


def settings(folder: Path) -> InteractionSettings:
    """The thresholds that go with what was learned; without a file the usual ones.

    Raises:
        ModelFileError: the file holds no such settings.
    """
    path = folder / SETTINGS
    if not path.exists():
        return InteractionSettings()
    try:
        return TypeAdapter(InteractionSettings).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ModelFileError(f"expected settings in {path}, got: {error}") from None


def folder_hash(folder: Path) -> str:
    """Eight hex digits of all that a folder holds: what was learned, and its thresholds.

    Raises:
        ModelFileError: a file is not there.
    """
    hashes = f"{file_sha(folder / FLOOR)} {file_sha(folder / WORDS)} {settings(folder)}"
    return hashlib.sha256(hashes.encode()).hexdigest()[:8]


def words_hash(folder: Path) -> str:
    """Eight hex digits of what a language model learned.

    Raises:
        ModelFileError: it is not there.
    """
    return file_sha(folder / WORDS)[:8]

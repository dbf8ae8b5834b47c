"""What is to be played: an engine at a setting, on a scene, into a folder.

Law: the folder's name says everything that the outcome depends on: the charge of compute, the code, the
set of scenes, the engine with its setting, the scene. What lies there is not played again, and what any
of these changes is. Source: docs/bench.md.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from hocket.evaluation.results import engine_id
from hocket.evaluation.scene_set import set_hash
from hocket.evaluation.scenes.scene import Scene

# Whose code is in the loop between a scene and its two lanes.
CODE: Final = (
    "audio",
    "core",
    "data/library.py",
    "data/mix.py",
    "data/spans.py",
    "engine",
    "model",
    "policy",
    "protocol",
    "recipes/engines.py",
    "session",
    "transports/conversation.py",
    "transports/playout.py",
    "evaluation/agent_lane.py",
    "evaluation/bench/contest.py",
    "evaluation/bench/playing.py",
    "evaluation/connection.py",
    "evaluation/made_sounds.py",
    "evaluation/microphone.py",
    "evaluation/simulated_user.py",
    "evaluation/sounds.py",
    "weights/models.toml",
)
# Suites whose sounds fall on the agent's speech: it must have something to say for some seconds.
AT_LENGTH: Final = frozenset({"overlap", "selectivity", "noise"})


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineAt:
    """An engine at a setting (what differs from its defaults), with all its inputs or without some."""

    engine: str
    settings: Mapping[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    learned: str = ""  # hash of the weights that it was trained to

    @property
    def id(self) -> str:
        """Its name in results."""
        return engine_id(self.engine, self.settings, self.without)

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return f"{self.id}@{self.learned}" if self.learned else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One scene on one engine; ``words``: what the agent says is read back.

    ``at_length``: sounds fall on the agent's speech, so an engine that is known for single sentences
    is asked to go on.
    """

    engine: EngineAt
    scene: Scene
    folder: Path
    words: bool
    at_length: bool = False


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Eight hex digits of the code between a scene and its lanes."""
    root = Path(str(resources.files("hocket")))
    digest = hashlib.sha256()
    for path in sorted(file for name in CODE for file in _files(root / name)):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _files(path: Path) -> Iterator[Path]:
    yield from [path] if path.is_file() else path.rglob("*.py")


def set_folder(runs: Path, compute: str, scenes: Sequence[Scene]) -> Path:
    """Where a set of scenes is played by this code."""
    return runs / f"{compute}-{code_hash()}" / set_hash(scenes)


def scene_folder(folder: Path, engine: EngineAt, scene: str) -> Path:
    """Where an engine's take of a scene lies in its set's folder."""
    return folder / engine.folder / scene

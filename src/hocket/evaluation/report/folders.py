"""Where the take of a scene lies.

Law: a take is looked for under its set's hash and the result's charge of compute. The code's hash is in
the path and not in the result, so of takes by several codes the newest counts.
Source: evaluation/bench/contest.py for the order of folders.
"""

from pathlib import Path
from typing import Final

SCORE: Final = "score.jsonl"


def folder_of(
    runs: Path, *, compute: str, scenes_hash: str, engine: str, scene: str
) -> Path | None:
    """The folder of an engine's take: RUNS/COMPUTE-CODE/SET/ENGINE/SCENE, or RUNS/ENGINE/SCENE."""
    plain = runs / engine / scene
    if plain.is_dir():
        return plain
    sets = [one / scenes_hash for one in _charged(runs, compute)] if scenes_hash else []
    found = [one / engine / scene for one in sets if (one / engine / scene).is_dir()]
    return max(found, key=_age, default=None)


def _charged(runs: Path, compute: str) -> list[Path]:
    """Folders of runs at that charge; the result tells it in words that begin with its name."""
    every = sorted(runs.iterdir()) if runs.is_dir() else []
    return [one for one in every if "-" in one.name and compute.startswith(_charge(one))]


def _charge(folder: Path) -> str:
    return folder.name.rpartition("-")[0]


def _age(folder: Path) -> tuple[float, str]:
    score = folder / SCORE
    return (score.stat().st_mtime if score.is_file() else 0.0), folder.as_posix()

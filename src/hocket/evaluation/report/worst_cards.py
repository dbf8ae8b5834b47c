"""The worst scenes as cards: what was wrong, what was said when, a picture, the way to the sound.

Law: nothing is looked up beyond a scene's own folder; what is not there is said and not drawn.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError

from hocket.core.errors import BadScore
from hocket.evaluation.report.document import Block, Card, Fold, Link, Prose, Section
from hocket.evaluation.report.drawings import LONGEST_S, data_uri, thumbnail
from hocket.evaluation.report.events_in_words import events_in_words
from hocket.evaluation.report.folders import SCORE, folder_of
from hocket.evaluation.report.worst import Bad, worst
from hocket.evaluation.results import BenchResult
from hocket.evaluation.truth import Truth
from hocket.protocol.score import Score
from hocket.transports.scores import load_score

_SOUNDS: Final = ("user.flac", "agent.flac")


def worst_scenes(result: BenchResult, *, runs: Path | None, out: Path) -> Section:
    """The section: a fold a family, a card a scene. ``out`` is the folder of the report."""
    says = Prose(
        text="Up to five scenes of each family of figures, engines in turn. Under a user's staff: what the "
        "truth says was said, pauses left open. Below it: what the engine did.",
        fine=True,
    )
    folds = [
        Fold(
            title=family,
            blocks=tuple(card_of(bad, _folder(result, bad, runs), out) for bad in bads),
        )
        for family, bads in worst(result).items()
    ]
    blocks: tuple[Block, ...] = (
        (says, *folds) if folds else (Prose(text="No figure names any scene."),)
    )
    return Section(id="worst", title="The worst scenes", blocks=blocks)


def _folder(result: BenchResult, bad: Bad, runs: Path | None) -> Path | None:
    if runs is None:
        return None
    return folder_of(
        runs,
        compute=result.compute,
        scenes_hash=bad.scenes_hash,
        engine=bad.engine,
        scene=bad.scene,
    )


def card_of(bad: Bad, folder: Path | None, out: Path) -> Card:
    """One card, with what the scene's folder has, if there is one."""
    if folder is None:
        note = "its folder is not there"
        return Card(scene=bad.scene, engine=bad.engine, wrong=bad.wrong, events=(), note=note)
    truth = _truth(folder / "truth.json")
    picture, note = _picture(folder / SCORE, truth)
    return Card(
        scene=bad.scene,
        engine=bad.engine,
        wrong=bad.wrong,
        events=() if truth is None else events_in_words(truth),
        picture=picture,
        note=note,
        links=tuple(_links(folder, out)),
    )


def _truth(path: Path) -> Truth | None:
    try:
        return Truth.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _picture(path: Path, truth: Truth | None) -> tuple[str, str]:
    """Data URI and a note; no picture without a score and a truth."""
    if truth is None:
        return "", "no truth to be read"
    try:
        score = load_score(path, complete=False)
    except BadScore as error:
        return "", str(error)
    return _drawn(score, truth)


def _drawn(score: Score, truth: Truth) -> tuple[str, str]:
    if not score.ticks:
        return "", "the score holds no tick"
    cut = truth.length_s > LONGEST_S
    note = f"the first {LONGEST_S:.0f} s of {truth.length_s:.0f}" if cut else ""
    return data_uri(thumbnail(score, truth)), note


def _links(folder: Path, out: Path) -> Iterator[Link]:
    base = Path(os.path.relpath(folder, out)).as_posix()
    yield Link(text="folder", href=quote(base) + "/")
    for name in _SOUNDS:
        if (folder / name).is_file():
            yield Link(text=name, href=quote(f"{base}/{name}"))

"""The course of a training: JSON lines as it goes, a picture at its end.

Law: a row is written once its step is done; a resumed training drops the rows beyond the checkpoint
it starts from, so a file holds every step once.
"""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hocket.core.errors import BadInput, StorageError
from hocket.transports.atomic import PartFile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE: Final = "curves.jsonl"
PICTURE: Final = "curves.png"
LOSSES: Final = {
    "floor_loss": "#0072B2",
    "ahead_loss": "#E69F00",
    "text_loss": "#009E73",
    "user_loss": "#CC79A7",
    "meant_loss": "#56B4E9",
}
Row = dict[str, Any]  # {"kind": "train" or "validation", "step": ..., "elapsed_s": ..., figures}


class Curves:
    """The curves of the training in a folder."""

    def __init__(self, folder: Path, *, up_to_step: int = 0) -> None:
        """Keep the rows up to a step; none of a training that starts anew."""
        self._folder = folder
        self.rows = [row for row in _read(folder / FILE) if row["step"] <= up_to_step]
        file = PartFile(folder / FILE)
        file.write("".join(f"{json.dumps(row)}\n" for row in self.rows).encode())
        file.commit()

    def add(self, row: Row) -> None:
        """Append a row. Raises StorageError if the disk refuses."""
        self.rows.append(row)
        try:
            with (self._folder / FILE).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(row) + "\n")
        except OSError as error:
            raise StorageError(f"expected to write {FILE}, got: {error}") from None

    def draw(self) -> None:
        """Write ``curves.png``."""
        file = PartFile(self._folder / PICTURE)
        file.write(picture(self.rows))
        file.commit()


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]  # the last may be cut off


def picture(rows: Sequence[Row]) -> bytes:
    """Losses, decisions and separation over steps, as PNG.

    Raises:
        BadInput: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise BadInput("expected matplotlib, got none: pip install 'hocket[show]'") from None
    figure = Figure(figsize=(14, 4))
    figure.subplots_adjust(left=0.04, right=0.99, wspace=0.12)
    loss, decisions, silences = figure.subplots(1, 3)
    validations = [row for row in rows if row["kind"] == "validation"]
    _draw_losses(loss, [row for row in rows if row["kind"] == "train"], validations)
    _draw_decisions(decisions, validations)
    _draw_separation(silences, validations)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _draw_losses(axes: "Axes", trained: Sequence[Row], validations: Sequence[Row]) -> None:
    for name, colour in LOSSES.items():
        if not any(name in row for row in (*trained, *validations)):
            continue
        label = name.replace("_", " ")
        steps = [row["step"] for row in trained]
        axes.plot(steps, [row[name] for row in trained], color=colour, alpha=0.2, linewidth=0.8)
        smooth = _smoothed([row[name] for row in trained])
        axes.plot(steps, smooth, color=colour, label=f"{label}, training")
        _draw(axes, validations, f"{label}, validation", [row[name] for row in validations], colour)
    _finish(axes, "loss")


def _draw_decisions(axes: "Axes", validations: Sequence[Row]) -> None:
    for name, label in (("accuracy", "all ticks"), ("text_accuracy", "tokens")):
        values = [row[name] for row in validations if name in row]
        _draw(axes, validations[: len(values)], label, values, "#1A1A1A")
    for floor in dict.fromkeys(floor for row in validations for floor in row.get("recall", ())):
        _draw(axes, validations, floor, [row["recall"].get(floor, np.nan) for row in validations])
    axes.set_ylim(0, 1)
    _finish(axes, "decisions as wanted, validation")


def _draw_separation(axes: "Axes", validations: Sequence[Row]) -> None:
    for wait in dict.fromkeys(wait for row in validations for wait in row.get("auc", ())):
        cases = validations[-1]["auc"][wait]
        label = f"{wait} s into silence ({cases['ends']} ends, {cases['pauses']} pauses)"
        aucs = [row["auc"][wait]["auc"] for row in validations]
        _draw(axes, validations, label, [np.nan if auc is None else auc for auc in aucs])
    axes.set_ylim(0.4, 1)
    axes.axhline(0.5, color="#8A8A8A", linewidth=0.8)
    _finish(axes, "AUC of p(speak): end of turn against pause")


def _draw(
    axes: "Axes",
    rows: Sequence[Row],
    label: str,
    values: Sequence[float],
    colour: str | None = None,
) -> None:
    steps = [row["step"] for row in rows]
    axes.plot(steps, values, color=colour, label=label, marker="o", markersize=3, linestyle="--")


def _finish(axes: "Axes", title: str) -> None:
    axes.set_title(title)
    axes.set_xlabel("step")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)


def _smoothed(values: Sequence[float], *, memory: float = 0.95) -> list[float]:
    smooth: list[float] = []
    for value in values:
        smooth.append(memory * smooth[-1] + (1 - memory) * value if smooth else value)
    return smooth

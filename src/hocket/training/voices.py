"""The matrix of model/timbre.py, fitted to the voices of packs.

    python -m hocket.training.voices PACK [PACK ...] --out FILE

Law: a class is one voice near the microphone, or the same across the room; its samples are means over four
ticks or so, as those that are compared later. A function of the packs alone.
Source: linear discriminant analysis (Fisher, 1936) with a little of the identity in the scatter within.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from hocket.core.units import TICK_S
from hocket.data.pack import Pack, SessionTicks
from hocket.model.timbre import TIMBRES, shape
from hocket.model.user_voice import VOICED_DB

Float64: TypeAlias = NDArray[np.float64]

ROLES: Final = ("turn", "interruption", "side")
SAMPLE_TICKS: Final = 4
LEAST_SAMPLES: Final = 3  # of a class
IDENTITY: Final = 0.02  # share of the mean scatter within that is added to it


def main() -> None:
    """Fit, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    centre_M, project_MK, n_classes = fit(s for folder in options.packs for s in Pack(folder))
    told = {"packs": " ".join(each.name for each in options.packs), "classes": str(n_classes)}
    arrays = {"centre": centre_M.astype(np.float32), "project": project_MK.astype(np.float32)}
    save_file(arrays, options.out, metadata=told)


def fit(sessions: Iterable[SessionTicks]) -> tuple[Float64, Float64, int]:
    """The mean shape of voices [80], the matrix [80, 24], and the number of classes.

    Raises:
        ValueError: there are not two classes.
    """
    found: dict[Any, list[Float64]] = defaultdict(list)
    for session in sessions:
        for whose, samples in _spoken(session):
            found[whose] += samples
    classes = [np.array(each) for each in found.values() if len(each) >= LEAST_SAMPLES]
    if len(classes) < 2:
        raise ValueError(f"expected voices of two people, got {len(classes)}")
    means_CM = np.array([each.mean(axis=0) for each in classes])
    within_MM = np.mean([np.cov(each.T, bias=True) for each in classes], axis=0)
    within_MM += IDENTITY * np.trace(within_MM) / len(within_MM) * np.eye(len(within_MM))
    # Where the scatter within is the identity, the widest axes of the class means tell most.
    widths, axes = np.linalg.eigh(within_MM)
    white_MM = axes / np.sqrt(widths)
    _, turned = np.linalg.eigh(white_MM.T @ np.cov(means_CM.T) @ white_MM)
    return means_CM.mean(axis=0), white_MM @ turned[:, ::-1][:, :TIMBRES], len(classes)


def _spoken(session: SessionTicks) -> Iterator[tuple[tuple[str, bool], list[Float64]]]:
    """Whose voice it is, whether the user's, and samples of it [M]."""
    user = session.about["voice"]
    for sound in session.about["sounds"]:
        voice = sound.get("voice") if sound["role"] == "side" else user
        first, stop = int(sound["start_s"] / TICK_S), int(np.ceil(sound["end_s"] / TICK_S))
        stop = min(stop, len(session))
        if sound["role"] not in ROLES or voice is None or stop - first < 2:
            continue
        level_db_T = np.asarray(session.level_db[first:stop], np.float32)
        voiced_T = level_db_T > level_db_T.max() - VOICED_DB
        shapes_TM = shape(np.asarray(session.dmel[first:stop])[voiced_T])
        n_samples = max(1, len(shapes_TM) // SAMPLE_TICKS)
        samples = [part.mean(axis=0) for part in np.array_split(shapes_TM, n_samples)]
        yield (str(voice), voice == user), samples


if __name__ == "__main__":
    main()

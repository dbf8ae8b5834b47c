"""The matrix of timbres, fitted to voices that differ in one way and waver in another."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hocket.data.pack import SessionTicks
from hocket.model.timbre import TIMBRES, shape
from hocket.training.voices import fit
from tests.training import toy

N_TICKS = 40
VOICES = ("low", "middle", "high")


def spoken(voice: str, seed: int) -> SessionTicks:
    """A session all of one turn: the first mels tell the voice, the last waver far wider."""
    rng = np.random.default_rng(seed)
    dmel = rng.integers(4, 7, (N_TICKS, 8, 80))
    dmel[:, :, :20] += VOICES.index(voice)
    dmel[:, :, 60:] += rng.integers(0, 9, (N_TICKS, 1, 1))
    turn = {"role": "turn", "start_s": 0.0, "end_s": N_TICKS * 0.2}
    about: dict[str, Any] = {"voice": voice, "sounds": [turn]}
    session = toy.session(N_TICKS, seed)
    level_db = np.full(N_TICKS, -20, np.float16)
    return replace(session, dmel=dmel.astype(np.uint8), level_db=level_db, about=about)


def test_voices_lie_apart_where_each_wavers_least() -> None:
    learned = [spoken(voice, seed) for seed, voice in enumerate(VOICES * 3)]
    centre_M, project_MK, n_classes = fit(learned)
    assert n_classes == len(VOICES)
    assert project_MK.shape == (80, TIMBRES)
    seen = {
        voice: (shape(spoken(voice, 99).dmel) - centre_M) @ project_MK[:, :2] for voice in VOICES
    }
    for voice, found_TK in seen.items():
        others = [np.linalg.norm(found_TK.mean(0) - seen[each].mean(0)) for each in VOICES]
        apart = sorted(others)[1]
        assert apart > 3 * found_TK.std(axis=0).max(), voice


def test_one_voice_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="voices of two people"):
        fit([spoken("low", 1)])

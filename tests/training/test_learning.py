"""Smoke: each variant learns the rules whose evidence it sees, and no other."""

from pathlib import Path

import numpy as np
import pytest

from hocket.core.clock import RealClock
from hocket.data.pack import Pack
from hocket.model.duplex_config import Sound
from hocket.training.floor import FloorTraining, Materials
from hocket.training.loop import train
from hocket.training.predict import Predictor
from hocket.training.schedule import Budget
from hocket.training.silences import area
from tests.training import toy

pytestmark = pytest.mark.training

STEPS = 60
LEARNED, CHANCE = 0.9, 0.65


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    data, held_out = (tmp_path_factory.mktemp(name) for name in ("data", "held-out"))
    toy.pack(data, sessions=40)
    toy.pack(held_out, sessions=8, seed=1)
    return data, held_out


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (Sound.NONE, True),
        (Sound.FEATURES, False),
        (Sound.DMEL, False),
        (Sound.FEATURES, True),
    ],
)
def test_a_variant_learns_what_it_sees_and_nothing_else(
    packs: tuple[Path, Path], tmp_path: Path, sound: Sound, words: bool
) -> None:
    data, held_out = packs
    config = toy.config(sound=sound, words=words)
    materials = Materials(data=(data,), validation=held_out, vectors=toy.VECTORS)
    subject = FloorTraining(config, materials, seed=0)
    train(subject, tmp_path, budget=Budget(steps=STEPS), clock=RealClock())
    of_words, of_sound = areas(Predictor.load(tmp_path, vectors=toy.VECTORS), Pack(held_out))
    assert of_words > LEARNED if words else of_words < CHANCE
    assert of_sound > LEARNED if sound is not Sound.NONE else of_sound < CHANCE


def areas(predict: Predictor, pack: Pack) -> tuple[float, float]:
    """How well p(speak) tells ticks with a cue, and p(hold) loud ticks among those without."""
    p_T5 = np.concatenate([predict(session).p_T5 for session in pack])
    wanted_T = np.concatenate([session.target.argmax(-1) for session in pack])
    cued, loud, quiet = (wanted_T == floor for floor in (toy.SPEAK, toy.HOLD, toy.LISTEN))
    of_words = area(p_T5[cued, toy.SPEAK], p_T5[~cued, toy.SPEAK])
    return of_words, area(p_T5[loud, toy.HOLD], p_T5[quiet, toy.HOLD])

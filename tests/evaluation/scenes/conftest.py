"""A bank with the handful of sounds that the trial scenes use."""

from pathlib import Path

import pytest

from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Kind
from tests.evaluation.scenes.stage import sound, stocked

QUESTION = sound(Kind.TURN, "what is the capital of France")
STORY = sound(Kind.TURN, "tell me a long story about a fox please")
PAUSING = sound(Kind.TURN, "could you tell me, um, where the … station is")
WAIT = sound(Kind.INTERRUPTION, "wait what about Rome")
MHM = sound(Kind.BACKCHANNEL, "mhm")
SIDE = sound(Kind.SIDE, "close the door darling", far=True, gain_db=-8.0)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> SceneSounds:
    folder: Path = tmp_path_factory.mktemp("bench") / "bank"
    return stocked(folder, [QUESTION, STORY, PAUSING, WAIT, MHM, SIDE])

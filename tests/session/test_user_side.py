"""What the session makes of the user's lane."""

import numpy as np
import pytest

from hocket.core.units import TICK_USER_SAMPLES
from hocket.engine.fake import decision
from hocket.protocol.floor import Floor
from hocket.session.user_side import FRAME, UserSide

LOUD = 0.1


@pytest.mark.parametrize(
    ("sounds", "activity", "speaking"),
    [
        (20, 0.9, True),
        (12, 0.9, False),  # fell silent in the last 80 ms: the turn may be over
        (15, 0.9, True),  # a gap of 50 ms is no end
        (20, 0.4, False),  # the engine hears no voice in it
        (0, 0.9, False),
    ],
)
def test_whether_the_user_speaks_is_asked_of_the_end_of_the_tick(
    sounds: int, activity: float, speaking: bool
) -> None:
    user = UserSide(speech_level_db=-55.0)
    user.thought(decision(Floor.LISTEN, user_speaking=activity))
    samples = np.zeros(TICK_USER_SAMPLES, np.float32)
    noise = np.random.default_rng(0).standard_normal(sounds * FRAME)
    samples[: sounds * FRAME] = LOUD * noise
    user.begin(0, samples)
    assert user.speaking is speaking

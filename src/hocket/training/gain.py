"""How a microphone's gain moves: an automatic gain control that has just begun, somebody who leans back.

Law: a function of the seed and of the levels; a gain moves while somebody speaks and rests in silence. It
changes the levels that user_voice.py sees and nothing else: of what the network sees only they are levels.
Source: docs/decisions/0070. What browsers do was measured on the page: the first words up to 15 dB louder
than all that follow.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.levels import FLOOR_DB

SPEECH_DB: Final = -55.0
FIRST_DB: Final = (-8.0, 16.0)  # over where the control settles
SETTLES_TICKS: Final = (3.0, 20.0)  # of speech, by e
MOVES: Final = 0.3  # chance that it changes once more, for good
MOVE_DB: Final = 10.0  # at most, up or down
LOUDEST_DB: Final = -8.0  # louder is clipped


def moved(level_db_T: NDArray[Any], seed: int) -> NDArray[np.float32]:
    """The levels of a session in dB [T] as such a microphone would have had them."""
    rng = np.random.default_rng((seed, 17))
    first_db, settles = rng.uniform(*FIRST_DB), rng.uniform(*SETTLES_TICKS)
    level_db_T = np.asarray(level_db_T, np.float32)
    spoken_T = np.cumsum(level_db_T > SPEECH_DB)
    gain_db_T = first_db * np.exp(spoken_T / -settles)
    moves, at, move_db = rng.random() < MOVES, rng.random(), rng.uniform(-MOVE_DB, MOVE_DB)
    if moves:
        gain_db_T[int(at * len(gain_db_T)) :] += move_db
    return np.asarray(np.clip(level_db_T + gain_db_T, FLOOR_DB, LOUDEST_DB), np.float32)

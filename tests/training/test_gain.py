import numpy as np

from hocket.audio.levels import FLOOR_DB
from hocket.training.gain import LOUDEST_DB, MOVE_DB, moved
from hocket.training.recent import session_voice
from tests.training import toy

SPOKEN_T = np.where(np.arange(100) % 10 < 7, -30.0, -80.0)
N_SEEDS = 200


def test_a_gain_depends_on_its_seed_alone() -> None:
    one, same, other = (moved(SPOKEN_T, seed) for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()


def test_what_is_said_first_may_be_far_louder_and_what_is_said_last_is_not() -> None:
    all_ST = np.array([moved(SPOKEN_T, seed) for seed in range(N_SEEDS)])
    spoken_ST = all_ST[:, SPOKEN_T == -30.0]
    first_S, last_S = spoken_ST[:, 0] + 30, spoken_ST[:, -1] + 30
    assert first_S.max() > 10 and first_S.min() < -5
    assert np.abs(last_S).max() < MOVE_DB + 1
    assert np.median(np.abs(last_S)) < 1  # most settle where they were


def test_levels_stay_inside_full_scale() -> None:
    for seed in range(N_SEEDS):
        assert moved(np.full(50, -2.0), seed).max() <= LOUDEST_DB
        assert moved(np.full(50, FLOOR_DB), seed).min() >= FLOOR_DB


def test_only_levels_move_in_what_is_known_of_the_user() -> None:
    session = toy.session(40, 1)
    still_TV, moved_TV = session_voice(session, 40), session_voice(session, 40, 5)
    changed = (still_TV != moved_TV).any(axis=0)
    assert changed[0] and not changed[1]

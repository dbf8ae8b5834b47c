import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hocket.model.duplex_config import USER_VOICE
from hocket.model.user_voice import MOST_UNANSWERED, MOST_UNITS, UNIT_DB, user_voice
from hocket.protocol.floor import FLOORS, Floor

LISTEN, SPEAK, HOLD = (FLOORS.index(each) for each in (Floor.LISTEN, Floor.SPEAK, Floor.HOLD))
TURN_DB = [-60.0, -22.0, -20.0, -20.0, -20.0, -60.0]
ANSWERED = [LISTEN] * 6 + [SPEAK] * 4

Levels = NDArray[np.uint8]


def numbers(
    level_db: list[float], floor: list[int], dmel: list[Levels] | None = None
) -> np.ndarray:
    silent = [np.zeros((8, 80), np.uint8)] * len(floor)
    return user_voice(np.array(level_db), np.stack(dmel or silent), np.array(floor))


def falling(by: float) -> Levels:
    """A tick whose level falls by so much over all mels."""
    drop_M = np.floor(by) + (np.arange(80) < by % 1 * 80)
    return np.stack([*[np.full(80, 8)] * 4, *[8 - drop_M] * 4]).astype(np.uint8)


def sounding(seed: int) -> Levels:
    """A tick in some voice."""
    return np.tile(np.random.default_rng(seed).integers(2, 10, 80), (8, 1)).astype(np.uint8)


def test_nobody_is_louder_than_usual_before_the_first_answer() -> None:
    found = numbers([*TURN_DB, *TURN_DB], [LISTEN] * 12)
    assert not found[:, 1:].any()
    assert np.allclose(found[:3, 0], [1 - 60 / 90, 1 - 22 / 90, 1 - 20 / 90])


def test_the_user_is_as_loud_as_the_loudest_ticks_that_were_answered() -> None:
    found = numbers([*TURN_DB, -60, -20, -35, -10], ANSWERED)
    assert found[:, 7].tolist() == [0] * 7 + [1] * 3
    assert np.allclose(found[7:, 2] * UNIT_DB, [0, -15, 10], atol=1e-4)
    assert np.allclose(found[7:, 3] * UNIT_DB, [0, 0, 10], atol=1e-4)


def test_who_sounds_of_the_room_falls_less_deep_than_the_user_does() -> None:
    falls = [falling(by) for by in (0, 1.5, 1, 2, 0.5, 0, 0, 0, 0.5, 3)]
    found = numbers([*TURN_DB, -60, -20, -20, -20], ANSWERED, falls)
    assert np.allclose(found[5:, 1], [-2, -2, -2, -0.5, -3])  # the deepest of a second
    assert np.allclose(found[7:, 4], [2 - 1.5, 0.5 - 1.5, 3 - 1.5])  # beside -1.5, usually


def test_the_users_own_voice_is_alike_and_anothers_is_less() -> None:
    lane_db = [*TURN_DB, *[-60.0] * 20, *[-20.0] * 5]
    floor = [*[LISTEN] * 6, *[SPEAK] * 25]
    turn = [sounding(1)] * 26
    again, other = (numbers(lane_db, floor, [*turn, *[sounding(n)] * 5]) for n in (1, 2))
    assert np.allclose(again[-1, 5:7], 1, atol=1e-5)
    assert (other[-1, 5:7] < 0.5).all()
    assert not again[:6, 5:7].any()  # nobody is known yet


def test_ticks_in_which_nobody_speaks_are_of_no_voice() -> None:
    lane_db = [*TURN_DB, *[-60.0] * 19]
    dmel = [*[sounding(1)] * 6, *[sounding(2)] * 19]
    found = numbers(lane_db, [*[LISTEN] * 6, *[SPEAK] * 19], dmel)
    assert np.allclose(found[7:9, 5], 1, atol=1e-5)  # of the second before, the words alone
    assert np.array_equal(found[-1, 5:], [0, 0, 1])


def test_an_answer_behind_nobodys_voice_tells_nothing() -> None:
    assert not numbers([-70.0] * 10, ANSWERED)[:, 7].any()


def test_a_softer_user_is_the_usual_one_after_some_answers() -> None:
    softer = [level - 10 for level in TURN_DB]
    found = numbers([*TURN_DB, -60, *[*softer, -60] * 8], [*[*[LISTEN] * 6, SPEAK] * 9])
    over_db = found[10::7, 2] * UNIT_DB  # in the middle of each turn but the first
    assert np.allclose(over_db, [-10] * 4 + [0] * 4, atol=1e-4)


def test_who_moved_away_and_talks_on_is_not_taken_for_another_for_ever() -> None:
    away = [-30.0] * (MOST_UNANSWERED + 1)
    found = numbers([*TURN_DB, -60, *away, -30], [*ANSWERED[:7], *[LISTEN] * (len(away) + 1)])
    assert np.isclose(found[-3, 2] * UNIT_DB, -10, atol=1e-4) and found[-1, 7] == 0
    far = numbers([*TURN_DB, -60, *[-40.0] * 400], [*ANSWERED[:7], *[LISTEN] * 400])
    assert far[-1, 7] == 1


def test_what_sounds_across_an_answer_or_a_hold_is_not_the_users_usual() -> None:
    across = numbers(
        [*TURN_DB, -60, -5, -5, -5, -60, -20], [*ANSWERED[:7], HOLD, SPEAK, SPEAK, *[SPEAK] * 2]
    )
    assert np.isclose(across[-1, 2], 0, atol=1e-5)


@given(st.lists(st.tuples(st.floats(-90, 0), st.integers(0, len(FLOORS) - 1)), min_size=2))
def test_it_is_of_this_tick_and_those_before(ticks: list[tuple[float, int]]) -> None:
    level_db, floor = [level for level, _ in ticks], [floor for _, floor in ticks]
    whole = numbers(level_db, floor)
    assert whole.shape == (len(ticks), USER_VOICE) and (np.abs(whole) <= MOST_UNITS).all()
    # A matrix product over fewer rows may round another way.
    assert np.allclose(numbers(level_db[:-1], floor[:-1]), whole[:-1], rtol=0, atol=1e-6)
    assert np.array_equal(
        numbers(level_db, [*floor[:-1], SPEAK]), whole
    )  # what we do now is not known yet

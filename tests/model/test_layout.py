import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hocket.model.layout import lay_out, positions


def test_a_tick_is_its_own_side_then_sound_then_words() -> None:
    places = lay_out(np.array([0, 2, 1]), np.array([True, True, False]), np.array([0, 0, 1]))
    assert (places.rows, places.length) == (2, 12)
    assert places.tick_at_T.tolist() == [0, 5, 12]
    assert places.sound_at_S.tolist() == [1, 2, 3, 4, 6, 7, 8, 9]
    assert places.token_at_N.tolist() == [10, 11, 13]
    assert places.last_at_T.tolist() == [4, 11, 13]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=1))
def test_every_place_is_used_once_and_ticks_come_in_order(
    ticks: list[tuple[int, bool, bool]],
) -> None:
    n_tokens_T = np.array([n for n, _, _ in ticks])
    sound_T = np.array([sound for _, sound, _ in ticks])
    row_T = np.cumsum([0, *(new for _, _, new in ticks[1:])])
    places = lay_out(n_tokens_T, sound_T, row_T)
    used = np.concatenate((places.tick_at_T, places.sound_at_S, places.token_at_N))
    assert len(np.unique(used)) == len(used) == positions(n_tokens_T, sound_T).sum()
    assert (np.diff(places.last_at_T) > 0).all() and (places.last_at_T >= places.tick_at_T).all()
    assert (used < places.rows * places.length).all()
    assert (places.last_at_T // places.length == row_T).all()

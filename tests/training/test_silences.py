from typing import Any

import numpy as np
import pytest

from hocket.training.silences import area, separation


def mark(kind: str, start_s: float, end_s: float) -> dict[str, Any]:
    return {"kind": kind, "start_s": start_s, "end_s": end_s}


def test_scores_are_read_where_the_silence_has_just_lasted_so_long() -> None:
    p_T = np.arange(20) / 100
    marks = [mark("turn_end", 1.0, 4.0), mark("pause", 2.05, 3.0)]
    # 0.2 s into silence: 1.2 s have been heard after tick 5, 2.25 s after tick 11 (which ends at 2.4).
    found = separation([(marks, p_T)], wait_s=0.2)
    assert (found.auc, found.ends, found.pauses) == (0.0, 1, 1)
    swapped = separation([(marks, p_T[::-1])], wait_s=0.2)
    assert swapped.auc == 1.0


@pytest.mark.parametrize(("end_s", "counted"), [(2.3, 0), (2.39, 0), (2.4, 1), (9.0, 1)])
def test_a_silence_that_is_over_is_left_out(end_s: float, counted: int) -> None:
    found = separation([([mark("pause", 2.05, end_s)], np.zeros(20))], wait_s=0.2)
    assert (found.auc, found.pauses) == (None, counted)


def test_a_silence_beyond_the_session_is_left_out() -> None:
    assert separation([([mark("turn_end", 3.9, 9.0)], np.zeros(20))], wait_s=0.2).ends == 0


def test_the_area_is_the_chance_of_the_right_order() -> None:
    rng = np.random.default_rng(0)
    ends, pauses = rng.integers(0, 5, 30), rng.integers(0, 5, 40)
    wins = (ends[:, None] > pauses).mean() + 0.5 * (ends[:, None] == pauses).mean()
    assert area(ends, pauses) == pytest.approx(wins)

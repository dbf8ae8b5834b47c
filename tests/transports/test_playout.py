import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.port import Float32
from hocket.transports.playout import LanePlayer

RATE = 22_050


def player() -> tuple[LanePlayer, list[Float32]]:
    lane: list[Float32] = []
    return LanePlayer(rate_hz=RATE, sink=lane.append), lane


def tone(n: int) -> Float32:
    return np.full(n, 0.5, np.float32)


def test_a_piece_starts_when_it_comes_and_the_next_when_it_ends() -> None:
    loudspeaker, lane = player()
    loudspeaker.play(tone(4_410), position=0, now=1.0)
    loudspeaker.play(tone(4_410), position=4_410, now=1.05)
    loudspeaker.write_until(2.0)
    sound = np.flatnonzero(np.concatenate(lane))
    assert sound[0] == RATE
    assert sound[-1] == RATE + 8_819
    assert len(np.concatenate(lane)) == 2 * RATE


def test_stop_fades_within_its_time_and_says_where_the_sound_ended() -> None:
    loudspeaker, lane = player()
    loudspeaker.play(tone(RATE), position=1_000, now=0.0)
    position = loudspeaker.stop(now=0.5, fade_ms=30)
    loudspeaker.write_until(1.0)
    heard = np.concatenate(lane)
    end = int(0.53 * RATE)
    assert position == pytest.approx(1_000 + end, abs=1)
    assert np.all(heard[: RATE // 2] == 0.5)
    assert not heard[end + 1 :].any()
    assert np.abs(np.diff(heard)).max() < 0.01  # no click
    assert loudspeaker.played(now=1.0) == position


def test_what_waits_behind_a_stop_is_never_heard() -> None:
    loudspeaker, lane = player()
    loudspeaker.play(tone(2_205), position=0, now=0.0)
    loudspeaker.play(tone(RATE), position=2_205, now=0.0)
    assert loudspeaker.stop(now=0.05, fade_ms=20) == pytest.approx(0.07 * RATE, abs=1)
    loudspeaker.play(tone(100), position=RATE, now=0.5)
    loudspeaker.write_until(1.0)
    assert np.flatnonzero(np.concatenate(lane))[-1] == RATE // 2 + 99


@given(
    st.lists(st.tuples(st.integers(1, 6_000), st.floats(0, 0.4), st.booleans()), max_size=12),
)
def test_the_lane_has_no_hole_and_played_never_goes_back(
    steps: list[tuple[int, float, bool]],
) -> None:
    loudspeaker, lane = player()
    now, sent, last = 0.0, 0, 0
    for n, wait, stops in steps:
        now += wait
        loudspeaker.write_until(now)
        if stops:
            loudspeaker.stop(now=now, fade_ms=30)
        loudspeaker.play(tone(n), position=sent, now=now)
        sent += n
        played = loudspeaker.played(now=now)
        assert last <= played <= sent
        last = played
    loudspeaker.write_until(now + 5)
    assert sum(len(piece) for piece in lane) == round((now + 5) * RATE)

"""The agent's lane as a user hears it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.core.errors import SessionMisuse
from hocket.evaluation.agent_lane import AgentLane, EchoingPlayer
from tests.evaluation.scenes.stage import RATE_HZ, Float32


def lane_of(*spans_s: tuple[float, float], length_s: float = 6.0) -> Float32:
    time_S = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    on_S = np.any([(time_S >= a) & (time_S < b) for a, b in spans_s], axis=0)
    return np.where(on_S, 0.1 * np.sin(2 * np.pi * 200 * time_S + 1), 0).astype(np.float32)


def test_spans_are_those_that_were_put_in() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    lane.write(lane_of((0.513, 1.7), (2.4, 3.3)))
    (a, b), (c, d) = lane.spans(6.0)
    assert a == pytest.approx(0.513, abs=0.002)
    assert c == pytest.approx(2.4, abs=0.002)
    assert b == pytest.approx(1.7, abs=0.021)
    assert d == pytest.approx(3.3, abs=0.021)


def test_short_silences_are_bridged_and_clicks_are_no_speech() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    lane.write(lane_of((0.5, 1.0), (1.1, 2.0), (4.0, 4.015)))
    assert len(lane.spans(6.0)) == 1


def test_nothing_is_heard_before_its_time() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    lane.write(lane_of((1.0, 2.0)))
    assert lane.spans(1.0) == []
    assert lane.spans(1.4)[-1][1] == pytest.approx(1.4, abs=0.021)


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 6 * RATE_HZ), max_size=12))
def test_however_it_is_written_it_is_one_lane(cuts: list[int]) -> None:
    whole_S = lane_of((0.5, 1.0), (1.4, 2.0))
    one, many = AgentLane(rate_hz=RATE_HZ), AgentLane(rate_hz=RATE_HZ)
    one.write(whole_S)
    for piece_S in np.split(whole_S, sorted(cuts)):
        many.write(piece_S)
    assert many.spans(6.0) == one.spans(6.0)
    assert np.array_equal(many.samples, whole_S)


def test_a_long_lane_is_kept_whole() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    for _ in range(12):
        lane.write(lane_of((0.5, 1.0)))
    assert len(lane.spans(72.0)) == 12


def test_a_piece_at_16_khz_stands_where_it_stood() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    lane.write(lane_of((2.0, 3.0)))
    piece_S = lane.piece(1.8, 2.4)
    assert len(piece_S) == 9600
    assert np.argmax(np.abs(piece_S) > 0.03) == pytest.approx(0.2 * 16_000, abs=20)


def test_before_the_session_there_is_silence() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    assert not lane.piece(-0.3, -0.1).any()
    lane.write(lane_of((0.0, 1.0)))
    piece_S = lane.piece(-0.1, 0.1)
    assert np.argmax(np.abs(piece_S) > 0.03) == pytest.approx(0.1 * 16_000, abs=20)


def test_what_is_not_known_yet_is_asked_of_the_loudspeaker_or_refused() -> None:
    lane = AgentLane(rate_hz=RATE_HZ)
    lane.write(lane_of((0.5, 1.0), length_s=2.0))
    with pytest.raises(SessionMisuse, match="up to"):
        lane.piece(1.9, 2.1)
    player = EchoingPlayer(rate_hz=RATE_HZ)
    echoing = player.lane
    player.write_until(2.0)
    player.play(lane_of((0.0, 0.2), length_s=0.2), position=0, now=2.05)
    piece_S = echoing.piece(1.9, 2.2)
    assert np.argmax(np.abs(piece_S) > 0.03) == pytest.approx(0.15 * 16_000, abs=20)
    assert echoing.spans(2.2) == []  # heard only once it sounds
    player.write_until(2.2)
    assert len(echoing.spans(2.2)) == 1


def test_a_rate_without_whole_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="whole samples"):
        AgentLane(rate_hz=11_025)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.audio.pcm import to_bytes
from hocket.core.units import TICK_S
from hocket.protocol.realtime.backlog import UNITS_HZ, Backlog
from hocket.protocol.realtime.formats import Coding, SoundFormat

MS = UNITS_HZ // 1000


def sound(ms: int, level: float = 0.1) -> bytes:
    return to_bytes(np.full(24 * ms, level, np.float32))


def fed(backlog: Backlog, at_sample: int = 0) -> int:
    """Feed everything as a shell does; returns the session sample behind it."""
    while (piece := backlog.take(TICK_S)) is not None:
        start, stop, samples = piece
        backlog.fed(start, stop, at_sample=at_sample, n_session=len(samples))
        at_sample += len(samples)
    return at_sample


def test_sound_comes_out_at_the_ears_rate_less_the_resamplers_delay() -> None:
    backlog = Backlog(SoundFormat())
    backlog.append(sound(1_000), lead_s=0.0)
    assert backlog.waiting_s == 1.0
    assert 16_000 - 50 < fed(backlog) <= 16_000
    assert backlog.waiting_s == 0.0


@given(st.lists(st.integers(1, 700), max_size=20))
def test_pieces_are_in_order_and_complete(chunks_ms: list[int]) -> None:
    backlog = Backlog(SoundFormat())
    for ms in chunks_ms:
        backlog.append(sound(ms), lead_s=5.0)
    edges = []
    while (piece := backlog.take(TICK_S)) is not None:
        edges.append(piece[:2])
    assert [start for start, _ in edges] == [0, *(stop for _, stop in edges)][: len(edges)]
    assert all(0 < stop - start <= 200 * MS for start, stop in edges)
    assert (edges[-1][1] if edges else 0) == sum(chunks_ms) * MS == backlog.position


def test_more_than_thirty_seconds_lose_their_beginning() -> None:
    backlog = Backlog(SoundFormat())
    assert backlog.append(sound(20_000), lead_s=20.0) == 0.0
    assert backlog.append(sound(15_000), lead_s=35.0) == pytest.approx(5.0)
    piece = backlog.take(TICK_S)
    assert piece is not None
    assert piece[0] == 5_000 * MS


def test_positions_follow_the_session_through_pauses() -> None:
    backlog = Backlog(SoundFormat())
    backlog.fed(0, 100 * MS, at_sample=800, n_session=1_600)
    backlog.fed(100 * MS, 200 * MS, at_sample=4_000, n_session=1_600)  # 100 ms of nothing between
    assert backlog.position_at(0) == 0
    assert backlog.position_at(1_600) == 50 * MS
    assert backlog.position_at(3_000) == 100 * MS
    assert backlog.position_at(4_800) == 150 * MS
    assert backlog.position_at(99_999) == 200 * MS


def test_what_waits_was_not_heard() -> None:
    backlog = Backlog(SoundFormat())
    backlog.append(sound(400), lead_s=0.0)
    assert backlog.heard_all_before(0, sample=0)
    assert not backlog.heard_all_before(400 * MS, sample=0)
    end = fed(backlog)
    assert not backlog.heard_all_before(400 * MS, sample=3_200)
    assert backlog.heard_all_before(400 * MS, sample=end)


def test_a_small_lead_is_taken_back_in_silence_only() -> None:
    backlog = Backlog(SoundFormat())
    for _ in range(5):
        backlog.append(sound(20, level=0.0), lead_s=0.5)
    assert backlog.waiting_s == pytest.approx(0.02)  # the first could be the end of a word
    backlog.append(sound(20), lead_s=0.5)
    assert backlog.waiting_s == pytest.approx(0.04)


def test_a_recording_sent_at_once_keeps_its_pauses() -> None:
    backlog = Backlog(SoundFormat())
    for n in range(100):
        backlog.append(sound(20, level=0.0), lead_s=2.0 + n / 50)
    assert backlog.waiting_s == pytest.approx(2.0)


def test_the_format_may_change_between_sounds() -> None:
    backlog = Backlog(SoundFormat())
    backlog.append(sound(100), lead_s=0.0)
    end = fed(backlog)
    backlog.change(SoundFormat(coding=Coding.ULAW, rate_hz=8_000))
    backlog.append(bytes(800), lead_s=0.0)
    assert backlog.position == 200 * MS
    fed(backlog, end)
    assert Backlog.ms(backlog.position_at(10**6)) == 200

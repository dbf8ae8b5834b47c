from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.meetings import Segment, alone, read_rttm, unspoken
from hocket.data.spans import Float32


def segment(start_s: float, end_s: float, speaker: str = "A") -> Segment:
    return Segment(clip="c", start_s=start_s, end_s=end_s, speaker=speaker)


def lane(*bursts_s: tuple[float, float]) -> Float32:
    sound = np.random.default_rng(0).normal(0, 1e-3, 10 * USER_RATE_HZ)
    for start_s, end_s in bursts_s:
        first, behind = round(start_s * USER_RATE_HZ), round(end_s * USER_RATE_HZ)
        sound[first:behind] += 0.2 * np.sin(np.arange(behind - first) / 5)
    return sound.astype(np.float32)


def test_rttm_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.rttm"
    path.write_text("SPEAKER c 1 3.2 0.8 <NA> <NA> A <NA> <NA>\nSPKR-INFO c 1\n", encoding="utf-8")
    assert read_rttm(path) == [segment(3.2, 4.0)]


def test_a_broken_rttm_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.rttm"
    path.write_text("SPEAKER c 1 soon\n", encoding="utf-8")
    with pytest.raises(BadInput, match="RTTM"):
        read_rttm(path)


def test_speakers_who_overlap_or_touch_are_not_alone() -> None:
    first, second, third = segment(1, 2), segment(2.05, 3, "B"), segment(5, 6)
    assert alone([first, second, third]) == [third]


def test_a_short_sound_while_nobody_speaks_is_found() -> None:
    sound = lane((1.0, 3.0), (5.0, 5.5), (7.0, 9.0))
    found = unspoken(sound, [segment(0.9, 3.1)])
    assert [round(t, 1) for stretch in found for t in stretch] == [5.0, 5.5]


def test_the_same_sound_in_a_speakers_segment_is_speech() -> None:
    assert unspoken(lane((5.0, 5.5)), [segment(4.0, 6.0)]) == []

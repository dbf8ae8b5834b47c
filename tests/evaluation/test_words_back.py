from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.errors import BadInput
from hocket.evaluation import words_back
from hocket.evaluation.lanes import Float32, samples
from hocket.evaluation.words_back import HEARD, LANE, PIECE, hear, packed
from tests.evaluation.test_lanes import voice

READER = Path(__file__).parents[1] / "clips" / "reader.flac"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A recogniser that hears one word in the middle of each piece; the pieces' lengths."""
    lengths: list[int] = []

    def transcribe(sound_S: Float32) -> list[tuple[str, float, float]]:
        lengths.append(len(sound_S))
        middle_s = len(sound_S) / 32_000
        return [("hello", middle_s - 0.1, middle_s + 0.1)]

    monkeypatch.setattr(words_back, "_transcribe", transcribe)
    yield lengths


def run_folder(folder: Path, sound_S: Float32, rate_hz: int = 16_000) -> Path:
    soundfile.write(folder / LANE, sound_S, rate_hz)
    return folder


def test_runs_are_packed_close_together_and_pieces_stay_short() -> None:
    runs = [(samples(60 * i), samples(60 * i + 7)) for i in range(4)]
    pieces = packed(runs)
    assert [piece.runs for piece in pieces] == [runs[:3], runs[3:]]
    assert all(piece.length <= PIECE for piece in pieces)
    (first, second) = packed([(0, samples(40))])
    assert (first.runs[0][0], first.runs[0][1], second.runs[0][1]) == (
        0, second.runs[0][0], samples(40),
    )  # fmt: skip


def test_a_piece_holds_the_sound_of_its_runs() -> None:
    lane_S = voice(16_000, 10.0, (1.0, 2.0), (5.0, 6.0))
    (piece,) = packed([(samples(1), samples(2)), (samples(5), samples(6))])
    sound_S = piece.sound(lane_S)
    for (first, behind), at in zip(piece.runs, piece.at, strict=True):
        assert np.array_equal(sound_S[at : at + behind - first], lane_S[first:behind])
    assert np.count_nonzero(sound_S) == np.count_nonzero(lane_S)


def test_word_times_are_carried_back_into_their_runs() -> None:
    (piece,) = packed([(samples(10), samples(11)), (samples(50), samples(52))])
    heard = [("one", 0.6, 1.0), ("two", 1.9, 2.6), ("three", 4.3, 4.6)]
    found = [(w.text, w.start / 16_000, w.end / 16_000) for w in piece.carried_back(heard)]
    # the runs lie at 0.7..1.7 and at 2.4..4.4
    assert found == [
        ("one", 10.0, pytest.approx(10.3)),
        ("two", 50.0, pytest.approx(50.2)),
        ("three", pytest.approx(51.9), 52.0),
    ]


def test_a_lane_is_listened_to_once(tmp_path: Path, asked: list[int]) -> None:
    folder = run_folder(tmp_path, voice(16_000, 9.0, (1.0, 2.0), (5.0, 6.0)))
    lane = hear(folder, words=True)
    assert lane.words is not None and [word.text for word in lane.words] == ["hello"]
    assert hear(folder, words=True) == lane == hear(folder, words=False)
    assert len(asked) == 1
    run_folder(tmp_path, voice(16_000, 9.0, (1.0, 3.0)))
    assert hear(folder, words=True).spans == ((16_000, 48_000),)
    assert len(asked) == 2


def test_words_are_added_when_they_are_wanted_later(tmp_path: Path, asked: list[int]) -> None:
    folder = run_folder(tmp_path, voice(22_050, 4.0, (1.0, 2.0)), 22_050)
    assert hear(folder, words=False).words is None
    assert hear(folder, words=True).words is not None
    (folder / HEARD).write_text("{broken")
    assert hear(folder, words=True).words is not None
    assert len(asked) == 2


def test_a_loop_of_the_recogniser_is_listened_to_again_run_by_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was seen: a word broke off, and the rest of the lane was read as that word."""
    asked: list[int] = []

    def transcribe(sound_S: Float32) -> list[tuple[str, float, float]]:
        asked.append(len(sound_S))
        if len(sound_S) > samples(4.0):  # all runs in one piece
            return [("At", 0.7, 0.8), *[("that,", 1.0 + i / 9, 1.1 + i / 9) for i in range(20)]]
        if len(sound_S) > samples(3.0):
            return [("the", 0.8, 1.0), ("yard", 1.2, 1.4), ("yard.", 1.4, 1.6)]
        return [("That", 0.7 + i / 20, 0.71 + i / 20) for i in range(9)]

    monkeypatch.setattr(words_back, "_transcribe", transcribe)
    run_folder(tmp_path, voice(16_000, 12.0, (1.0, 2.0), (6.0, 8.0)))
    lane = hear(tmp_path, words=True)
    assert lane.words is not None
    assert [word.text for word in lane.words] == ["That", "the", "yard", "yard."]
    assert len(asked) == 3
    kept = (tmp_path / HEARD).read_text()
    (tmp_path / HEARD).write_text(kept.replace('"yard."', '"the"'))
    assert hear(tmp_path, words=True) != lane and len(asked) == 3  # a reading that fits is kept
    words = ",".join(['{"text":"that","start":1,"end":2}'] * 6)
    looped = kept[: kept.index('"words":[') + 9] + words + kept[kept.rindex("]") :]
    (tmp_path / HEARD).write_text(looped)
    assert hear(tmp_path, words=True) == lane  # one that loops was made before this was known


def test_silence_is_not_listened_to(tmp_path: Path, asked: list[int]) -> None:
    lane = hear(run_folder(tmp_path, np.zeros(16_000, np.float32)), words=True)
    assert (lane.words, asked) == ((), [])


def test_no_lane_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a lane"):
        hear(tmp_path, words=False)
    (tmp_path / LANE).write_bytes(b"no sound")
    with pytest.raises(BadInput, match="expected a lane"):
        hear(tmp_path, words=False)


@pytest.mark.models
def test_a_reader_is_read_back_where_they_speak(tmp_path: Path) -> None:
    sound_S, rate_hz = soundfile.read(READER, dtype="float32")
    level = float(np.sqrt(np.mean(sound_S**2)))
    quiet_S = np.where(np.abs(sound_S) < 0.003, 0, sound_S * 0.1 / level).astype(np.float32)
    wait_S = np.zeros(7 * rate_hz, np.float32)
    lane = hear(
        run_folder(tmp_path, np.concatenate([wait_S, quiet_S, wait_S]), rate_hz), words=True
    )
    assert lane.words is not None and len(lane.words) > 5
    assert all(any(a <= word.start < word.end <= b for a, b in lane.runs) for word in lane.words)
    assert lane.words[0].start >= samples(7.0)

from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.errors import BadInput
from hocket.data import readers
from hocket.data.bank import Bank, HeardWord
from hocket.data.readers import Transcript, is_complete, read_sound, stock_readers


def heard(text: str, *, end: float = 0.99, probability: float = 0.9) -> Transcript:
    words = tuple(
        HeardWord(text=word, start_s=i / 2, end_s=i / 2 + 0.4, probability=probability)
        for i, word in enumerate(text.split())
    )
    return Transcript(words=words, end_probability=end)


def test_a_surely_finished_sentence_is_complete() -> None:
    assert is_complete(heard("All of them went slowly up the hill."))


@pytest.mark.parametrize(
    "transcript",
    [
        heard(""),
        heard("All of them went slowly up the hill"),
        heard("All of them went slowly up the hill."[:-1] + ","),
        heard("All of them went slowly up the."),
        heard('"All of them went slowly up the hill and."'),
        heard("All of them went slowly up the hill.", end=0.5),
        heard("All of them went slowly up the hill.", probability=0.2),
        heard("The second chapter of it."),
    ],
    ids=[
        "nothing",
        "no mark",
        "comma",
        "article",
        "conjunction",
        "unlikely",
        "heard badly",
        "heading",
    ],
)
def test_doubt_makes_it_incomplete(transcript: Transcript) -> None:
    assert not is_complete(transcript)


def test_readers_are_put_into_the_bank_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        readers, "transcribe", lambda _: heard("All of them went slowly up the hill.")
    )
    sound = np.sin(np.arange(16_000) / 9) * np.repeat([0, 0.2, 0, 0.2], 4_000)
    for name in ("1069-1-0000.flac", "103-1-0000.flac"):
        soundfile.write(tmp_path / name, sound * len(name) / 20, 16_000)
    paths = sorted(tmp_path.glob("*.flac"))
    assert stock_readers(tmp_path / "bank", paths, jobs=1) == 2
    assert stock_readers(tmp_path / "bank", paths, jobs=1) == 0
    bank = Bank(tmp_path / "bank")
    assert {(u.voice, u.split) for u in bank} == {("reader/1069", "test"), ("reader/103", "train")}
    assert all(u.n_samples == 16_000 and u.complete and len(u.words) == 8 for u in bank)


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_bytes(b"no")
    with pytest.raises(BadInput, match="recording"):
        read_sound(tmp_path / "x.flac")

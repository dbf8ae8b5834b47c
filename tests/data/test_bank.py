from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank, BankWriter, HeardWord, utterance_id
from hocket.data.spans import Float32, speech_level_db

WORDS = (HeardWord(text="hello", start_s=0.1, end_s=0.5, probability=0.9),)


def about(name: str, **changes: Any) -> dict[str, Any]:
    fields = {
        "kind": "turn",
        "text": name,
        "voice": "flite/slt",
        "engine": "flite",
        "split": "train",
    }
    return {"id": utterance_id(name=name), "complete": True, **fields, **changes}


def buzz(seconds: float, amplitude: float = 0.3) -> Float32:
    n = round(seconds * USER_RATE_HZ)
    silence = np.zeros(USER_RATE_HZ // 2)
    return np.concatenate([silence, np.sin(np.arange(n) / 7) * amplitude, silence]).astype(
        np.float32
    )


def test_what_was_added_is_read_back(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        first = writer.add(buzz(1.0), trim=True, **about("one"))
        second = writer.add(buzz(0.4), trim=False, **about("two", kind="side", words=WORDS))
    bank = Bank.open(tmp_path)
    assert set(bank.utterances) == {first, second}
    assert second is not None
    assert second.words == WORDS
    assert len(bank.samples(second)) == second.n_samples == round(1.4 * USER_RATE_HZ)


def test_speech_is_at_minus_23_whatever_came(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        for name, amplitude in (("loud", 0.9), ("soft", 0.01)):
            writer.add(buzz(1.0, amplitude), trim=True, **about(name))
    bank = Bank(tmp_path)
    levels = [speech_level_db(bank.samples(u), u.spans) for u in bank]
    assert levels == pytest.approx([-23, -23], abs=0.05)


def test_trimming_keeps_a_little_silence_and_moves_the_spans(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        utterance = writer.add(buzz(1.0), trim=True, **about("one"))
    assert utterance is not None
    assert utterance.duration_s == pytest.approx(1.25, abs=0.02)
    assert utterance.spans[0][0] == pytest.approx(0.1 * USER_RATE_HZ, abs=160)


def test_a_second_writer_makes_nothing_again_and_appends(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        writer.add(buzz(1.0), trim=True, **about("one"))
    with BankWriter(tmp_path) as writer:
        assert about("one")["id"] in writer.known
        assert writer.add(buzz(1.0), trim=True, **about("one")) is None
        writer.add(buzz(0.5), trim=True, **about("two"))
    assert {u.text for u in Bank(tmp_path)} == {"one", "two"}


def test_two_writers_at_once_do_not_mix_their_sounds(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as left, BankWriter(tmp_path) as right:
        left.add(buzz(1.0), trim=True, **about("left"))
        right.add(buzz(0.5), trim=True, **about("right"))
        left.add(buzz(0.7), trim=True, **about("left again"))
    bank = Bank(tmp_path)
    lengths = {
        u.text: round(np.count_nonzero(np.abs(bank.samples(u)) > 1e-4) / 1_600) for u in bank
    }
    assert lengths == {"left": 10, "right": 5, "left again": 7}


def test_silence_is_not_added(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        assert writer.add(np.zeros(16_000, np.float32), trim=True, **about("nothing")) is None
    assert len(Bank(tmp_path)) == 0
    assert not list(tmp_path.glob("*.pcm"))


def test_utterances_are_chosen_by_kind_split_and_engine(tmp_path: Path) -> None:
    with BankWriter(tmp_path) as writer:
        writer.add(buzz(1.0), trim=True, **about("a"))
        writer.add(buzz(1.0), trim=True, **about("b", kind="tic", split="test"))
        writer.add(buzz(1.0), trim=True, **about("c", kind="side", engine="kokoro"))
    bank = Bank(tmp_path)
    assert [u.text for u in bank.select(kind="tic")] == ["b"]
    assert {u.text for u in bank.select(kind=("tic", "side"))} == {"b", "c"}
    assert [u.text for u in bank.select(split="train", engine="flite")] == ["a"]


def test_a_folder_without_a_bank_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sound bank"):
        Bank(tmp_path / "none")
    (tmp_path / "index.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(BadInput, match="expected id"):
        Bank(tmp_path)

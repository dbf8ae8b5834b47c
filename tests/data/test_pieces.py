"""Readings in pieces: what the library gives for them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from hocket.data.bank import Bank, HeardWord, Utterance
from hocket.data.casting import casts
from hocket.data.library import Library
from hocket.data.marks import marks
from hocket.data.pieces import in_pieces
from hocket.data.scenes import reader_script
from hocket.data.script import Role
from tests.data.fake_bank import fake_bank

GAP = 8_000


def reading(bank: Bank, *, complete: bool = True) -> Utterance:
    """The bank's reader, as if a sentence had ended at every comma but the first."""
    (found,) = bank.select(engine="reader")
    ends = [behind / 16_000 for _, behind in found.spans]
    words = [
        HeardWord(text=text, start_s=max(end - 0.2, 0), end_s=end, probability=0.9)
        for end, text in zip(ends, ["me,", "table.", "now."], strict=True)
    ]
    return replace(found, words=tuple(words), complete=complete)


def test_a_piece_is_an_utterance_with_the_samples_of_its_part(tmp_path: Path) -> None:
    bank = fake_bank(tmp_path)
    whole = reading(bank)
    first, second = in_pieces([whole])
    assert len(first.spans) == 2, "the comma stays inside"
    assert first.complete
    assert second.complete
    assert in_pieces([replace(whole, complete=False)])[1].complete is False
    samples_S = bank.samples(whole)
    assert np.array_equal(np.concatenate([bank.samples(first), bank.samples(second)]), samples_S), (
        "pieces join to the reading"
    )
    for piece in (first, second):
        for start, behind in piece.spans:
            loud = np.abs(bank.samples(piece)[start:behind]).max()
            assert loud > 0.05


def test_a_reader_of_two_sentences_plays_a_user_and_breaks_in_with_sentences(
    tmp_path: Path,
) -> None:
    bank = fake_bank(tmp_path)
    people = [*in_pieces([reading(bank)]), *bank.select(split="train")]
    cast = casts(people, np.random.default_rng(0), users=lambda engine: engine == "reader").deal()
    assert cast.voice == "reader/1069"
    assert cast.decks[Role.INTERRUPTION].deal().voice == "reader/1069"
    assert cast.decks[Role.BACKCHANNEL].deal().voice != "reader/1069"


def test_the_silence_inside_a_piece_is_a_pause_and_its_end_a_turns_end(tmp_path: Path) -> None:
    first, _ = in_pieces([reading(fake_bank(tmp_path))])
    found = marks(reader_script(first, seed=1), ())
    assert [mark["kind"] for mark in found] == ["pause", "turn_end"]
    assert found[0]["sentence_end"] is False


def test_the_library_knows_pieces_and_where_they_come_from(tmp_path: Path) -> None:
    bank = fake_bank(tmp_path)
    library = Library(bank, split="test")
    (piece,) = [u for u in library.utterances if u.engine == "reader"]
    (whole,) = bank.select(engine="reader")
    assert library.recording(piece.id) == whole.id
    assert np.array_equal(library.speech(piece.id), bank.samples(piece))

"""Signs of packed sessions: the reader is told tick by tick what it would be told in serving."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from hocket.engine.turn_reader import UNKNOWN, TurnReader
from hocket.model.duplex_config import AGREED, EVENT, TENTATIVE, TOKEN_WIDTH
from hocket.protocol.floor import FLOORS, Floor
from hocket.training.prepare import prepare
from hocket.training.word_vectors import LanguageSigns
from tests.training import toy

LISTEN, SPEAK = FLOORS.index(Floor.LISTEN), FLOORS.index(Floor.SPEAK)


@dataclass
class FakeReader:
    """Writes down what it is told; a token's signs are its number."""

    told: list[Any] = field(default_factory=list)

    def open(self) -> "FakeReader":
        return self

    def read(self, agreed: list[int], tail: list[int]) -> Any:
        self.told.append((agreed, tail))
        return np.array([[i, -i] for i in (*agreed, *tail)], np.float32).reshape(-1, 2)

    def speaks(self, ids: list[int]) -> None:
        self.told.append(ids)

    def stops(self) -> None:
        self.told.append("stops")


def test_words_come_first_then_what_the_agent_writes(tmp_path: Path) -> None:
    session = replace(
        toy.session(4, 1),
        floor=np.array([LISTEN, SPEAK, SPEAK, LISTEN], np.uint8),
        input_ids=np.array([5, 6, 7, 8], np.uint16),
        input_kinds=np.array([AGREED, TENTATIVE, EVENT, AGREED], np.uint8),
        input_end=np.array([2, 3, 3, 4]),
        text_ids=np.array([1, 2, 3], np.uint16),
        text_end=np.array([1, 2, 3, 3]),
    )
    reader = FakeReader()
    signs = LanguageSigns(cast(TurnReader, reader), toy.TABLE, tmp_path)
    vectors_NE = signs.of(session, slice(0, 4))
    assert reader.told == [
        *(([5], [6]), "stops"),
        *(([], []), [1, 2]),  # the draft is of the line
        *(([], []), [3]),
        *(([8], []), "stops"),
    ]
    assert vectors_NE.shape == (4, signs.size) and signs.size == TOKEN_WIDTH + 2
    np.testing.assert_array_equal(vectors_NE[:, :TOKEN_WIDTH], toy.TABLE.rows(session.input_ids))
    np.testing.assert_array_equal(vectors_NE[:, TOKEN_WIDTH:], [[5, -5], [6, -6], UNKNOWN, [8, -8]])
    signs.of(session, slice(1, 3))
    assert len(reader.told) == 8  # read once


def test_packs_are_read_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        toy.pack(tmp_path / name, sessions=3, seed=len(name) + ord(name[0]))
    reader = FakeReader()
    signs = LanguageSigns(cast(TurnReader, reader), toy.TABLE, tmp_path / "kept")
    monkeypatch.setattr("hocket.training.prepare.vectors_of", lambda config, words: signs)
    told: list[tuple[int, int]] = []
    packs = [tmp_path / "one", tmp_path / "two"]
    prepare(toy.config(), None, packs, jobs=1, made=lambda done, of: told.append((done, of)))
    assert told == [(n, 6) for n in range(1, 7)]
    assert len(list((tmp_path / "kept").glob("*.npy"))) == 6

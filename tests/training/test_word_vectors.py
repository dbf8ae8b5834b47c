"""Tokens as states of the frozen base model: only what was heard by then, in one turn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hocket.data.pack import SessionTicks
from hocket.engine.runtime import Backbone
from hocket.model.duplex_config import AGREED, TENTATIVE
from hocket.recipes.engines import BRAIN
from hocket.training.word_vectors import LanguageStates
from hocket.weights.store import path_of
from tests.training import toy

pytestmark = pytest.mark.models
TEXT = "I would like to go to the station"


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return Backbone.from_gguf(path_of(BRAIN), threads=1)


def heard(backbone: Backbone, kinds: list[int], played: list[float]) -> SessionTicks:
    """A token of the text a tick."""
    ids = backbone.tokenizer.encode(f" {TEXT}", add_special_tokens=False).ids[: len(kinds)]
    n = len(kinds)
    rows: dict[str, Any] = {
        "input_ids": np.array(ids, np.uint16),
        "input_kinds": np.array(kinds, np.uint8),
        "input_end": np.arange(1, n + 1),
        "played_share": np.array(played, np.float16),
    }
    return replace(toy.session(n, 1), **rows)


def states(backbone: Backbone, folder: Path, session: SessionTicks) -> np.ndarray[Any, Any]:
    return LanguageStates(backbone, folder).of(session, slice(0, len(session.input_ids)))


def test_a_state_knows_the_words_before_it_and_none_behind_it(
    backbone: Backbone, tmp_path: Path
) -> None:
    all_of_it = states(backbone, tmp_path, heard(backbone, [AGREED] * 6, [0.0] * 6))
    less = states(backbone, tmp_path, heard(backbone, [AGREED] * 4, [0.0] * 4))
    np.testing.assert_allclose(all_of_it[:4], less, atol=0.02)
    assert np.sqrt(np.mean(all_of_it**2)) == pytest.approx(0.1, rel=0.5), "as large as embeddings"


def test_a_tentative_word_is_forgotten_and_so_is_what_came_before_the_agent_spoke(
    backbone: Backbone, tmp_path: Path
) -> None:
    base = states(backbone, tmp_path, heard(backbone, [AGREED] * 5, [0.0] * 5))
    maybe = states(
        backbone, tmp_path, heard(backbone, [AGREED, AGREED, TENTATIVE, AGREED, AGREED], [0.0] * 5)
    )
    np.testing.assert_allclose(maybe[:3], base[:3], atol=0.02)
    assert np.abs(maybe[3] - base[3]).max() > 0.05
    answered = states(backbone, tmp_path, heard(backbone, [AGREED] * 5, [0, 0, 0, 1.0, 0]))
    assert np.abs(answered[3] - base[3]).max() > 0.05


def test_states_are_read_once(backbone: Backbone, tmp_path: Path) -> None:
    session = heard(backbone, [AGREED] * 3, [0.0] * 3)
    first = states(backbone, tmp_path, session)
    (kept,) = tmp_path.glob("*.npy")
    before = kept.stat().st_mtime_ns
    np.testing.assert_array_equal(states(backbone, tmp_path, session), first)
    assert kept.stat().st_mtime_ns == before

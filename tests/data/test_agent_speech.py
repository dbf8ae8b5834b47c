from pathlib import Path

import numpy as np
import pytest

from hocket.data.agent_speech import agent_speech
from hocket.engine.fake import FakeVoice
from hocket.engine.port import Voice

TEXTS = ["One line.", "And another one."]


def refuse() -> Voice:
    raise AssertionError("expected the phrases to be kept")


def test_phrases_are_said_once_and_read_back_after_that(tmp_path: Path) -> None:
    said = agent_speech(tmp_path, FakeVoice, TEXTS)
    again = agent_speech(tmp_path, refuse, reversed(TEXTS))
    assert list(said) == list(again) == TEXTS
    for text, sound in said.items():
        assert np.array_equal(sound, again[text])
        assert np.abs(sound).max() > 0.01
        phrase = FakeVoice().prepare(text)
        assert len(sound) == -(-phrase.n_samples * 16_000 // FakeVoice().rate_hz)
        assert said.lengths()[text] == len(sound)


@pytest.mark.parametrize("jobs", [1, 2])
def test_new_phrases_are_added_to_the_old_ones(tmp_path: Path, jobs: int) -> None:
    first = agent_speech(tmp_path, FakeVoice, TEXTS)
    more = agent_speech(tmp_path, FakeVoice, [*TEXTS, "A third.", "A third."], jobs=jobs)
    assert list(more) == [*TEXTS, "A third."]
    assert all(np.array_equal(first[text], more[text]) for text in TEXTS)

from pathlib import Path

import numpy as np
import pytest

from hocket.data import agent_speech
from hocket.engine.fake import FakeVoice
from hocket.engine.port import Voice


def test_lines_are_said_once_and_read_back_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_speech, "LINES", ("One line.", "And another one."))
    said = agent_speech.agent_speech(tmp_path, FakeVoice)

    def refuse() -> Voice:
        raise AssertionError("expected the lines to be kept")

    again = agent_speech.agent_speech(tmp_path, refuse)
    assert list(said) == ["One line.", "And another one."]
    for text, sound in said.items():
        assert np.array_equal(sound, again[text])
        assert np.abs(sound).max() > 0.01
        phrase = FakeVoice().prepare(text)
        assert len(sound) == -(-phrase.n_samples * 16_000 // FakeVoice().rate_hz)

"""What the language model learns from packs and from written texts."""

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

pytest.importorskip("torch")

from hocket.model.chat import END, START
from hocket.recipes.language import texts
from tests.training import toy


def tokenizer() -> Tokenizer:
    """Every word is unknown; the marks of the chat are not."""
    vocabulary = {"<unk>": 0, START: 1, END: 2} | {f"w{n}": n for n in range(3, 40)}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


def test_an_agent_that_answers_anything_with_anything_teaches_no_words(tmp_path: Path) -> None:
    said = [{"start_s": 2, "end_s": 3, "text": "Yes.", "part": "answer", "whole": True, "line": 0}]
    one = toy.session(40, 1)
    written = replace(one, about={**one.about, "said": said, "conversation": "everyday-bus"})
    other = replace(one, about={**one.about, "said": said, "conversation": ""})
    folder = toy.write(tmp_path / "pack", [written, other])
    found = texts(tokenizer(), [folder], folder, packed=tokenizer())
    assert len(found.checked) == 1
    assert len(found.learned) > 800  # and the written texts of the split
    assert all(chat.teaches for chat in found.learned)

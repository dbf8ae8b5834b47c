"""What the talker makes of words and drafts: no language model runs here."""

from types import SimpleNamespace
from typing import Any

import pytest

from hocket.engine.talker import Talk, Talker


@pytest.mark.parametrize(
    ("words", "stale"),
    [
        (("Is", "it", "late?"), False),
        (("is", "it", "late"), False),  # a mark was a guess of the tail's end
        (("is", "it", "later"), True),
        (("is", "it", "late", "now"), True),
        (("is", "it"), True),
    ],
)
def test_a_draft_stands_while_the_words_are_the_same(words: tuple[str, ...], stale: bool) -> None:
    answers: Any = SimpleNamespace()
    talk = Talk(chat=answers, drafted=("Is", "it", "late?"))
    assert Talker(answers).is_stale(talk, words) is stale


def test_without_a_draft_nothing_is_stale() -> None:
    answers: Any = SimpleNamespace()
    assert not Talker(answers).is_stale(Talk(chat=answers), ("so",))

"""Where an answer of the baselines ends: at a sentence or a clause, never inside a word."""

import pytest

from hocket.engine.answers import Answers, AnswerSettings
from hocket.engine.runtime import Backbone
from hocket.recipes import engines
from hocket.weights import store

QUESTIONS = (
    "What is the capital of France?",
    "I'd like to know if one can eat the skin of a kiwi.",
    "Why is the sky blue?",
    "How do I boil an egg?",
)


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    store.ensure([engines.BRAIN])
    return Backbone.from_gguf(store.path_of(engines.BRAIN))


def answer(backbone: Backbone, question: str, settings: AnswerSettings) -> str:
    answers = Answers(backbone, backbone.tokenizer, settings)
    chat = answers.open("")
    answers.hear(chat, tuple(question.split()))
    while chat.todo:
        answers.work(chat, write=False, busy=False)
    answers.draft(chat, ())
    given = ""
    for _ in range(200):
        given += answers.work(chat, write=True, busy=False)
        if chat.done:
            return given
    raise AssertionError("expected an end")


@pytest.mark.models
def test_an_answer_ends_with_a_clause_and_sounds_like_an_end(backbone: Backbone) -> None:
    for question in QUESTIONS:
        given = answer(backbone, question, AnswerSettings())
        assert given.strip()[-1] in ".?!"
        before = " ".join(given.split()[:-1])
        # Nothing that could have been the end lies behind the eighth word.
        assert not any(c in ".?!," for c in " ".join(before.split()[8:]))


@pytest.mark.models
def test_the_limit_never_falls_into_a_word(backbone: Backbone) -> None:
    whole = answer(backbone, QUESTIONS[2], AnswerSettings()).split()
    for limit in range(2, 12):
        cut = answer(backbone, QUESTIONS[2], AnswerSettings(max_tokens=limit)).split()
        assert cut == whole[: len(cut)]

"""Drills: true answers, and what is taken back is not answered."""

import itertools
import re

import numpy as np
import pytest

from hocket.data import drill_questions as asked
from hocket.data.drills import REPAIRS, as_said, drills

NUMBERS = {word: n for n, word in enumerate(asked.NUMBERS)}


def test_equal_generators_give_equal_chats() -> None:
    first, second = (list(drills(50, np.random.default_rng(4))) for _ in range(2))
    assert first == second
    assert first != list(drills(50, np.random.default_rng(5)))


def test_a_chat_is_questions_and_learned_answers_in_turn() -> None:
    for chat in drills(200, np.random.default_rng(0)):
        assert [message.role for message in chat] == ["user", "assistant"] * (len(chat) // 2)
        assert all(message.learned == (message.role == "assistant") for message in chat)


@pytest.mark.parametrize("make", [make for make, _ in asked.FAMILIES])
def test_questions_and_answers_are_sentences(make: object) -> None:
    assert callable(make)
    rng = np.random.default_rng(1)
    for _ in range(300):
        question = make(rng)
        assert question.frame.count("{}") == 1
        assert re.search(r"[.?!]$", question.text), question
        assert question.text[0].isupper()
        assert re.search(r"[.?!]$", question.answer), question
        assert question.answer[0].isupper()
        assert not re.search(r"[{}]|\d", question.text + question.answer)
        assert question.thing not in question.others


def test_there_are_hundreds_of_facts_and_none_comes_twice() -> None:
    texts = [question.text for question in (*asked.facts(), *asked.reactions())]
    assert len(texts) == len(set(texts)) > 250


def test_what_was_told_is_what_is_answered() -> None:
    rng = np.random.default_rng(2)
    for question in (asked.told(rng) for _ in range(1_000)):
        words = re.findall(r"[\w']+", question.answer.lower())
        thing = re.findall(r"[\w']+", question.thing.lower())
        assert any(words[i : i + len(thing)] == thing for i in range(len(words))), question


def test_small_numbers_are_added_rightly() -> None:
    rng = np.random.default_rng(3)
    sums = [
        re.match(r"(\w+) (plus|minus) (\w+) is (\w+)\.", asked.sum_(rng).answer) for _ in range(500)
    ]
    found = [match for match in sums if match]
    assert len(found) > 100
    for match in found:
        a, way, b, c = match.groups()
        right = NUMBERS[a.lower()] + NUMBERS[b] * (1 if way == "plus" else -1)
        assert NUMBERS[c] == right


def test_who_corrects_themselves_says_last_what_is_meant() -> None:
    rng = np.random.default_rng(6)
    question = asked.Question(
        frame="What is the capital of {}?", thing="Norway", others=("Peru",), answer="Oslo."
    )
    said = {as_said(question, rng) for _ in range(400)}
    corrected = [text for text in said if "Peru" in text]
    assert len(corrected) > 20
    assert all(text.rindex("Norway") > text.rindex("Peru") for text in corrected)
    assert all("Norway" in text for text in said)
    repaired = itertools.product(corrected, REPAIRS)
    assert any(f"Peru, {repair}, Norway" in text for text, repair in repaired)

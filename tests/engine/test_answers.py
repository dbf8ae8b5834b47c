"""Where an answer of the baselines ends: at a sentence or a clause, never inside a word."""

from typing import Any, cast

import numpy as np
import pytest

from hocket.engine.answers import DEFAULT_INSTRUCTIONS, Answers, AnswerSettings, Chat
from hocket.engine.port import Float32
from hocket.engine.runtime import Backbone
from hocket.model.chat import ChatTemplate, Turn
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


class Curt:
    """A model that would rather say nothing: it ends at once, or begins with an empty line."""

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        end_id = ChatTemplate(backbone.tokenizer).end_id
        self._liked = [*backbone.tokenizer.encode("\n").ids, end_id]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backbone, name)

    def logits(self, hidden_D: Float32) -> Float32:
        logits_V = self._backbone.logits(hidden_D)
        logits_V[self._liked] = 1e6
        return logits_V


@pytest.mark.models
def test_an_answer_has_a_word(backbone: Backbone) -> None:
    given = answer(cast(Backbone, Curt(backbone)), QUESTIONS[0], AnswerSettings())
    assert len(given.split()) == 1


@pytest.mark.models
def test_an_answer_has_as_many_words_as_are_asked_for(backbone: Backbone) -> None:
    curt, settings = cast(Backbone, Curt(backbone)), AnswerSettings(least_words=4)
    given = answer(curt, QUESTIONS[0], settings)
    assert len(given.split()) == 4
    assert given.startswith(answer(curt, QUESTIONS[0], AnswerSettings()).rstrip(".!?"))


def ids(chat: Chat) -> list[int]:
    return [*chat.ids, *chat.todo]


@pytest.mark.models
def test_what_is_told_stands_between_turns_and_leaves_no_empty_one(backbone: Backbone) -> None:
    answers, template = Answers(backbone, backbone.tokenizer), ChatTemplate(backbone.tokenizer)
    system = Turn(role="system", text=DEFAULT_INSTRUCTIONS)
    fired = Turn(role="system", text='timer fired "tea"')
    chat = answers.open("")
    answers.tell(chat, fired.text)
    assert ids(chat) == [*template.turn(system), *template.turn(fired), *template.opens("user")]
    open_turn = ids(chat)
    answers.draft(chat, ())
    assert ids(chat) == template.prompt([system, fired])
    while chat.todo:
        answers.work(chat, write=False, busy=False)
    answers.undraft(chat)
    assert ids(chat) == open_turn
    answers.hear(chat, ("wait", "what"))
    answers.draft(chat, ("now",))
    asked = Turn(role="user", text="wait what now")
    assert ids(chat) == template.prompt([system, fired, asked])


@pytest.mark.models
def test_what_is_told_in_a_turn_ends_it(backbone: Backbone) -> None:
    answers, template = Answers(backbone, backbone.tokenizer), ChatTemplate(backbone.tokenizer)
    chat = answers.open("")
    answers.hear(chat, ("so", "then"))
    answers.tell(chat, "job 1 result: none")
    said = [
        Turn(role="system", text=DEFAULT_INSTRUCTIONS),
        Turn(role="user", text="so then"),
        Turn(role="system", text="job 1 result: none"),
    ]
    answers.draft(chat, ())
    assert ids(chat) == template.prompt(said)


@pytest.mark.models
def test_a_turn_goes_on_behind_an_answer_that_is_taken_back(backbone: Backbone) -> None:
    answers, template = Answers(backbone, backbone.tokenizer), ChatTemplate(backbone.tokenizer)
    chat = answers.open("")
    answers.hear(chat, ("I'd", "like"))
    answers.draft(chat, ("tea",))
    while not chat.written:
        answers.work(chat, write=True, busy=False)
    assert answers.take_back(chat)
    answers.hear(chat, ("no,", "cocoa"))
    answers.draft(chat, ())
    system = Turn(role="system", text=DEFAULT_INSTRUCTIONS)
    assert ids(chat) == template.prompt([system, Turn(role="user", text="I'd like tea no, cocoa")])
    while chat.todo:
        answers.work(chat, write=False, busy=False)
    assert chat.ids == template.prompt([system, Turn(role="user", text="I'd like tea no, cocoa")])


@pytest.mark.models
def test_an_answer_to_what_was_told_is_not_taken_back(backbone: Backbone) -> None:
    answers = Answers(backbone, backbone.tokenizer)
    chat = answers.open("")
    answers.tell(chat, 'timer fired "tea"')
    answers.draft(chat, ())
    before = ids(chat)
    assert not answers.take_back(chat)
    assert ids(chat) == before


class Idle:
    """A model that costs nothing and always answers "okay"."""

    def __init__(self, backbone: Backbone) -> None:
        template = ChatTemplate(backbone.tokenizer)
        self.tokenizer = backbone.tokenizer
        self._okay, self._end = template.ids("okay")[0], template.end_id
        self._size, self._said = backbone.tokenizer.get_vocab_size(), False

    def open(self, room: int) -> None:
        self.room, self.length, self.longest = room, 0, 0

    def embed(self, ids: list[int]) -> list[int]:
        return ids

    def append(self, kv: None, ids: list[int]) -> Float32:
        self.length += len(ids)
        self.longest = max(self.longest, self.length)
        assert self.length <= self.room
        return np.zeros((len(ids), 1), np.float32)

    def rollback(self, kv: None, length: int) -> None:
        self.length = length

    def logits(self, hidden_D: Float32) -> Float32:
        logits_V = np.zeros(self._size, np.float32)
        logits_V[self._end if self._said else self._okay] = 9
        self._said = not self._said
        return logits_V


@pytest.mark.models
def test_a_fact_of_the_first_minute_is_in_the_context_in_the_fortieth(backbone: Backbone) -> None:
    idle = Idle(backbone)
    answers = Answers(cast(Backbone, idle), backbone.tokenizer)
    chat = answers.open("")
    turns = ["My boat is called Marigold, and it lies in Tromso."]
    turns += [f"What comes after number {n}, and why do people like it so?" for n in range(400)]
    for turn in turns:  # six seconds each
        answers.hear(chat, tuple(turn.split()))
        answers.draft(chat, ())
        while not chat.done:
            answers.work(chat, write=True, busy=False)
        answers.end(chat, None)
        while chat.todo:
            answers.work(chat, write=False, busy=False)
    text = backbone.tokenizer.decode(chat.ids, skip_special_tokens=False)
    assert text.count("My boat is called Marigold, and it lies in Tromso.") == 1
    assert "number 399" in text and "number 3," not in text
    assert text.startswith("<|im_start|>system") and text.endswith("<|im_start|>user\n")
    assert idle.longest < 1_300

"""The words of a cascade: a chat with SmolLM2, prefilled as the user speaks, drafted in silences.

Law: a tick runs at most ``budget`` positions, so no tick carries a burst. The context always reads as a
clean chat: drafts that are dropped are rolled back, and an interrupted answer ends where the user's
hearing of it ended.
"""

import re
from collections import deque
from dataclasses import dataclass, field, fields, replace

import numpy as np
from tokenizers import Tokenizer

from hocket.engine.kv import Kv, KvSnapshot
from hocket.engine.memory import remembered
from hocket.engine.port import Float32
from hocket.engine.runtime import Backbone
from hocket.engine.sampling import greedy, repeating
from hocket.model.chat import ChatTemplate, Turn

# Of 19 wordings tried on 25 questions, with and without question marks, the 135M model was right 43 times of
# 50 with this one; without "every question" and "simple" 31 times, and by a hair (docs/decisions/0033).
DEFAULT_INSTRUCTIONS = (
    "You are a friendly assistant. Answer every question in one short and simple sentence."
)
EARLIER = "Earlier the user said:"
END_MARKS = (".", "!", "?")
SENTENCE_END = re.compile(r"[.!?][\"')]?(?:\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """Limits, with their reasons."""

    prefill_budget: int = 12  # positions a tick: about 38 ms on two threads
    write_budget: int = 3  # single steps a tick: faster than speech (about 0.8 tokens a tick)
    # While the user speaks, and for three ticks after, the ears take 60-100 ms of a tick.
    busy_prefill_budget: int = 6
    busy_write_budget: int = 3
    max_tokens: int = 70  # about 20 s of speech
    max_context: int = 1_000  # beyond it the chat is rebuilt from its last turns
    kept_context: int = 300
    least_words: int = 1  # of an answer: one was asked for
    enough_words: int = 8  # an answer ends with the clause that reaches this: what follows rambles
    ahead_words: int = 24  # do not write further ahead of the voice than this
    repetition_penalty: float = 1.2  # a 135M model loops without it,
    repeated_tokens: int | None = None  # or without this: so many in a row are not said twice


@dataclass(slots=True)
class Chat:
    """One session's chat."""

    kv: Kv
    ids: list[int] = field(default_factory=list)  # what the cache holds
    todo: deque[int] = field(default_factory=deque)  # to be appended
    system: list[int] = field(default_factory=list)
    turn_start: int = 0  # length at which the present user turn begins
    mark: int = 0  # length after the agreed words of that turn
    kept: int = 0  # length before what a draft added: the mark, or less if the turn was empty
    written: list[int] = field(default_factory=list)  # answer tokens so far
    said_before: list[int] = field(default_factory=list)  # the last answer, which it would repeat
    answer_start: int | None = None
    given: int = 0  # characters of the answer given out
    done: bool = False
    broken: bool = False  # the limit fell into a word
    hidden: Float32 | None = None  # of the last appended position
    memory: tuple[str, ...] = ()  # what users said of themselves in turns that are gone

    @property
    def length(self) -> int:
        """Positions cached and to come."""
        return len(self.ids) + len(self.todo)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSnapshot:
    """A chat's values and a copy of its cache."""

    chat: Chat
    kv: KvSnapshot


def _copy(chat: Chat) -> Chat:
    """Independent lists over the same cache."""
    lists = {"ids": [*chat.ids], "todo": deque(chat.todo), "written": [*chat.written]}
    return replace(chat, **lists)  # type: ignore[arg-type]


class Answers:
    """Prefills, drafts, writes and ends answers in a ``Chat``."""

    def __init__(
        self, backbone: Backbone, tokenizer: Tokenizer, settings: AnswerSettings | None = None
    ) -> None:
        self._backbone = backbone
        self._template = ChatTemplate(tokenizer)
        self._tokenizer = tokenizer
        self.settings = settings or AnswerSettings()

    def open(self, instructions: str) -> Chat:
        """A chat in which the user's first turn is open."""
        settings = self.settings
        room = settings.max_context + 2 * settings.max_tokens + 256
        chat = Chat(kv=self._backbone.open(room))
        chat.system = self._template.turn(
            Turn(role="system", text=instructions or DEFAULT_INSTRUCTIONS)
        )
        chat.todo.extend([*chat.system, *self._template.opens("user")])
        chat.turn_start = chat.mark = chat.length
        return chat

    def snapshot(self, chat: Chat) -> ChatSnapshot:
        """A value to come back to."""
        return ChatSnapshot(chat=_copy(chat), kv=self._backbone.snapshot(chat.kv))

    def restore(self, chat: Chat, snapshot: ChatSnapshot) -> None:
        """Back to a snapshot of this chat."""
        self._backbone.restore(chat.kv, snapshot.kv)
        kept = _copy(snapshot.chat)
        for each in fields(Chat):
            if each.name != "kv":
                setattr(chat, each.name, getattr(kept, each.name))

    # -- the user's turn ----------------------------------------------------------------------

    def hear(self, chat: Chat, words: tuple[str, ...]) -> None:
        """Agreed words of the user's turn. Any draft must have been dropped."""
        if words and chat.length < self.settings.max_context + 200:
            text = " ".join(words)
            chat.todo.extend(self._template.words(text, first=chat.mark == chat.turn_start))
            chat.mark = chat.length

    def tell(self, chat: Chat, text: str) -> None:
        """Something happened: a message of its own. What the user said so far becomes their turn.

        Any draft must have been dropped.
        """
        self._close_user(chat, ())
        told = self._template.turn(Turn(role="system", text=text))
        chat.todo.extend([*told, *self._template.opens("user")])
        chat.turn_start = chat.mark = chat.length

    def draft(self, chat: Chat, tentative: tuple[str, ...]) -> None:
        """Begin an answer to the words so far and the open tail; without any, to what was told."""
        self._close_user(chat, tentative)
        chat.todo.extend(self._template.opens("assistant"))
        chat.answer_start = chat.length
        chat.written, chat.given, chat.done, chat.broken = [], 0, False, False

    def undraft(self, chat: Chat) -> None:
        """The user goes on: back to the agreed words."""
        if chat.answer_start is not None:
            self._rollback(chat, chat.kept)
            if chat.kept < chat.mark:
                chat.todo.extend(self._template.opens("user"))
            chat.answer_start = None

    def _close_user(self, chat: Chat, tentative: tuple[str, ...]) -> None:
        """End the user's message, or take its head back if it holds nothing."""
        first = chat.mark == chat.turn_start
        words = self._template.words(" ".join(tentative), first=first)
        chat.kept = chat.mark
        if first and not words:
            chat.kept = chat.turn_start - len(self._template.opens("user"))
            self._rollback(chat, chat.kept)
        else:
            chat.todo.extend([*words, *self._template.closes()])

    # -- the answer ---------------------------------------------------------------------------

    def work(self, chat: Chat, *, write: bool, busy: bool) -> str:
        """One tick's work: prefill, then write if an answer was begun. Returns whole new words.

        ``busy``: the ears may be reading words in this tick.
        """
        settings = self.settings
        prefill = settings.busy_prefill_budget if busy else settings.prefill_budget
        steps = settings.busy_write_budget if busy else settings.write_budget
        n = min(prefill, len(chat.todo))
        if n:
            self._append(chat, [chat.todo.popleft() for _ in range(n)])
        if not write or chat.answer_start is None or chat.todo or chat.done:
            return ""
        # A step costs as much as appending eight positions at once, so that a tick that has
        # appended many writes few.
        for _ in range(max(1, steps - n // 4)):
            self._write_token(chat)
            if chat.done:
                break
        return self._new_words(chat)

    def end(self, chat: Chat, heard_words: int | None) -> None:
        """The answer is over; ``heard_words`` of it were heard (None: all). Opens the user's turn."""
        if chat.answer_start is not None:
            if heard_words is not None:
                self._rollback(chat, chat.answer_start + self._tokens_of(chat, heard_words))
            chat.todo.extend([*self._template.closes(), *self._template.opens("user")])
            chat.answer_start = None
            chat.said_before = chat.written
        if chat.length > self.settings.max_context:
            self._rebuild(chat)
        chat.turn_start = chat.mark = chat.length

    def take_back(self, chat: Chat) -> bool:
        """The user's turn goes on as if the answer had not been begun; False if it answers none."""
        if chat.answer_start is None or chat.kept < chat.mark:
            return False
        head = len(self._template.closes()) + len(self._template.opens("assistant"))
        self._rollback(chat, chat.answer_start - head)
        chat.answer_start, chat.mark = None, chat.length
        return True

    # -- the cache ----------------------------------------------------------------------------

    def _append(self, chat: Chat, ids: list[int]) -> None:
        chat.hidden = self._backbone.append(chat.kv, self._backbone.embed(ids))[-1].copy()
        chat.ids.extend(ids)

    def _rollback(self, chat: Chat, length: int) -> None:
        while chat.length > length and chat.todo:
            chat.todo.pop()
        if len(chat.ids) > length:
            self._backbone.rollback(chat.kv, length)
            del chat.ids[length:]
            chat.hidden = None

    def _rebuild(self, chat: Chat) -> None:
        """Start the cache again from the instructions, what is remembered and the last turns.

        It is read again a slice a tick.
        """
        turns = self._template.turns([*chat.ids, *chat.todo][len(chat.system) :])
        room, first = self.settings.kept_context, len(turns) - 1  # the last one is open
        while first > 0 and len(turns[first - 1]) <= room:
            first -= 1
            room -= len(turns[first])
        said = [self._template.said(turn, "user") for turn in turns[:first]]
        chat.memory = remembered(chat.memory, said)
        chat.todo.clear()
        self._rollback(chat, 0)
        chat.todo.extend(chat.system)
        if chat.memory:
            text = " ".join([EARLIER, *chat.memory])
            chat.todo.extend(self._template.turn(Turn(role="system", text=text)))
        chat.todo.extend(index for turn in turns[first:] for index in turn)

    def _write_token(self, chat: Chat) -> None:
        assert chat.hidden is not None
        logits = self._backbone.logits(chat.hidden)
        settings = self.settings
        recent = sorted({*chat.said_before, *chat.written[-32:]})
        if recent:
            seen = logits[recent]
            penalty = settings.repetition_penalty
            logits[recent] = np.where(seen > 0, seen / penalty, seen * penalty)
        if settings.repeated_tokens is not None:
            logits[repeating(chat.written, settings.repeated_tokens)] = -np.inf
        token = greedy(logits)
        while self._ends_too_soon(chat, token):
            logits[token] = -np.inf
            token = greedy(logits)
        ends_sentence = self._tokenizer.decode([token]) in END_MARKS  # which the limit lets in
        limit = settings.max_tokens + ends_sentence
        if token == self._template.end_id or len(chat.written) >= limit:
            chat.done = True
            going_on = self._tokenizer.decode([*chat.written, token])[len(self._text(chat)) :]
            chat.broken = token != self._template.end_id and going_on[:1].isalnum()
            return
        chat.written.append(token)
        self._append(chat, [token])
        chat.done = self._enough(self._text(chat))

    def _ends_too_soon(self, chat: Chat, token: int) -> bool:
        """Whether the token ends an answer that has too few words, or begins one with none."""
        text: str = self._tokenizer.decode([token])
        ends = token == self._template.end_id or "\n" in text
        if ends and len(self._text(chat).split()) < self.settings.least_words:
            return True
        return not chat.written and not text.strip()

    def _enough(self, text: str) -> bool:
        """A line is over, or a sentence or clause is and enough was said."""
        said = len(text.split()) >= self.settings.enough_words
        over = SENTENCE_END.search(text[-3:]) is not None or text.endswith(",")
        return "\n" in text or (said and over)

    def _text(self, chat: Chat) -> str:
        text: str = self._tokenizer.decode(chat.written)
        return text

    def _new_words(self, chat: Chat) -> str:
        """Text not given out yet, up to the last whole word."""
        text = self._text(chat).replace("\ufffd", "")
        text = text.split("\n")[0]
        if chat.done and text.endswith(","):
            text = f"{text[:-1]}."  # the end of a clause became that of the answer
        stop = len(text) if chat.done and not chat.broken else text.rfind(" ") + 1
        new, chat.given = text[chat.given : stop], max(chat.given, stop)
        return new

    def _tokens_of(self, chat: Chat, n_words: int) -> int:
        """How many of the written tokens make the first ``n_words`` words."""
        for n in range(len(chat.written) + 1):
            if len(self._tokenizer.decode(chat.written[:n]).split()) > n_words:
                return max(0, n - 1)
        return len(chat.written)

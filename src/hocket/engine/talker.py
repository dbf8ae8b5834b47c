"""What an engine says: the user's words into a chat, drafts, answers, and what was heard of them.

Law: it decides no floor. Words are used once: those that a draft has read ahead of their agreement are not
read again. Source: answers.py for the chat itself; the floor is the business of whoever holds a talker.
"""

from dataclasses import dataclass, fields, replace
from typing import Final

from hocket.engine.agreement import key
from hocket.engine.answers import Answers, Chat, ChatSnapshot
from hocket.engine.port import TickInput

PHRASE_IN_HAND_WORDS: Final = 6
HARDLY_BEGUN_WORDS: Final = 3  # of an answer: who gives way then has not had the floor
RESPONSE_ASKED: Final = "response asked"  # a client's wish for an answer now


@dataclass(slots=True)
class Talk:
    """One session's words, both ways."""

    chat: Chat
    words: tuple[str, ...] = ()  # agreed in this turn
    fed: int = 0  # how many of them the chat holds
    drafted: tuple[str, ...] | None = None  # the words that the draft answers
    skip: int = 0  # words to come that an accepted draft has used already
    heard_of_us: int = 0  # words of the present answer that the user heard
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkSnapshot:
    """A talk's values and those of its chat."""

    talk: Talk
    chat: ChatSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a tick adds to the plan; ``drop``: the plan is emptied first."""

    append: str = ""
    drop: bool = False
    ended: bool = False


class Talker:
    """A chat model as one side of a conversation."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def open(self, instructions: str) -> Talk:
        """A fresh chat."""
        return Talk(chat=self._answers.open(instructions))

    def snapshot(self, talk: Talk) -> TalkSnapshot:
        """A deep copy, the cache included."""
        return TalkSnapshot(chat=self._answers.snapshot(talk.chat), talk=replace(talk))

    def restore(self, talk: Talk, snapshot: TalkSnapshot) -> None:
        """Put the copy's values back."""
        for each in fields(Talk):
            if each.name != "chat":
                setattr(talk, each.name, getattr(snapshot.talk, each.name))
        self._answers.restore(talk.chat, snapshot.chat)

    # -- the user's side ----------------------------------------------------------------------------

    def hear(self, talk: Talk, tick_input: TickInput) -> bool:
        """Take a tick's words; True if the user asked for an answer by hand: typed a line, or a wish."""
        talk.heard_of_us += len(tick_input.played.words)
        new = tick_input.heard.heard[talk.skip :]
        talk.skip = max(0, talk.skip - len(tick_input.heard.heard))
        talk.words += new
        talk.typed = typed(talk.typed, tick_input.typed)
        sent = "\n" in talk.typed
        if sent:
            *lines, talk.typed = talk.typed.split("\n")
            talk.words += tuple(" ".join(lines).split())
        return sent or RESPONSE_ASKED in tick_input.events

    def words(self, talk: Talk, tick_input: TickInput) -> tuple[str, ...]:
        """All words of this turn, the open tail included."""
        return (*talk.words, *self._tail(talk, tick_input))

    def read(self, talk: Talk) -> Text:
        """The user speaks: no draft stands, and the chat reads along as words come."""
        dropped = self.undraft(talk)
        self._feed(talk)
        self._answers.work(talk.chat, write=False, busy=True)
        return Text(drop=dropped)

    def tell(self, talk: Talk, text: str) -> bool:
        """Something happened; whether a draft was dropped for it."""
        dropped = self.undraft(talk)
        self._feed(talk)
        self._answers.tell(talk.chat, text)
        talk.words, talk.fed = (), 0
        return dropped

    def forget(self, talk: Talk) -> None:
        """What was heard in this turn was none."""
        talk.words = ()

    def keep_last(self, talk: Talk, n_words: int) -> None:
        """Of what was heard in this turn, only the last words were the user's."""
        talk.words = talk.words[max(len(talk.words) - n_words, 0) :]

    # -- drafts -------------------------------------------------------------------------------------

    def is_stale(self, talk: Talk, words: tuple[str, ...]) -> bool:
        """Whether the draft answers other words than these: a mark that was a guess makes none other."""
        return talk.drafted is not None and [*map(key, talk.drafted)] != [*map(key, words)]

    def draft(self, talk: Talk, tick_input: TickInput) -> None:
        """Begin an answer to the words so far and the open tail."""
        self._feed(talk)
        tail = self._tail(talk, tick_input)
        talk.drafted = (*talk.words, *tail)
        self._answers.draft(talk.chat, tail)

    def undraft(self, talk: Talk) -> bool:
        """Drop the draft; whether there was one."""
        if talk.drafted is None:
            return False
        self._answers.undraft(talk.chat)
        talk.drafted = None
        return True

    def write_draft(self, talk: Talk) -> Text:
        """Go on with the draft, if there is one, or with reading."""
        drafted = talk.drafted is not None
        text = self._answers.work(talk.chat, write=drafted, busy=True)
        return Text(append=text, ended=talk.chat.done and drafted)

    # -- answers ------------------------------------------------------------------------------------

    def begin(self, talk: Talk, tick_input: TickInput) -> Text:
        """The agent takes the floor, with the draft or without one."""
        drop = talk.drafted is None
        if drop:
            self.draft(talk, tick_input)
        talk.skip += len(self._tail(talk, tick_input))
        talk.words, talk.fed, talk.heard_of_us = (), 0, 0
        text = self._answers.work(talk.chat, write=True, busy=True)
        return Text(append=text, drop=drop, ended=talk.chat.done)

    def go_on(self, talk: Talk, tick_input: TickInput) -> Text:
        """Write a little ahead of the voice."""
        ahead = len(tick_input.plan.split())
        wants = ahead < self._answers.settings.ahead_words
        # With a phrase in hand there is time: the voice may be preparing it in this very tick.
        text = self._answers.work(talk.chat, write=wants, busy=ahead >= PHRASE_IN_HAND_WORDS)
        return Text(append=text, ended=talk.chat.done)

    def stop(self, talk: Talk, *, heard: bool) -> None:
        """The answer is over; ``heard``: all of it was, else as much as the user is known to have heard."""
        self._answers.end(talk.chat, None if heard else talk.heard_of_us)
        talk.drafted = None

    def take_back(self, talk: Talk) -> bool:
        """The user goes on over an answer of which they heard next to nothing: no answer it was.

        What it answered stays the head of their turn. False if they heard more, or had said nothing.
        """
        if talk.heard_of_us > HARDLY_BEGUN_WORDS or not self._answers.take_back(talk.chat):
            return False
        talk.drafted = None
        return True

    def _feed(self, talk: Talk) -> None:
        """Put agreed words into the chat as they come, so that little is left to do at the end."""
        self._answers.hear(talk.chat, talk.words[talk.fed :])
        talk.fed = len(talk.words)

    def _tail(self, talk: Talk, tick_input: TickInput) -> tuple[str, ...]:
        return tick_input.heard.tentative[talk.skip :]


def typed(before: str, keys: str) -> str:
    """A line behind more keystrokes; a backspace takes one back."""
    for struck in keys:
        before = before[:-1] if struck == "\b" else before + struck
    return before

"""Written conversations as the language model reads them: messages of a chat, the agent's to be learned.

Law: what a message holds was there when it was written: an answer that was broken off ends where the user
broke in, and that end is not the model's doing. What the agent does beside speaking stands in brackets in
front of what it says, one command each; what it is told comes as a system message.
Source: model.md section 3; conversations.py for the marks; model/chat.py for the template.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from hocket.data.conversations import ACTS, Conversation, Kind, Line
from hocket.engine.commands import command
from hocket.model.chat import Role

_USERS: Final = frozenset({Kind.USER, Kind.MORE, Kind.INTERRUPTION, Kind.TYPED})
_TOLD: Final = frozenset({Kind.RESULT, Kind.EVENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. Of the agent's: ``learned`` if it is as it should be, ``ended`` if it is whole."""

    role: Role
    text: str
    learned: bool = False
    ended: bool = True


def chat(conversation: Conversation) -> tuple[Message, ...]:
    """The messages of a conversation, in order; neighbours of one role are one message.

    Backchannels of both sides, talk to others and silences are the floor's affair and are left out.
    """
    found: list[Message] = []
    commands: list[str] = []
    jobs = _Jobs()
    for line in conversation.lines:
        jobs.see(line)
        if line.kind in ACTS:
            commands.append(command(ACTS[line.kind], line.text))
        elif line.kind in (Kind.AGENT, Kind.CUED):
            found.append(_answer(line, commands))
            commands = []
        elif line.kind in _USERS:
            found.append(Message(role="user", text=line.text))
        elif line.kind in _TOLD:
            text = jobs.result(line) if line.kind is Kind.RESULT else line.text
            found.append(Message(role="system", text=text))
    return tuple(joined(found))


@dataclass(slots=True)
class _Jobs:
    """Which number a result has: jobs are numbered as they are handed over, the oldest ends first."""

    n: int = 0
    open: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)

    def see(self, line: Line) -> None:
        if line.kind is Kind.DELEGATION:
            self.n += 1
            self.open.append(self.n)
        elif line.kind is Kind.CANCEL:
            self.cancelled.append(self.open.pop(0))

    def result(self, line: Line) -> str:
        jobs = self.cancelled if line.tag == "stale" and self.cancelled else self.open
        return f"job {jobs.pop(0)} result: {line.text}"


def _answer(line: Line, commands: Iterable[str]) -> Message:
    phrases = line.phrases[: line.cut_after] if line.phrases else (line.text,)
    text = " ".join((*commands, *phrases))
    return Message(role="assistant", text=text, learned=True, ended=line.cut_after is None)


def joined(messages: Iterable[Message]) -> list[Message]:
    """Neighbours of one role as one message."""
    found: list[Message] = []
    for message in messages:
        before = found[-1] if found else None
        if before is not None and before.role == message.role:
            between = "\n" if message.role == "system" else " "
            found[-1] = replace(message, text=f"{before.text}{between}{message.text}")
        else:
            found.append(message)
    return found

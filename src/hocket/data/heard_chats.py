"""A packed session as the language model would have read it: heard words in, what was said out.

Law: the user's messages hold what the ears made of them, errors and echo included, and nothing that came
later than it would have in serving. What was heard while the agent spoke on is dropped; what broke it off
begins the next message. An answer to what the ears did not hear is read and not learned: nobody could know
it. Source: data/chats.py for messages.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final

import numpy as np

from hocket.core.units import TICK_S
from hocket.data.chats import Message, joined
from hocket.data.pack import SessionTicks
from hocket.data.script import BACKCHANNELS
from hocket.engine.commands import command
from hocket.model.duplex_config import AGREED, TYPED

LAG_TICKS: Final = 3  # words that come so late behind the agent's start belong to what it answers
ECHO_TICKS: Final = 2  # and so late behind its end, to its own echo
BREAKING_TICKS: Final = 10  # of words before the agent gave way: what broke it off
LEAST_HEARD: Final = 0.4  # share of the user's words that were heard, where the answer is learned
TURNS: Final = ("turn", "interruption")
WORD: Final = re.compile(r"[^\W_]+")
HEARD_UP_TO: Final = re.compile(r'^user heard up to "(.*)"$', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What the agent said in a row: decided in tick ``first``, over behind tick ``last``."""

    first: int
    last: int
    text: str
    cut: bool


def heard_chat(
    session: SessionTicks, decode: Callable[[Sequence[int]], str]
) -> tuple[Message, ...]:
    """The messages of a session, in order. ``decode``: token ids to text."""
    words = _words(session, decode)
    found: list[Message] = []
    behind = 0  # words of ticks before this one are in a message, or dropped
    came = 0  # the tick of the last answer
    told = [e for e in session.about.get("events", ()) if not HEARD_UP_TO.match(e["text"])]
    told.sort(key=lambda event: int(event["tick"]))
    for line in _lines(session.about):
        until = line.first + LAG_TICKS
        found += _before(words, told, behind, until)
        acts = [a for a in session.about.get("acts", ()) if a["tick"] == line.first]
        text = " ".join([*(command(a["kind"], a["argument"]) for a in acts), line.text])
        learned = _heard_share(session.about, words, came, until) >= LEAST_HEARD
        found.append(Message(role="assistant", text=text, learned=learned, ended=not line.cut))
        came = line.first
        over = line.last - BREAKING_TICKS if line.cut else line.last + ECHO_TICKS
        behind = max(until, over)
    found += _before(words, told, behind, len(session))
    return tuple(joined(found))


def _heard_share(about: Any, words: Sequence[str], since: int, until: int) -> float:
    """Of the words that the user meant for the agent from one answer on to the next; 1 of none."""
    turns = [s for s in about.get("sounds", ()) if s["role"] in TURNS]
    said = Counter(
        word
        for turn in turns
        if since <= turn["end_s"] / TICK_S < until
        for word in plain(turn["text"])
    )
    heard = Counter(plain("".join(words[since:until])))
    return share_heard(said, heard)


def share_heard(said: Counter[str], heard: Counter[str]) -> float:
    """How many of the words said, counted, are among the words heard; 1 of none."""
    return (said & heard).total() / said.total() if said else 1.0


def plain(text: str) -> list[str]:
    """The words of a text in lower case, without marks."""
    return WORD.findall(text.lower().replace("'", ""))


def _before(
    words: Sequence[str], told: list[dict[str, Any]], behind: int, until: int
) -> Iterator[Message]:
    """What was heard in ticks [behind, until), and all that was told by then and is in no message yet."""
    at = behind
    while told and told[0]["tick"] < until:
        event = told.pop(0)
        yield from _heard(words[at : event["tick"]])
        yield Message(role="system", text=event["text"])
        at = max(event["tick"], behind)
    yield from _heard(words[at:until])


def _heard(words: Sequence[str]) -> Iterator[Message]:
    if text := " ".join("".join(words).split()):
        yield Message(role="user", text=text)


def _words(session: SessionTicks, decode: Callable[[Sequence[int]], str]) -> list[str]:
    """Agreed and typed words of every tick, each with the space before it."""
    ends = np.concatenate(([0], np.asarray(session.input_end)))
    found = []
    for first, stop in pairwise(ends):
        kept = [
            int(token)
            for token, kind in zip(
                session.input_ids[first:stop], session.input_kinds[first:stop], strict=True
            )
            if kind in (AGREED, TYPED)
        ]
        found.append(decode(kept) if kept else "")
    return found


def _phrases_by_line(about: Any) -> list[list[Any]]:
    """What the agent said of each of its lines, backchannels too, in order."""
    said = about.get("said", ())
    return [list(own) for _, own in groupby(said, key=lambda each: each.get("line"))]


def _lines(about: Any) -> list[_Line]:
    """The agent's lines, backchannels left out."""
    cuts = [
        (int(e["tick"]), found[1])
        for e in about.get("events", ())
        if (found := HEARD_UP_TO.match(e["text"]))
    ]
    lines = []
    groups = _phrases_by_line(about)
    for place, own in enumerate(groups):
        if own[0]["part"] in BACKCHANNELS:
            continue
        first, last = int(own[0]["start_s"] / TICK_S) - 1, int(own[-1]["end_s"] / TICK_S)
        later = groups[place + 1][0]["start_s"] / TICK_S if place + 1 < len(groups) else 1e9
        cut = next((text for tick, text in cuts if first < tick <= later), None)
        text = " ".join(phrase["text"] for phrase in own) if cut is None else cut
        lines.append(_Line(first=max(first, 0), last=last, text=text, cut=cut is not None))
    return lines

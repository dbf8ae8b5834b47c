"""Short chats of questions and answers that a small model must not get wrong: drills.

Law: what a user takes back is not answered; nothing in an answer was not asked. A drill is text alone: it
teaches words, no floor, and stands beside the sessions in training. Equal generators give equal chats.
Source: drill_questions.py for the questions; Shriberg 1994 for how people correct themselves.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from hocket.data.chats import Message
from hocket.data.drill_questions import FAMILIES, Question, Rng, capital, one_of

MOST_QUESTIONS: Final = 4  # in a chat
CORRECTED: Final = 0.3  # of the questions that another thing would fit into
HESITANT: Final = 0.25
UNMARKED: Final = 0.35  # of the turns whose last mark the ears do not hear
OPENED: Final = 0.15
OPENINGS: Final = ("Okay, ", "So, ", "Hey, ", "And ", "Um, ", "Well, ", "Quick question. ", "Now, ")
REPAIRS: Final = (
    "no",
    "no wait",
    "sorry",
    "I mean",
    "no, I mean",
    "sorry, I mean",
    "actually",
    "or rather",
)
RESTARTS: Final = ("No wait, ", "Sorry, ", "No, I mean, ", "Actually, ", "Wait, no. ", "Oh no, ")
FILLERS: Final = ("um", "uh", "er", "you know", "let me think")


def drills(n: int, rng: Rng) -> Iterator[tuple[Message, ...]]:
    """``n`` chats."""
    makers = [make for make, _ in FAMILIES]
    shares = np.array([share for _, share in FAMILIES])
    for _ in range(n):
        messages: list[Message] = []
        for number in rng.choice(len(makers), int(rng.integers(1, MOST_QUESTIONS + 1)), p=shares):
            asked = makers[int(number)](rng)
            messages.append(Message(role="user", text=as_said(asked, rng)))
            messages.append(Message(role="assistant", text=asked.answer, learned=True))
        yield tuple(messages)


def as_said(asked: Question, rng: Rng) -> str:
    """A question as somebody says it, and as ears write it down."""
    text = asked.text
    if asked.others and rng.random() < CORRECTED:
        text = _corrected(asked, rng)
    if rng.random() < HESITANT:
        text = _hesitant(text, rng)
    if rng.random() < OPENED:
        opening = one_of(rng, OPENINGS)
        text = opening + (text if opening.endswith(". ") else _going_on(text))
    text = capital(text)
    return text.rstrip(".?!") if rng.random() < UNMARKED else text


def _corrected(asked: Question, rng: Rng) -> str:
    """Another thing first, then the one that is meant: in mid-sentence, behind it, or all of it again."""
    wrong = one_of(rng, asked.others)
    repair = one_of(rng, REPAIRS)
    again = asked.frame.format(wrong)
    match int(rng.integers(3)):
        case 0:
            return asked.frame.format(f"{wrong}, {repair}, {asked.thing}")
        case 1 if asked.frame.rstrip(".?!").endswith("{}"):
            return f"{again} {capital(repair)}, {asked.thing}."
        case _:
            restart = one_of(rng, RESTARTS)
            return f"{again} {restart}{_going_on(asked.text) if restart.endswith(', ') else asked.text}"


def _going_on(text: str) -> str:
    """The text as it stands within a sentence."""
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def _hesitant(text: str, rng: Rng) -> str:
    words = text.split()
    at = int(rng.integers(1, len(words))) if len(words) > 1 else 0
    filler = one_of(rng, FILLERS)
    before = re.sub(r"[,.?!]$", "", words[at - 1])
    return " ".join([*words[: at - 1], f"{before}, {filler},", *words[at:]]) if at else text

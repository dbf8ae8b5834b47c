"""hocket-135m: SmolLM2-135M-Instruct, taught to answer what the ears hear.

Law: it reads packed sessions as serving would have shown them, and beside them the written texts and
drills without the ears' errors, and drills with them; texts of a split stay in it.
Source: model.md sections 3 and 5.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from hocket.data.addressed import Addressed, balanced, heard, told
from hocket.data.chats import Message, chat
from hocket.data.conversations import NAMES, Conversation, conversations, filled
from hocket.data.dialogues import chosen
from hocket.data.drills import drills
from hocket.data.heard_chats import heard_chat
from hocket.data.heard_drills import read_chats
from hocket.data.pack import Packs, SessionTicks
from hocket.data.splits import Split
from hocket.engine.answers import DEFAULT_INSTRUCTIONS
from hocket.model.chat import ChatTemplate
from hocket.recipes.engines import BRAIN
from hocket.training.config import LanguageConfig
from hocket.training.language import Chat, Texts, addressed_chat, chat_of
from hocket.training.provenance import data_hash

HOCKET_135M: Final = LanguageConfig(
    name="hocket-135m", base=BRAIN, rank=8, peak_rate=1e-3, weight_decay=0.0, warmup_steps=20
)
LANGUAGE: Final[Mapping[str, LanguageConfig]] = {HOCKET_135M.name: HOCKET_135M}
MOST_TASKS: Final = 1_000
DRILLS: Final = 1_200  # chats, 100,000 tokens
MOST_CHECKED, MOST_ASKED = 24, 200  # in a validation: it costs as much as learning does
SEED: Final = 0  # of which words fill the slots of written texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Files that are read beside packs: task dialogues, drills as the ears hear them."""

    dialogues: Path | None = None
    heard_drills: Path | None = None


NOTHING: Final = Beside()


def texts(
    tokenizer: Tokenizer,
    data: Sequence[Path],
    validation: Path,
    *,
    packed: Tokenizer,
    beside: Beside = NOTHING,
) -> Texts:
    """Chats of packs and of what was written for their split. ``packed``: whose ids the packs hold.

    Raises:
        BadInput: a pack is none, or what is read beside cannot be read.
    """
    template = ChatTemplate(tokenizer)
    written = list(_written(Split.TRAIN, beside.dialogues))
    learned = [*_heard(data, template, packed), *(chat_of(m, template, i) for m, i in written)]
    rng = np.random.default_rng(SEED)
    drilled = list(drills(DRILLS, rng))
    if beside.heard_drills:
        drilled += read_chats(beside.heard_drills)
    learned += [chat_of(each, template, DEFAULT_INSTRUCTIONS) for each in drilled]
    across = [*_heard_across(data, packed), *_told_across(rng)]
    learned += [addressed_chat(one, template) for one in balanced(across, rng)]
    asked = [
        addressed_chat(one, template)
        for one in balanced(list(_heard_across([validation], packed)), rng)[:MOST_ASKED]
    ]
    return Texts(
        learned=[each for each in learned if each.teaches],
        checked=list(_heard([validation], template, packed))[:MOST_CHECKED],
        asked=asked,
        data="+".join(
            [
                *(data_hash(folder) for folder in data),
                f"{len(written)} texts",
                f"{len(drilled)} drills",
            ]
        ),
        validation=data_hash(validation),
    )


def instructions_of(persona: str) -> str:
    """What stands in front of a chat, in training as in serving."""
    return f"{DEFAULT_INSTRUCTIONS} {persona}".strip()


def _heard(packs: Sequence[Path], template: ChatTemplate, packed: Tokenizer) -> Iterator[Chat]:
    for session in _conversing(packs):
        messages = heard_chat(session, packed.decode)
        yield chat_of(messages, template, instructions_of(session.about.get("persona", "")))


def _heard_across(packs: Sequence[Path], packed: Tokenizer) -> Iterator[Addressed]:
    for session in _conversing(packs):
        yield from heard(session, packed.decode)


def _conversing(packs: Sequence[Path]) -> Iterator[SessionTicks]:
    """Sessions of written conversations: elsewhere the agent answers anything with anything."""
    return (session for session in Packs(packs) if session.about.get("conversation"))


def _told_across(rng: np.random.Generator) -> Iterator[Addressed]:
    for name in NAMES:
        for one in conversations(name):
            if one.split is Split.TRAIN:
                yield from told(filled(one, rng), rng)


def _written(split: Split, dialogues: Path | None) -> Iterator[tuple[tuple[Message, ...], str]]:
    tasks = chosen(dialogues, MOST_TASKS, seed=0, disfluent=True) if dialogues else []
    every: list[Conversation] = [*tasks, *(one for name in NAMES for one in conversations(name))]
    rng = np.random.default_rng(SEED)
    for conversation in every:
        if conversation.split is split:
            yield chat(filled(conversation, rng)), instructions_of(conversation.persona)

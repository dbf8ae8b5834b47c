"""Task dialogues as conversations: written exchanges made into what two people could say aloud.

Law: a user says what is written, in words that can be spoken; the agent says the part that carries the
content, in phrases short enough for the voice. A line that no rule makes good ends the piece before it,
and a piece too short makes no conversation: there are more dialogues than are needed. Same dialogue,
same seed, same conversation.
Source: Schema-Guided Dialogue (CC BY-SA 4.0) and Taskmaster-4 (CC BY 4.0), one JSON object a line: ``id``,
``services``, ``turns`` of ``[speaker, text]`` with the speaker ``u`` or ``s``.
"""

import gzip
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from hocket.core.errors import BadInput
from hocket.data.agent_style import agent_line
from hocket.data.conversations import Conversation, Kind, Line
from hocket.data.disfluencies import with_disfluencies
from hocket.data.spoken_text import plain, sentences_of, spoken
from hocket.protocol.modes import Mode

MIN_TURNS: Final = 4
MAX_TURNS: Final = (6, 8, 10)  # one of them, by the dialogue's id
MAX_USER_WORDS: Final = 40
SLIP_BELOW: Final = 3  # a word that fewer dialogues hold is held for a slip of the keyboard
COFFEE: Final = "Coffee"  # what Taskmaster-4 is about; it names no service


class Dialogue(BaseModel):
    """A dialogue as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    services: tuple[str, ...]
    turns: tuple[tuple[Literal["u", "s"], str], ...]

    @property
    def service(self) -> str:
        """What it is about first, without the number of the service's variant."""
        return next((name.split("_")[0] for name in self.services if name), COFFEE)


def read(path: Path) -> Iterator[Dialogue]:
    """All dialogues of a file, in order.

    Raises:
        BadInput: the file cannot be read, or a line of it is no dialogue; the line is named.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                yield _dialogue(line, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: expected gzipped lines of JSON, got: {error}") from error


def _dialogue(line: str, at: str) -> Dialogue:
    try:
        return Dialogue.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{at}: expected a dialogue, got {where}: {first['msg']}") from error


def chosen(path: Path, n: int, seed: int, *, disfluent: bool = False) -> list[Conversation]:
    """``n`` conversations, the services in turn, no two with the same opening; fewer if there are fewer.

    Raises:
        BadInput: the file cannot be read.
    """
    rng = np.random.default_rng(seed)
    dialogues = list(read(path))
    known = _known_words(dialogues)
    by_service: dict[str, list[Dialogue]] = defaultdict(list)
    for place in rng.permutation(len(dialogues)):
        by_service[dialogues[place].service].append(dialogues[place])
    order = [by_service[name] for name in sorted(by_service)]
    found: list[Conversation] = []
    openings: set[str] = set()
    made = (_made_from(ones, known, openings, disfluent, seed) for ones in order)
    for row in zip_longest(*made):
        found += [one for one in row if one is not None]
        if len(found) >= n:
            break
    return found[:n]


def _known_words(dialogues: Iterable[Dialogue]) -> Counter[str]:
    """How many dialogues hold each word in lower case."""
    return Counter(
        word
        for one in dialogues
        for word in set(_LOWER.findall(" ".join(text for _, text in one.turns)))
    )


def _made_from(
    dialogues: Sequence[Dialogue],
    known: Counter[str],
    openings: set[str],
    disfluent: bool,
    seed: int,
) -> Iterator[Conversation]:
    for dialogue in dialogues:
        plain = as_conversation(dialogue)
        if plain is None or plain.lines[0].text in openings:
            continue
        words = _LOWER.findall(" ".join(line.text for line in plain.lines))
        if any(0 < known[word] < SLIP_BELOW for word in words):
            continue
        openings.add(plain.lines[0].text)
        yield with_disfluencies(plain, seed) if disfluent else plain


_LOWER: Final = re.compile(r"(?<![\w'])[a-z]{2,}(?![\w'])")


# --- the piece ----------------------------------------------------------------------------------


def as_conversation(
    dialogue: Dialogue, *, disfluent: bool = False, seed: int = 0
) -> Conversation | None:
    """The beginning of a dialogue in spoken style, or None where no rule makes it good.

    With ``disfluent`` the user hesitates in some lines; ``seed`` and the id say in which.
    """
    name = re.sub(r"[^a-z0-9]+", "-", dialogue.id.lower()).replace("tm4-dlg-", "tm-")
    number = int.from_bytes(hashlib.sha256(dialogue.id.encode()).digest()[:8], "big")
    lines = _lines(dialogue, MAX_TURNS[number % len(MAX_TURNS)])
    ends = [
        n for n, line in enumerate(lines, start=1) if line.kind is Kind.AGENT and n >= MIN_TURNS
    ]
    told = [n for n in ends if not lines[n - 1].text.endswith("?")]
    if not ends or not _stands_alone(lines[0].text):
        return None
    conversation = Conversation(id=name, lines=tuple(lines[: max(told or ends)]))
    return with_disfluencies(conversation, seed) if disfluent else conversation


def _lines(dialogue: Dialogue, n: int) -> list[Line]:
    """Up to ``n`` lines in turn, from a user's on, up to the first that cannot be made."""
    found: list[Line] = []
    for speaker, turns in groupby(dialogue.turns, key=lambda turn: turn[0]):
        text = " ".join(text for _, text in turns)
        if not found and speaker == "s":
            continue
        key = f"{dialogue.id}/{len(found)}"
        asked = found[-1].text if found else ""
        line = _user_line(text) if speaker == "u" else agent_line(text, key, asked)
        if line is None or len(found) == n:
            break
        found.append(line)
    return found


def _stands_alone(text: str) -> bool:
    return len(text.split()) >= 3 and not _LEANS_BACK.match(text)


_LEANS_BACK: Final = re.compile(r"(yes|no|yeah|it|that|they|thanks?|also|and|but)\b", re.IGNORECASE)


def _user_line(text: str) -> Line | None:
    written = plain(text)
    said = written and spoken(" ".join(sentences_of(written)))
    if not said or len(said.split()) > MAX_USER_WORDS or _SEES.search(said):
        return None
    return Line(kind=Kind.USER, text=said)


_SEES: Final = re.compile(r"\b(screen|display\w*|menu|in front of me)\b", re.IGNORECASE)


# --- as text ------------------------------------------------------------------------------------


def as_text(conversation: Conversation) -> str:
    """The block that ``conversations.parsed`` reads back as the same conversation.

    Raises:
        BadInput: it holds more than plain lines of the two speakers.
    """
    head = [f"== {conversation.id}"]
    if conversation.mode is not Mode.RESPONSIVE:
        head.append(f"mode={conversation.mode}")
    if switches := [*sorted(conversation.on), *(f"-{name}" for name in sorted(conversation.off))]:
        head.append(f"switches={','.join(switches)}")
    if conversation.persona:
        head.append(f'persona="{conversation.persona}"')
    return "\n".join([" ".join(head), *(_as_text(line) for line in conversation.lines)]) + "\n"


def _as_text(line: Line) -> str:
    if line.kind is Kind.USER and not line.cue:
        return f"{line.kind}: {line.text}"
    if line.kind is Kind.AGENT and line.cut_after is None and not line.places:
        return f"{line.kind}: {' | '.join(line.phrases)}"
    raise BadInput(f"expected plain lines of U and A, got {line.kind}: {line.text!r}")

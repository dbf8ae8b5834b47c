"""What made users say: finished turns with places to hesitate, and what is said across the agent.

Law: a turn ends where its text ends; a hesitation ("…") stands inside a phrase that goes on, never
between two finished sentences, so the prosody before it is that of a pause. Same seed, same texts.
Source: material/*.txt, written for this; and, by a path, users' lines of task dialogues
(Schema-Guided Dialogue, CC BY-SA 4.0; Taskmaster-4, CC BY 4.0), into which hesitations are put by
rule where people make them: before the word that has to be found.
"""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

from hocket.core.errors import BadInput

HESITATION: Final = "…"


class Kind(StrEnum):
    """What an utterance is for."""

    TURN = "turn"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    TIC = "tic"
    SIDE = "side"


FILES: Final = {
    Kind.TURN: "turns.txt",
    Kind.INTERRUPTION: "interruptions.txt",
    Kind.BACKCHANNEL: "backchannels.txt",
    Kind.TIC: "tics.txt",
    Kind.SIDE: "sides.txt",
}
# A speaker stops after these to find what comes next.
_LINK_WORDS: Final = (
    "a an the for to at on in from with about of is are was like need want that and or but than "
    "called around near between my some by because if"
)
_BEFORE_THE_SOUGHT: Final = frozenset(_LINK_WORDS.split())
_HELD_OUT_EVERY: Final = 5  # of these one template, or line of dialogue, is for held-out voices
_CLOSED: Final = frozenset({Kind.BACKCHANNEL, Kind.TIC})  # there are no others to hold out
_FILLERS: Final = (
    HESITATION,
    HESITATION,
    f"{HESITATION} um {HESITATION}",
    f"{HESITATION} uh {HESITATION}",
)
_SLOT: Final = re.compile(r"\{(\w+)\}")
_ONE_SENTENCE: Final = re.compile(r"^[A-Z][^.?!:;()\[\]/\"#*…]*[.?!]$")
MIN_WORDS, MAX_WORDS = 4, 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text to be said."""

    kind: Kind
    text: str


def lines(
    kind: Kind, n: int, *, seed: int, held_out: bool = False, dialogues: Path | None = None
) -> list[Line]:
    """``n`` texts of a kind; every template comes once before any comes twice.

    What ``held_out`` voices say no other voice says, backchannels and tics aside. With
    ``dialogues`` 40 % of the turns are users' lines from that file.

    Raises:
        BadInput: the file of dialogues cannot be read.
    """
    rng = np.random.default_rng((seed, list(Kind).index(kind), held_out))
    written = material(FILES[kind])
    templates = written if kind in _CLOSED else _side(written, held_out)
    said = [_filled(templates[i], rng) for i in _dealt(len(templates), n, rng)]
    if dialogues is not None and kind is Kind.TURN:
        spoken = _side(user_lines(dialogues), held_out)
        chosen = rng.choice(len(spoken), round(0.4 * n), replace=False)
        places = rng.choice(n, len(chosen), replace=False)
        for place, index in zip(places, chosen, strict=True):
            said[place] = hesitant(spoken[index], rng) if rng.random() < 0.6 else spoken[index]
    return [Line(kind=kind, text=text) for text in said]


def of_training(kind: Kind) -> tuple[str, ...]:
    """What voices of training say of a kind, as written."""
    written = material(FILES[kind])
    return written if kind in _CLOSED else _side(written, held_out=False)


def _side(texts: Sequence[str], held_out: bool) -> tuple[str, ...]:
    """Those of the texts that are for held-out voices, or the others."""
    return tuple(t for i, t in enumerate(texts) if (i % _HELD_OUT_EVERY == 2) is held_out)


def hesitant(text: str, rng: np.random.Generator) -> str:
    """The text with one hesitation, where it has a place for one."""
    words = text.split()
    places = [
        i + 1
        for i, word in enumerate(words[:-1])
        if i and word.lower() in _BEFORE_THE_SOUGHT
    ]  # fmt: skip
    if not places:
        return text
    at = int(rng.choice(places))
    filler = _FILLERS[int(rng.integers(len(_FILLERS)))]
    return " ".join([*words[:at], filler, *words[at:]])


@lru_cache(maxsize=8)
def material(name: str) -> tuple[str, ...]:
    """The lines of a file of the material, comments left out."""
    text = (resources.files("hocket.data") / "material" / name).read_text(encoding="utf-8")
    return tuple(s for line in text.splitlines() if (s := line.strip()) and not s.startswith("#"))


@lru_cache(maxsize=2)
def user_lines(dialogues: Path) -> tuple[str, ...]:
    """Users' lines of one sentence and 4 to 22 words, each once, sorted."""
    try:
        with gzip.open(dialogues, "rt", encoding="utf-8") as stream:
            found = {text for line in stream for text in _users(json.loads(line))}
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"expected dialogues in {dialogues}, got: {error}") from error
    return tuple(sorted(found))


def _users(dialogue: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    for speaker, text in dialogue["turns"]:
        fits = MIN_WORDS <= len(text.split()) <= MAX_WORDS
        if speaker == "u" and fits and _ONE_SENTENCE.match(text) and text.isascii():
            yield text


def _filled(template: str, rng: np.random.Generator) -> str:
    """A template with its slots filled, no slot twice with the same."""
    slots = _slots()
    used: set[str] = set()

    def choice(found: re.Match[str]) -> str:
        left = [c for c in slots[found[1]] if c not in used]
        chosen = left[int(rng.integers(len(left)))]
        used.add(chosen)
        return chosen

    text = _SLOT.sub(choice, template)
    return text[0].upper() + text[1:]


@lru_cache(maxsize=1)
def _slots() -> dict[str, list[str]]:
    split = (line.split(": ", 1) for line in material("slots.txt"))
    return {name: [choice.strip() for choice in choices.split("|")] for name, choices in split}


def _dealt(n_templates: int, n: int, rng: np.random.Generator) -> list[int]:
    rounds = [rng.permutation(n_templates) for _ in range(-(-n // n_templates))]
    return [int(i) for i in np.concatenate(rounds)[:n]] if n else []

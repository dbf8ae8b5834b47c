"""Written conversations: what a user and the agent say to each other, line by line.

Law: a file is blocks parted by blank lines; a block is a head, ``== id [mode=M] [switches=a,-b]
[persona="..."]``, and lines ``MARK: text`` in the order in which they happen. Whatever is not told
here is refused, with its file and line; ``#`` begins a comment. Same files, same conversations.

- ``U:`` the user's turn. Where no ``A:`` is behind it, the agent is to be silent after it; behind a
  conversation's last line nothing is known. ``…`` stands where the speaker stops to think, inside a
  phrase that goes on.
- ``N:`` and ``U+`` the agent's backchannel into the turn, and the same turn going on behind it. It also
  goes on behind an ``R:`` or ``E:`` that comes in its midst.
- ``C:`` what the agent says at once at the ``[cue]`` of the piece of the turn before it. That piece may
  go on behind the cue meanwhile; then comes ``U+``, or the turn ends.
- ``A:`` the agent's line, all that it would say, its phrases parted by ``|``, by ``|!`` or by ``|~``.
- ``I(kind):`` the user breaks in about where ``|!`` stands in the line before (question, stop,
  correction, disagreement); what is behind ``|!`` is not said.
- ``B:`` and ``S:`` the user's backchannel, or talk to somebody else, at the line's next ``|~``; the line
  goes on. ``S:`` elsewhere is talk that the agent leaves alone.
- ``D:`` and ``R:`` a job handed over, with the line behind it; its result, told by an event.
- ``X:`` and ``R(stale):`` the oldest open job is cancelled; its result came nevertheless, or is wanted
  no more, and is not voiced.
- ``T:`` ``set 10s "label"``, ``every 4s "label"``, ``clear "label"``, or ``clear`` for all of them.
- ``E:`` ``timer fired "label"``, when it is due; what stands between is said meanwhile.
- ``P:`` typed by the user.
- ``V:`` slower, faster or usual: how fast the agent speaks from its next line on.
- ``W:`` ``12s`` of silence between the lines around it, from the last sound on.

A switch that the head does not name is as the conversation needs it; one written ``-name`` is off, and
then its lines are refused, as are ``N`` and ``C`` in reserved mode. ``{slot}`` is a name of
material/slots.txt and is filled alike in the whole conversation; ``{slot2}`` is another choice from the
same list. Numbers are written in words, but for ``R``, ``P``, ``T``, ``E`` and ``W``.
Source: material/conversations/*.txt, written for this; model.md §3 has what each behaviour is for.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np

from hocket.core.errors import BadInput
from hocket.data.splits import Split
from hocket.data.texts import HESITATION, material
from hocket.engine.commands import PACES
from hocket.protocol.modes import Mode

NAMES: Final = (
    "everyday",
    "questions",
    "recall",
    "hesitant",
    "interruptions",
    "corrections",
    "unbothered",
    "stories",
    "timers",
    "cues",
    "lookups",
    "edges",
)
MAX_FIRST_WORDS: Final = 8  # the onset's phrase: model.md §2
MAX_WORDS: Final = 10  # of a phrase, one breath
INTERRUPTIONS: Final = ("question", "stop", "correction", "disagreement")
SWITCHES: Final = ("backchannel", "interject", "timers", "camera", "delegation", "tools")
_VALIDATION_EVERY: Final = 10


class Kind(StrEnum):
    """What a line is; the values are the marks."""

    USER = "U"
    MORE = "U+"
    AGENT = "A"
    NOD = "N"
    CUED = "C"
    INTERRUPTION = "I"
    BACKCHANNEL = "B"
    SIDE = "S"
    DELEGATION = "D"
    RESULT = "R"
    CANCEL = "X"
    TIMER = "T"
    EVENT = "E"
    TYPED = "P"
    SILENCE = "W"
    PACE = "V"


# What the agent does beside speaking, as the engine's commands call it.
ACTS: Final = {
    Kind.TIMER: "timer",
    Kind.DELEGATION: "delegate",
    Kind.CANCEL: "cancel",
    Kind.PACE: "pace",
}
TURNS: Final = frozenset({Kind.USER, Kind.AGENT, Kind.INTERRUPTION, Kind.TYPED})
_IN_TURN: Final = frozenset({Kind.USER, Kind.MORE})
_INTO_TURN: Final = frozenset({Kind.NOD, Kind.CUED})
_MID_LINE: Final = frozenset({Kind.BACKCHANNEL, Kind.SIDE})
_TOLD: Final = frozenset({Kind.RESULT, Kind.EVENT})  # come when they come, in mid-turn too
_SPOKEN: Final = frozenset(set(Kind) - set("TERPWDXV"))
# Each mark's line has to stand right behind one of these; the others may stand anywhere.
_BEHIND: Final = {
    Kind.MORE: _INTO_TURN | _TOLD,
    Kind.NOD: _IN_TURN,
    Kind.CUED: _IN_TURN,
    Kind.INTERRUPTION: _MID_LINE | {Kind.AGENT},
    Kind.BACKCHANNEL: _MID_LINE | {Kind.AGENT},
}
_NEEDS: Final = {
    Kind.NOD: "backchannel",
    Kind.CUED: "interject",
    Kind.TIMER: "timers",
    Kind.DELEGATION: "delegation",
}
_HEAD: Final = re.compile(r'^== ([a-z0-9-]+)((?: (?:mode|switches)=\S+| persona="[^"]+")*)$')
_OPTION: Final = re.compile(r'(\w+)=(?:"([^"]+)"|(\S+))')
_LINE: Final = re.compile(r"^(?:(U\+)|([A-Z])(?:\((\w+)\))?:) (.+)$")
_MARK: Final = re.compile(r"\s*\|([!~]?)\s*")
_SLOT: Final = re.compile(r"\{(\w+?)([2-9]?)\}")
_CUE: Final = re.compile(r"\[([^\[\]]+)\]")
_TIMER: Final = re.compile(r'^(set|every) (\d+(?:\.\d+)?)s "([^"]+)"$')
_CLEAR: Final = re.compile(r'^clear(?: "([^"]+)")?$')
_FIRED: Final = re.compile(r'^timer fired "([^"]+)"$')
_SILENCE: Final = re.compile(r"^(\d+(?:\.\d+)?)s$")
_NOT_SAID: Final = re.compile(r"[^\w ,.?!'…-]|[\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. Which fields hold something depends on its kind."""

    kind: Kind
    text: str  # what is said, typed, asked for or told; marks and cue brackets left out
    tag: str = ""  # of I its kind; of R ``stale``; of T ``set``, ``every`` or ``clear``
    phrases: tuple[str, ...] = ()  # of A
    cut_after: int | None = None  # of A: the user breaks in behind so many phrases
    places: tuple[int, ...] = ()  # of A: B and S sound behind so many phrases each
    cue: str = ""  # of U and U+: the words that C answers
    cue_start: int = 0  # where in the text they begin
    label: str = ""  # of T and E; empty where all timers are cleared
    seconds: float = 0.0  # of T and W


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation, as written."""

    id: str
    lines: tuple[Line, ...]
    mode: Mode = Mode.RESPONSIVE
    on: frozenset[str] = frozenset()  # switches that the head turns on
    off: frozenset[str] = frozenset()
    persona: str = ""

    @property
    def split(self) -> Split:
        """Every tenth is for validation, by the hash of its id."""
        number = int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:8], "big")
        return Split.TRAIN if number % _VALIDATION_EVERY else Split.VALIDATION

    @property
    def needs(self) -> frozenset[str]:
        """The switches that its lines use, named in the head or not."""
        return frozenset(_NEEDS[line.kind] for line in self.lines if line.kind in _NEEDS)

    @property
    def n_turns(self) -> int:
        """How often one of the two took the floor, or typed."""
        return sum(line.kind in TURNS for line in self.lines)


@lru_cache(maxsize=len(NAMES))
def conversations(name: str) -> tuple[Conversation, ...]:
    """All conversations of ``material/conversations/<name>.txt``, in order.

    Raises:
        BadInput: there is no such file, or a line of it breaks the law.
    """
    if name not in NAMES:
        raise BadInput(f"expected one of {', '.join(NAMES)}, got {name!r}")
    folder = resources.files("hocket.data") / "material" / "conversations"
    return parsed((folder / f"{name}.txt").read_text(encoding="utf-8"), f"{name}.txt")


def parsed(text: str, file: str) -> tuple[Conversation, ...]:
    """All conversations of a text; ``file`` is what complaints call it.

    Raises:
        BadInput: a line breaks the law.
    """
    found: list[Conversation] = []
    draft: _Draft | None = None
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        at = f"{file}:{number}"
        if line.startswith("== "):
            if draft is not None:
                raise BadInput(f"{at}: expected a blank line before a head, got {line!r}")
            draft = _head(line, at)
        elif not line.strip() and draft is not None:
            found.append(draft.finished(at))
            draft = None
        elif line.strip() and not line.startswith("#"):
            if draft is None:
                raise BadInput(f"{at}: expected a head, == id, got {line!r}")
            draft.add(_line(line, at), at)
    _all_differ([one.id for one in found], file)
    return tuple(found)


def _all_differ(ids: list[str], file: str) -> None:
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise BadInput(f"{file}: expected ids that differ, got {one!r} twice")


def _head(line: str, at: str) -> "_Draft":
    found = _HEAD.match(line)
    if not found:
        raise BadInput(f"{at}: expected == id mode=… switches=… persona=…, got {line!r}")
    options = {name: quoted or bare for name, quoted, bare in _OPTION.findall(found[2])}
    named = [name for name in options.get("switches", "").split(",") if name]
    unknown = [name for name in named if name.removeprefix("-") not in SWITCHES]
    if unknown or options.get("mode", "responsive") not in set(Mode):
        raise BadInput(f"{at}: expected a known mode and switches, got {line!r}")
    return _Draft(
        Conversation(
            id=found[1],
            lines=(),
            mode=Mode(options.get("mode", "responsive")),
            on=frozenset(name for name in named if not name.startswith("-")),
            off=frozenset(name[1:] for name in named if name.startswith("-")),
            persona=options.get("persona", ""),
        )
    )


# --- one line ---------------------------------------------------------------------------------


def _line(line: str, at: str) -> Line:
    found = _LINE.match(line)
    mark = (found[1] or found[2]) if found else ""
    if not found or mark not in set(Kind):
        raise BadInput(f"{at}: expected a mark of {', '.join(Kind)}, got {line!r}")
    kind, tag, text = Kind(mark), found[3] or "", found[4].strip()
    if tag not in _TAGS.get(kind, ("",)):
        raise BadInput(f"{at}: expected {kind} of {_TAGS.get(kind, ())}, got {tag!r}")
    _check_slots(text, at)
    if kind in _SPOKEN:
        _check_speech(kind, text, at)
    reader = _READERS.get(kind)
    return reader(kind, text, at) if reader else Line(kind=kind, text=text, tag=tag)


_TAGS: Final = {Kind.INTERRUPTION: INTERRUPTIONS, Kind.RESULT: ("", "stale")}


def _check_slots(text: str, at: str) -> None:
    for slot in _SLOT.finditer(text):
        if _list_of(slot) not in _choices():
            raise BadInput(f"{at}: expected a slot of slots.txt, got {slot[0]!r}")


def _check_speech(kind: Kind, text: str, at: str) -> None:
    bare = _SLOT.sub("slot", text)
    bare = _MARK.sub(" ", bare) if kind is Kind.AGENT else bare
    bare = _CUE.sub(r"\1", bare) if kind in _IN_TURN else bare
    wrong = _NOT_SAID.search(bare)
    if wrong:
        raise BadInput(f"{at}: expected words that can be said, got {wrong[0]!r}")
    pieces = [piece.strip() for piece in bare.split(HESITATION)]
    if len(pieces) > 1 and (kind not in _IN_TURN or not all(pieces)):
        raise BadInput(f"{at}: expected … inside a user's turn, with words around it, got {text!r}")
    if any(piece[-1] in ".?!" for piece in pieces[:-1]):
        raise BadInput(f"{at}: expected … inside a phrase, not behind a sentence, got {text!r}")


def _user(kind: Kind, text: str, at: str) -> Line:
    cues = list(_CUE.finditer(text))
    if len(cues) > 1:
        raise BadInput(f"{at}: expected one [cue] at most before its C, got {text!r}")
    if not cues:
        return Line(kind=kind, text=text)
    return Line(kind=kind, text=_CUE.sub(r"\1", text), cue=cues[0][1], cue_start=cues[0].start())


def _agent(kind: Kind, text: str, at: str) -> Line:
    pieces = _MARK.split(text)
    phrases, marks = tuple(pieces[::2]), pieces[1::2]
    limits = [MAX_FIRST_WORDS] + [MAX_WORDS] * (len(phrases) - 1)
    for phrase, limit in zip(phrases, limits, strict=True):
        if not 1 <= len(phrase.split()) <= limit:
            raise BadInput(f"{at}: expected a phrase of 1 to {limit} words, got {phrase!r}")
    if text[-1] not in ".?!":
        raise BadInput(f"{at}: expected a line that ends as a sentence, got {text!r}")
    if marks.count("!") > 1:
        raise BadInput(f"{at}: expected one |! at most, got {text!r}")
    return Line(
        kind=kind,
        text=" ".join(phrases),
        phrases=phrases,
        cut_after=marks.index("!") + 1 if "!" in marks else None,
        places=tuple(n for n, mark in enumerate(marks, start=1) if mark == "~"),
    )


def _timer(kind: Kind, text: str, at: str) -> Line:
    if found := _TIMER.match(text):
        return Line(kind=kind, text=text, tag=found[1], label=found[3], seconds=float(found[2]))
    if found := _CLEAR.match(text):
        return Line(kind=kind, text=text, tag="clear", label=found[1] or "")
    raise BadInput(f'{at}: expected set 10s "…", every 4s "…" or clear, got {text!r}')


def _event(kind: Kind, text: str, at: str) -> Line:
    if found := _FIRED.match(text):
        return Line(kind=kind, text=text, label=found[1])
    raise BadInput(f'{at}: expected timer fired "…", got {text!r}')


def _silence(kind: Kind, text: str, at: str) -> Line:
    if found := _SILENCE.match(text):
        return Line(kind=kind, text="", seconds=float(found[1]))
    raise BadInput(f"{at}: expected seconds, as in 12s, got {text!r}")


def _pace(kind: Kind, text: str, at: str) -> Line:
    if text not in PACES:
        raise BadInput(f"{at}: expected {' or '.join(PACES)}, got {text!r}")
    return Line(kind=kind, text=text)


_READERS: Final[dict[Kind, Callable[[Kind, str, str], Line]]] = {
    Kind.USER: _user,
    Kind.MORE: _user,
    Kind.AGENT: _agent,
    Kind.TIMER: _timer,
    Kind.EVENT: _event,
    Kind.SILENCE: _silence,
    Kind.PACE: _pace,
}


# --- what may stand behind what ---------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A conversation in the making, and what its next line has to reckon with."""

    head: Conversation
    lines: list[Line] = field(default_factory=list)
    open_places: int = 0  # of the agent's line: B and S that have to come
    open_cut: bool = False  # of the agent's line: I has to come
    open_turn: bool = False  # the user's turn may go on
    open_nod: bool = False  # it has to
    jobs: int = 0
    cancelled_jobs: int = 0
    timers: dict[str, str] = field(default_factory=dict)  # label: set or every

    def add(self, line: Line, at: str) -> None:
        """Take a line, if it may stand here."""
        self._check_order(line, at)
        self._check_leave(line, at)
        if line.kind is Kind.AGENT:
            self.open_places, self.open_cut = len(line.places), line.cut_after is not None
        elif line.kind in _MID_LINE and self.open_places:
            self.open_places -= 1
        elif line.kind is Kind.INTERRUPTION:
            self.open_cut = False
        self.open_nod = line.kind is Kind.NOD or (self.open_nod and line.kind in _TOLD)
        if line.kind not in _TOLD:
            self.open_turn = line.kind in _IN_TURN | _INTO_TURN
        self._keep_jobs(line, at)
        self._keep_timers(line, at)
        self.lines.append(line)

    def finished(self, at: str) -> Conversation:
        """The conversation, if nothing is missing."""
        if not self.lines:
            raise BadInput(f"{at}: expected lines behind == {self.head.id}, got none")
        self._check_loose_ends(self.lines[-1], None, at)
        if self.jobs:
            raise BadInput(f"{at}: expected R or X for every D, got {self.jobs} open")
        return replace(self.head, lines=tuple(self.lines))

    def _check_order(self, line: Line, at: str) -> None:
        last = self.lines[-1] if self.lines else None
        behind = _BEHIND.get(line.kind)
        if behind is not None and (last is None or last.kind not in behind):
            where = f"behind {last.kind}" if last else "first"
            raise BadInput(f"{at}: expected {line.kind} behind {_listed(behind)}, got it {where}")
        if last is not None:
            self._check_loose_ends(last, line, at)
        if line.kind is Kind.MORE and not self.open_turn:
            raise BadInput(f"{at}: expected U+ inside a user's turn, got it outside")
        if line.kind is Kind.CUED and not (last and last.cue):
            raise BadInput(f"{at}: expected a [cue] in the line before C, got none")
        if line.kind is Kind.BACKCHANNEL and not self.open_places:
            raise BadInput(f"{at}: expected a |~ in the line before B, got none")
        if line.kind is Kind.INTERRUPTION and not self.open_cut:
            raise BadInput(f"{at}: expected a |! in the line before I, got none")

    def _check_loose_ends(self, last: Line, line: Line | None, at: str) -> None:
        kind = line.kind if line else None
        if self.open_places and kind not in _MID_LINE:
            raise BadInput(f"{at}: expected B or S for every |~, got {self.open_places} too few")
        if self.open_cut and not self.open_places and kind is not Kind.INTERRUPTION:
            raise BadInput(f"{at}: expected I behind a line with |!, got {kind or 'the end'}")
        if self.open_nod and kind is not Kind.MORE and kind not in _TOLD:
            raise BadInput(f"{at}: expected U+ behind N, got {kind or 'the end'}")
        if last.cue and kind is not Kind.CUED:
            raise BadInput(f"{at}: expected C behind a [cue], got {kind or 'the end'}")

    def _check_leave(self, line: Line, at: str) -> None:
        switch = _NEEDS.get(line.kind)
        if switch in self.head.off:
            raise BadInput(f"{at}: expected no {line.kind} where {switch} is off")
        if self.head.mode is Mode.RESERVED and line.kind in _INTO_TURN:
            raise BadInput(f"{at}: expected no {line.kind} in reserved mode")

    def _keep_jobs(self, line: Line, at: str) -> None:
        stale = line.kind is Kind.RESULT and line.tag == "stale"
        if line.kind is Kind.DELEGATION:
            self.jobs += 1
        elif stale and self.cancelled_jobs:
            self.cancelled_jobs -= 1
        elif line.kind in (Kind.RESULT, Kind.CANCEL):
            if not self.jobs:
                raise BadInput(f"{at}: expected {line.kind} to follow a D, got no open job")
            self.jobs -= 1
            self.cancelled_jobs += line.kind is Kind.CANCEL

    def _keep_timers(self, line: Line, at: str) -> None:
        if line.kind is Kind.TIMER and line.tag != "clear":
            self.timers[line.label] = line.tag
        elif line.kind is Kind.TIMER or line.kind is Kind.EVENT:
            runs = line.label in self.timers if line.label else bool(self.timers)
            if not runs:
                raise BadInput(f"{at}: expected a timer that runs, got {line.text!r}")
            self._drop_timer(line)

    def _drop_timer(self, line: Line) -> None:
        if not line.label:
            self.timers.clear()
        elif line.kind is Kind.TIMER or self.timers[line.label] == "set":
            del self.timers[line.label]


def _listed(kinds: frozenset[Kind]) -> str:
    return " or ".join(sorted(kinds))


# --- slots ------------------------------------------------------------------------------------


def filled(conversation: Conversation, rng: np.random.Generator) -> Conversation:
    """The conversation with a choice for each of its slots, the same wherever the slot stands."""
    texts = [text for line in conversation.lines for text in (line.text, *line.phrases)]
    slots = {slot[0]: _list_of(slot) for text in texts for slot in _SLOT.finditer(text)}
    chosen: dict[str, str] = {}
    for slot, name in sorted(slots.items()):
        left = [choice for choice in _choices()[name] if choice not in chosen.values()]
        chosen[slot] = left[int(rng.integers(len(left)))]
    return replace(conversation, lines=tuple(_filled(line, chosen) for line in conversation.lines))


def _filled(line: Line, chosen: dict[str, str]) -> Line:
    if not line.phrases:
        return replace(
            line,
            text=_put(line.text, chosen),
            cue=_put(line.cue, chosen, begins=False),
            cue_start=len(_put(line.text[: line.cue_start], chosen)),
            label=_put(line.label, chosen, begins=False),
        )
    whole = [_put(phrase, chosen) for phrase in line.phrases]
    heads = [True, *(phrase[-1] in ".?!" for phrase in whole)]
    phrases = tuple(
        phrase if begins else _put(raw, chosen, begins=False)
        for phrase, raw, begins in zip(whole, line.phrases, heads[:-1], strict=True)
    )
    return replace(line, text=" ".join(phrases), phrases=phrases)


def _put(text: str, chosen: dict[str, str], *, begins: bool = True) -> str:
    """The text with its slots filled; a sentence that begins with one begins in upper case."""

    def choice(found: re.Match[str]) -> str:
        said = chosen[found[0]]
        before = text[: found.start()].rstrip()
        upper = before[-1] in ".?!" if before else begins
        return said[0].upper() + said[1:] if upper else said

    return _SLOT.sub(choice, text)


def _list_of(slot: re.Match[str]) -> str:
    """The list that a slot chooses from: its name, with or without a number behind it."""
    whole = slot[1] + slot[2]
    return whole if whole in _choices() else slot[1]


@lru_cache(maxsize=1)
def _choices() -> dict[str, list[str]]:
    split = (line.split(": ", 1) for line in material("slots.txt"))
    return {name: [choice.strip() for choice in choices.split("|")] for name, choices in split}

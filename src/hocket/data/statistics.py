"""What made sessions are like, in figures, beside those of people.

Law: pure functions of what a pack holds. A figure comes with the number of things it rests on, and with what
people do and whether ours is meant to be like it; where it is not, the reason stands there. What a pack
does not tell is "not known", never zero. Who speaks when: statistics_lanes.py.
Source: Stivers et al. 2009; de Ruiter et al. 2006; Heldner and Edlund 2010; Levinson and Torreira 2015;
Campione and Véronis 2002; CANDOR (Reece et al. 2023); docs/data-statistics.md.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from hocket.core.units import TICK_S
from hocket.data.pack import Array, SessionTicks
from hocket.data.statistics_lanes import (
    Change,
    Lanes,
    Side,
    Turn,
    both_s,
    changes,
    joined,
    lanes_of,
    total_s,
    turns,
)
from hocket.data.timing import ANSWER_GAP, PAUSE
from hocket.protocol.floor import FLOORS, SILENT
from hocket.protocol.modes import Mode

BINS_S: Final = tuple(
    k / 10 for k in range(-10, 21)
)  # edges of the gaps' bins, beside two open ends
NOT_KNOWN: Final = "not known"
_BAR: Final = 30  # characters of the longest bar

Unit: TypeAlias = Literal["s", "%", "/min"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What one session adds to the figures."""

    about: Mapping[str, Any]
    seconds: float
    pauses_s: list[float]
    n_taken: Array  # ticks [5] in which each action was taken
    mass: Array  # of the targets [5], over ticks that weigh
    lanes: Lanes | None
    turns: list[Turn]
    changes: list[Change]


def _measured(session: SessionTicks) -> _Measured:
    lanes = lanes_of(session)
    found = turns(lanes) if lanes else []
    weighs_T = np.asarray(session.weight, np.float64) > 0
    marks = session.about.get("marks", ())
    return _Measured(
        about=session.about,
        seconds=len(session) * TICK_S,
        pauses_s=[float(m["end_s"]) - float(m["start_s"]) for m in marks if m["kind"] == "pause"],
        n_taken=np.bincount(session.floor, minlength=len(FLOORS)),
        mass=np.asarray(session.target, np.float64)[weighs_T].sum(axis=0),
        lanes=lanes,
        turns=found,
        changes=changes(found),
    )


def may_nod(about: Mapping[str, Any]) -> bool:
    """Whether the agent may give backchannels in a session; packs without modes do not say no."""
    if about.get("mode") == Mode.RESERVED:
        return False
    return "switches" not in about or "backchannel" in about["switches"]


# -- figures ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Human:
    """What people do. With ``why`` ours is not meant to be like it, else it lies within the bounds."""

    text: str
    source: str
    low: float = float("-inf")
    high: float = float("inf")
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of a pack. ``value`` is None where the pack does not tell."""

    name: str
    value: float | None
    unit: Unit
    n: int
    of: str  # what was counted
    human: Human | None = None

    @property
    def verdict(self) -> str:
        """``near`` people or ``off`` where it should be near, else why it should not."""
        if self.human is None or self.value is None:
            return ""
        if self.human.why:
            return self.human.why
        return "near" if self.human.low <= self.value <= self.human.high else "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Sessions of one kind. Kinds of one heading may overlap: a session has several behaviours."""

    sessions: int = 0
    hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """A set of sessions in figures."""

    sessions: int
    hours: float
    voices: int
    figures: tuple[Figure, ...]
    gaps: Mapping[Side, tuple[int, ...]]  # by the new speaker: below -1 s, BINS_S, 2 s and more
    floors: Mapping[str, tuple[float, float]]  # share of ticks, share of the targets' mass
    groups: Mapping[str, Mapping[str, Group]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Figure:
        """The figure of that name; KeyError if there is none."""
        found = {figure.name: figure for figure in self.figures}
        return found[name]


LONG_TURN_S: Final = 6.0  # from here on a listener says something
_Row: TypeAlias = tuple[str, float | None, Unit, Human | None]
_STIVERS: Final = "Stivers et al. 2009"  # ten languages: mean 0.21 s, each within 0.25 s of it
_LEVINSON: Final = "Levinson and Torreira 2015"
_CANDOR: Final = "Reece et al. 2023, CANDOR"
_CAMPIONE: Final = "Campione and Véronis 2002"
_GAP: Final = Human(text="-0.04 to 0.46 s", source=_STIVERS, low=-0.04, high=0.46)
_OVERLAP: Final = Human(text="about 40 %", source="Heldner and Edlund 2010")
_CLOSE: Final = Human(text="45 % within 0.25 s", source="de Ruiter et al. 2006")
_AT_ONCE: Final = Human(text="under 5 %", source=_LEVINSON, low=0, high=5)
_NODS: Final = Human(text="17 /min (aim 5 to 17)", source=_CANDOR, low=5, high=17)
_PAUSES: Final = Human(text="most 0.2 to 1 s", source=_CAMPIONE, low=0.2, high=1.0)
_LONG: Final = Human(text="some, in free talk", source=_CAMPIONE)
_TURNS: Final = Human(text="about 2 s", source=_LEVINSON)
_HALF: Final = Human(text="about half (aim)", source="docs/data-statistics.md", low=40, high=70)
_WAITS: Final = "longer: users hear a line out, then think"
_FEWER: Final = "fewer: an early start pays only where the end is sure"
_CUTS_IN: Final = "these are interruptions, as many as the recipe has"
_CLOSER: Final = (
    f"other bounds; people's distribution as drawn puts {100 * ANSWER_GAP.cdf(0.4):.0f} % there"
)
_WIDER: Final = "other bounds, and users wait longer"
_DRAWN: Final = (
    f"no such figure; as drawn {100 - 100 * PAUSE.cdf(1.0):.0f} %, short ones of the voices beside"
)
_MORE: Final = "more: sounds over the agent's speech are what the data is for"
_SHORT: Final = "fewer: a short turn gets none"
_CARDS: Final = "fewer: noise, coughs and side talk share the agent's lines with them"
_STORIES: Final = "longer: sentences and stories, pauses counted"
_LINES: Final = "longer: the agent answers in whole lines"


def statistics_of(sessions: Iterable[SessionTicks]) -> Statistics:
    """All figures of some sessions: a ``Pack``, ``Packs``, or any of their sessions."""
    found = [_measured(session) for session in sessions]
    n_taken = sum((one.n_taken for one in found), np.zeros(len(FLOORS)))
    mass = sum((one.mass for one in found), np.zeros(len(FLOORS)))
    return Statistics(
        sessions=len(found),
        hours=sum(one.seconds for one in found) / 3600,
        voices=len({one.about["voice"] for one in found if one.about.get("voice")}),
        figures=(*_gap_figures(found), *_speech_figures(found), *_pause_figures(found),
                 *_turn_figures(found), _silence_figure(n_taken)),
        gaps={side: _histogram(_gaps_s(found, side)) for side in ("agent", "user")},
        floors={
            floor.value: (_share(n_taken[k], n_taken.sum()), _share(mass[k], mass.sum()))
            for k, floor in enumerate(FLOORS)
        },
        groups=_groups(found),
    )  # fmt: skip


def _gaps_s(found: list[_Measured], side: Side) -> list[float]:
    # In microseconds: a gap of 0.3 s is no 0.2999.
    return [round(c.gap_s, 6) for one in found for c in one.changes if c.side == side]


def _gap_figures(found: list[_Measured]) -> Iterable[Figure]:
    sides: dict[Side, tuple[Human, Human, Human]] = {
        "agent": (_GAP, replace(_OVERLAP, why=_FEWER), replace(_CLOSE, why=_CLOSER)),
        "user": (
            replace(_GAP, why=_WAITS),
            replace(_OVERLAP, why=_CUTS_IN),
            replace(_CLOSE, why=_WIDER),
        ),
    }
    for side, (median, early, close) in sides.items():
        gaps_s = _gaps_s(found, side)
        within = _of(gaps_s, lambda gap_s: 0 <= gap_s <= 0.4)
        rows: tuple[_Row, ...] = (
            ("gap, median", _quantile(gaps_s, 0.5), "s", median),
            ("gap, p90", _quantile(gaps_s, 0.9), "s", None),
            ("starts in overlap", _of(gaps_s, lambda gap_s: gap_s < 0), "%", early),
            ("starts within 0 to 0.4 s", within, "%", close),
        )
        for name, value, unit, human in rows:
            name, n = f"{side}: {name}", len(gaps_s)
            yield Figure(name=name, value=value, unit=unit, n=n, of="changes", human=human)


def _speech_figures(found: list[_Measured]) -> Iterable[Figure]:
    known = [(one.lanes, one.about) for one in found if one.lanes]
    plain = [(lanes.user, lanes.agent) for lanes, _ in known]
    whole = [
        (joined((*lanes.user, *lanes.user_nods)), joined((*lanes.agent, *lanes.agent_nods)))
        for lanes, _ in known
    ]
    for name, pairs, human in (
        ("both speak, of time with speech", plain, _AT_ONCE),
        ("the same, backchannels counted", whole, replace(_AT_ONCE, why=_MORE)),
    ):
        both = sum(both_s(a, b) for a, b in pairs)
        either = sum(total_s(a) + total_s(b) for a, b in pairs) - both
        yield Figure(
            name=name, value=100 * both / either if either else None, unit="%", n=len(known),
            of="sessions", human=human,
        )  # fmt: skip
    nodding = [lanes for lanes, about in known if may_nod(about)]
    yield _rate(
        "agent's backchannels, where it may",
        sum(len(lanes.nods_at) for lanes in nodding),
        sum(total_s(lanes.user) for lanes in nodding),
        replace(_NODS, why=_SHORT),
    )
    long_turns = [(lanes, turn) for lanes in nodding for turn in turns(lanes) if _is_long(turn)]
    yield _rate(
        f"the same, in turns of {LONG_TURN_S:.0f} s or more",
        sum(turn.start_s <= at < turn.end_s for lanes, turn in long_turns for at in lanes.nods_at),
        sum(turn.length_s for _, turn in long_turns),
        _NODS,
    )
    yield _rate(
        "user's backchannels",
        sum(len(lanes.user_nods) for lanes, _ in known),
        sum(total_s(lanes.agent) for lanes, _ in known),
        replace(_NODS, why=_CARDS),
    )


def _is_long(turn: Turn) -> bool:
    return turn.side == "user" and turn.length_s >= LONG_TURN_S


def _rate(name: str, n: int, seconds: float, human: Human) -> Figure:
    """Backchannels a minute of the other side's speech; ``of`` says how much of that there is."""
    return Figure(
        name=name, value=60 * n / seconds if seconds else None, unit="/min", n=n,
        of=f"in {seconds / 60:.1f} min", human=human,
    )  # fmt: skip


def _pause_figures(found: list[_Measured]) -> Iterable[Figure]:
    pauses_s = [round(pause_s, 6) for one in found for pause_s in one.pauses_s]
    rows: tuple[_Row, ...] = (
        ("pauses in user turns, median", _quantile(pauses_s, 0.5), "s", _PAUSES),
        ("pauses in user turns, p90", _quantile(pauses_s, 0.9), "s", None),
        ("pauses of 0.5 s or more", _of(pauses_s, lambda pause_s: pause_s >= 0.5), "%", None),
        (
            "pauses of 1 s or more",
            _of(pauses_s, lambda pause_s: pause_s >= 1.0),
            "%",
            replace(_LONG, why=_DRAWN),
        ),
    )
    for name, value, unit, human in rows:
        of = "pauses"  # marks.py: silences of 0.25 s or more
        yield Figure(name=name, value=value, unit=unit, n=len(pauses_s), of=of, human=human)


def _turn_figures(found: list[_Measured]) -> Iterable[Figure]:
    whys: dict[Side, str] = {"user": _STORIES, "agent": _LINES}
    for side, why in whys.items():
        lengths_s = [turn.length_s for one in found for turn in one.turns if turn.side == side]
        for name, q, human in (("median", 0.5, replace(_TURNS, why=why)), ("p90", 0.9, None)):
            yield Figure(
                name=f"{side}: turn length, {name}", value=_quantile(lengths_s, q), unit="s",
                n=len(lengths_s), of="turns", human=human,
            )  # fmt: skip


def _silence_figure(n_taken: Array) -> Figure:
    silent = sum(int(n_taken[FLOORS.index(floor)]) for floor in SILENT)
    n = int(n_taken.sum())
    return Figure(
        name="agent silent", value=100 * silent / n if n else None, unit="%", n=n, of="ticks",
        human=_HALF,
    )  # fmt: skip


def _quantile(values: list[float], q: float) -> float | None:
    return float(np.quantile(values, q)) if values else None


def _of(values: list[float], holds: Callable[[float], bool]) -> float | None:
    return 100 * sum(map(holds, values)) / len(values) if values else None


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _histogram(values: list[float]) -> tuple[int, ...]:
    """Counts below the first of ``BINS_S``, in each bin from its lower edge on, from the last on."""
    bins = np.digitize(values, BINS_S) if values else np.zeros(0, np.int64)
    return tuple(int(n) for n in np.bincount(bins, minlength=len(BINS_S) + 1))


def _groups(found: list[_Measured]) -> dict[str, dict[str, Group]]:
    kinds: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
        "behaviour": lambda about: list(about.get("behaviours", ())) or [NOT_KNOWN],
        "mode": lambda about: [str(about.get("mode", NOT_KNOWN))],
        "voices of": lambda about: [str(about.get("engine", NOT_KNOWN))],
    }
    groups: dict[str, dict[str, Group]] = {}
    for kind, names_of in kinds.items():
        n, seconds = Counter[str](), Counter[str]()
        for one in found:
            for name in names_of(one.about):
                n[name] += 1
                seconds[name] += round(one.seconds)
        groups[kind] = {
            name: Group(sessions=n[name], hours=seconds[name] / 3600) for name in sorted(n)
        }
    return groups


# -- for people and for programs -------------------------------------------------------------------


def as_json(statistics: Statistics) -> str:
    """All of it as JSON; each figure with its verdict, bins by their lower edges."""
    figures = [asdict(each) | {"verdict": each.verdict} for each in statistics.figures]
    for each in figures:
        if each["human"]:  # JSON knows no infinity
            each["human"] = {key: each["human"][key] for key in ("text", "source", "why")}
    return json.dumps({**asdict(statistics), "figures": figures, "bins_s": BINS_S}, indent=1)


def table(statistics: Statistics) -> str:
    """All of it as aligned plain text, ending in a newline."""
    head = f"{statistics.sessions} sessions, {statistics.hours:.2f} h, {statistics.voices} voices\n"
    parts = [head, _figure_table(statistics), _gap_table(statistics), _floor_table(statistics)]
    parts += [_group_table(kind, groups) for kind, groups in statistics.groups.items()]
    return "\n".join(parts)


def _figure_table(statistics: Statistics) -> str:
    rows = [("figure", "made", "N", "", "people", "", "like people?")]
    sources, whys = dict[str, int](), dict[str, str]()
    for each in statistics.figures:
        made = NOT_KNOWN if each.value is None else f"{each.value:.2f} {each.unit}"
        people, source, verdict = "", "", each.verdict
        if each.human:
            people = each.human.text
            source = f"[{sources.setdefault(each.human.source, len(sources) + 1)}]"
        if each.human and each.human.why and verdict:
            verdict = f"not meant ({whys.setdefault(each.human.why, chr(ord('a') + len(whys)))})"
        rows.append((each.name, made, str(each.n), each.of, people, source, verdict))
    notes = [f"[{number}] {source}" for source, number in sources.items()]
    notes += [f"({letter}) {why}" for why, letter in whys.items()]
    return _aligned(rows, right={1, 2}) + "".join(f"{note}\n" for note in notes)


def _gap_table(statistics: Statistics) -> str:
    rows = [("gap from", "agent", "", "user", "")]
    counts = [statistics.gaps["agent"], statistics.gaps["user"]]
    names = ["less", *(f"{edge:.1f} s" for edge in BINS_S[:-1]), f"{BINS_S[-1]:.1f} s or more"]
    for name, *bins in zip(names, *counts, strict=True):
        cells = [
            cell
            for count, all_counts in zip(bins, counts, strict=True)
            for cell in (str(count), "▪" * round(_BAR * count / max(max(all_counts), 1)))
        ]
        rows.append((name, *cells))
    return _aligned(rows, right={0, 1, 3})


def _floor_table(statistics: Statistics) -> str:
    rows = [("floor", "taken", "wanted")]
    for name, (taken, wanted) in statistics.floors.items():
        rows.append((name, f"{100 * taken:.1f} %", f"{100 * wanted:.1f} %"))
    return _aligned(rows, right={1, 2})


def _group_table(kind: str, groups: Mapping[str, Group]) -> str:
    rows = [(kind, "sessions", "hours")]
    rows += [(name, str(one.sessions), f"{one.hours:.2f}") for name, one in groups.items()]
    return _aligned(rows, right={1, 2})


def _aligned(rows: Sequence[tuple[str, ...]], right: set[int]) -> str:
    """Columns two spaces apart, those in ``right`` flush right; a line each row."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)

"""Where everything of a score goes in its picture: systems of time, rows of words.

Law: pure; the same score gives the same layout. Text never covers text: a label takes the first row
that is free at its place, and only when none is free moves right.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from hocket.core.units import TICK_S
from hocket.protocol.floor import FLOORS, SOUNDING, Floor
from hocket.protocol.score import ScoreEvent, ScoreTick

SYSTEM_S: Final = 20.0  # at 16 inches, running speech still fits in three rows of words
SHORTEST_S: Final = 5.0
CHUNK_S: Final = 1.2  # words this close are set as one piece: word by word, rows read as zigzag
QUIET_KINDS: Final = frozenset({"played", "response", "typed", "input_ended"})  # drawn elsewhere
_GAP_S: Final = 0.06  # between two words of a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A piece of text that begins at a time; ``row`` 0 is the row nearest to its staff."""

    at_s: float
    text: str
    row: int = 0
    faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time with something on it. ``struck``: sent, but cut before it was played."""

    start_s: float
    end_s: float
    text: str = ""
    floor: Floor = Floor.LISTEN
    struck: bool = False


def systems(start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Equal stretches of at most 20 s that cover [start_s, end_s), as lines of music do."""
    length_s = max(end_s - start_s, SHORTEST_S)
    count = ceil(length_s / SYSTEM_S - 1e-9)
    each_s = ceil(length_s / count / TICK_S - 1e-9) * TICK_S
    return [(start_s + k * each_s, start_s + (k + 1) * each_s) for k in range(count)]


def place(
    labels: Iterable[Label],
    width_s: Callable[[str], float],
    *,
    rows: int,
    end_s: float,
    slide_s: float = 0.5,
) -> list[Label]:
    """Put labels in rows so that none covers another; one with no room within ``slide_s`` is left.

    ``width_s`` tells how many seconds a text is wide. Nothing sticks out behind ``end_s``: a label
    moves left by at most ``slide_s`` and is shortened if that is not enough.
    """
    free_s = [float("-inf")] * rows
    placed = []
    for label in sorted(labels, key=lambda one: one.at_s):
        text = _shortened(label.text, width_s, end_s - label.at_s + slide_s)
        wanted_s = min(label.at_s, end_s - width_s(text))
        row = next((r for r in range(rows) if free_s[r] <= wanted_s), None)
        if row is None:
            row = min(range(rows), key=free_s.__getitem__)
        at_s = max(wanted_s, free_s[row])
        if at_s - label.at_s <= slide_s and at_s + width_s(text) <= end_s + 1e-9:
            placed.append(Label(at_s=at_s, text=text, row=row, faint=label.faint))
            free_s[row] = at_s + width_s(text) + _GAP_S
    return placed


def _shortened(text: str, width_s: Callable[[str], float], room_s: float) -> str:
    shorter = text
    while width_s(shorter) > room_s and len(shorter) > 2:
        shorter = shorter[:-2].rstrip() + "…"
    return shorter


def chunks(labels: Iterable[Label]) -> Iterator[Label]:
    """Join words that begin within 1.2 s of a first one and are alike."""
    held: list[Label] = []
    for label in labels:
        if held and (label.at_s - held[0].at_s >= CHUNK_S or label.faint != held[0].faint):
            yield _joined(held)
            held = []
        held.append(label)
    if held:
        yield _joined(held)


def _joined(labels: list[Label]) -> Label:
    text = " ".join(label.text for label in labels)
    return Label(at_s=labels[0].at_s, text=text, faint=labels[0].faint)


def clean(text: str, longest: int = 60) -> str:
    """One printable line of at most ``longest`` characters."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def heard_labels(ticks: Sequence[ScoreTick]) -> Iterator[Label]:
    """The user's words at the tick at which they were agreed, and what was typed."""
    for tick in ticks:
        if tick.user.heard:
            yield Label(at_s=tick.t, text=clean(" ".join(tick.user.heard), 120))
        if tick.user.text:
            yield Label(at_s=tick.t, text=f"“{clean(tick.user.text)}” typed")


def tentative_labels(ticks: Sequence[ScoreTick]) -> Iterator[Label]:
    """Each word of the open tail once, at the tick at which it was first guessed so."""
    before: tuple[str, ...] = ()
    for tick in ticks:
        tail = tick.user.tentative
        known = before[len(tick.user.heard) :]
        same = 0
        while same < min(len(known), len(tail)) and known[same] == tail[same]:
            same += 1
        if tail[same:]:
            yield Label(at_s=tick.t, text=clean(" ".join(tail[same:]), 40), faint=True)
        before = tail


def plan_labels(ticks: Sequence[ScoreTick]) -> Iterator[Label]:
    """The plan at each tick at which it did anything but get shorter by being voiced."""
    before = ""
    for tick in ticks:
        plan = clean(tick.plan, 10_000)
        if plan and not before.endswith(plan):
            yield Label(at_s=tick.t, text=clean(plan), faint=True)
        before = plan


def event_labels(ticks: Sequence[ScoreTick]) -> Iterator[Label]:
    """Events, acts and denials by name, with the first words of what they carry."""
    refused = {tick.tick for tick in denied(ticks)}
    for tick in ticks:
        if tick.act is not None:
            named = [str(value) for value in tick.act.values() if value]
            yield Label(at_s=tick.t, text=clean("act: " + " ".join(named)))
        if tick.tick in refused and tick.tick - 1 not in refused:
            yield Label(at_s=tick.t, text=clean(f"denied: {tick.permit.rule}"))
        for event in tick.events:
            if event.kind not in QUIET_KINDS:
                yield Label(at_s=tick.t, text=_event_text(event))


def without_echoes(labels: Iterable[Label], within_s: float = 1.0) -> Iterator[Label]:
    """Leave out a label that says what the same words said less than ``within_s`` before."""
    last_s: dict[str, float] = {}
    for label in labels:
        if label.at_s - last_s.get(label.text, float("-inf")) >= within_s:
            yield label
        last_s[label.text] = label.at_s


def _event_text(event: ScoreEvent) -> str:
    hidden = {"at"}  # the phase of the tick that an outside event met
    words = [v for k, v in event.detail.items() if isinstance(v, str) and v and k not in hidden]
    name = event.kind.replace("_", " ")
    return clean(f"{name}: {words[0]}" if words else name)


def envelope(ticks: Sequence[ScoreTick]) -> tuple[list[float], list[float]]:
    """Times in s and levels in dBFS of the user's lane, as fine as the score has them."""
    times_s: list[float] = []
    levels_db: list[float] = []
    for tick in ticks:
        levels = tick.user.levels_db or (tick.user.level_db,) * 2
        times_s += [tick.t + TICK_S * (k + 0.5) / len(levels) for k in range(len(levels))]
        levels_db += levels
    return times_s, levels_db


def floor_spans(ticks: Sequence[ScoreTick]) -> Iterator[Span]:
    """The floor ribbon: equal neighbours joined."""
    for floor, group in groupby(ticks, key=lambda tick: tick.floor):
        run = list(group)
        yield Span(start_s=run[0].t, end_s=run[-1].t + TICK_S, floor=floor)


def target_spans(ticks: Sequence[ScoreTick]) -> Iterator[tuple[Span, float]]:
    """Ticks in whose ``p`` another floor is likeliest than the one that was taken, and its share."""
    for tick in ticks:
        share = max(tick.p)
        floor = FLOORS[tick.p.index(share)]
        if share > 0 and floor is not tick.floor:
            yield Span(start_s=tick.t, end_s=tick.t + TICK_S, floor=floor), share


def forbidden_spans(ticks: Sequence[ScoreTick]) -> Iterator[Span]:
    """Where the permit allowed no speech."""
    for silent, group in groupby(ticks, key=lambda tick: Floor.SPEAK not in tick.permit.allowed):
        run = list(group)
        if silent:
            yield Span(start_s=run[0].t, end_s=run[-1].t + TICK_S)


def denied(ticks: Sequence[ScoreTick]) -> list[ScoreTick]:
    """Ticks at which the model's likeliest action would have sounded and was not allowed."""

    def wanted(tick: ScoreTick) -> Floor:
        return FLOORS[max(range(len(FLOORS)), key=tick.p.__getitem__)]

    return [t for t in ticks if wanted(t) in SOUNDING and wanted(t) not in t.permit.allowed]


def said_spans(ticks: Sequence[ScoreTick]) -> list[Span]:
    """The agent's words; those sent but cut before they ended are struck."""
    spans: list[Span] = []
    for tick in ticks:
        for event in tick.events:
            if event.kind == "playback_stopped":
                cut_s = event.detail.get("now_s")
                spans = [_cut_at(span, cut_s) for span in spans]
        spans += [
            Span(start_s=w.start_s, end_s=w.end_s, text=clean(w.word), floor=tick.floor)
            for w in tick.said
        ]
    return spans


def _cut_at(span: Span, cut_s: object) -> Span:
    if not isinstance(cut_s, int | float) or span.end_s <= cut_s:
        return span
    return Span(
        start_s=span.start_s, end_s=span.end_s, text=span.text, floor=span.floor, struck=True
    )


def gap_spans(ticks: Sequence[ScoreTick]) -> Iterator[Span]:
    """Response gaps as the session measured them; a negative one ends before it starts."""
    for tick in ticks:
        for event in tick.events:
            start_s, end_s = event.detail.get("from_s"), event.detail.get("to_s")
            if event.kind == "response" and isinstance(start_s, int | float):
                if not isinstance(end_s, int | float):
                    continue
                sign = "−" if end_s < start_s else ""
                text = f"{sign}{abs(end_s - start_s):.2f} s"
                yield Span(start_s=start_s, end_s=end_s, text=text)

"""Who speaks when in a packed session: speech of both sides, turns, changes of speaker.

Law: what the pack says itself (``user_spans``, ``agent_spans``, ``said``) goes first; packs without them
tell it by their arrays, to about a tick. A turn is all that one side says before the other does: what is
said wholly inside the other's speech, and backchannels and lines at a cue wherever they are, are no
turns. So an interruption that the agent gives way to is a change of speaker in overlap, and one that it
talks through is none. Source: Heldner and Edlund 2010 for gaps and overlaps between speakers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from hocket.core.units import TICK_S
from hocket.data.pack import Array, SessionTicks
from hocket.data.script import BACKCHANNELS, INTO_TURN
from hocket.protocol.floor import FLOORS, Floor

Span: TypeAlias = tuple[float, float]  # start and end in seconds of session time
Spans: TypeAlias = tuple[Span, ...]
Side: TypeAlias = Literal["user", "agent"]

JOINED_S: Final = 1.0  # a shorter silence inside one side's speech is no edge of it
TURN_BREAK_S: Final = 3.0  # longer than any pause: another turn of the same side
REST_S: Final = 0.1  # left of a span when a backchannel is taken out of it, and no speech
_BACKCHANNEL: Final = FLOORS.index(Floor.BACKCHANNEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Who speaks when in one session."""

    user: Spans  # turns and interruptions
    user_nods: Spans  # the user's backchannels over the agent's speech
    agent: Spans
    agent_nods: Spans  # backchannels and cued lines, into the user's turn
    nods_at: tuple[float, ...]  # starts of the agent's backchannels alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """All that a side says before the other does."""

    side: Side
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """From the first sample of speech to the last, pauses counted."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The floor goes to ``side``; a negative gap is overlap."""

    side: Side
    from_s: float  # the other's last sample
    to_s: float  # its own first

    @property
    def gap_s(self) -> float:
        """Silence between the two."""
        return self.to_s - self.from_s


def lanes_of(session: SessionTicks) -> Lanes | None:
    """Who speaks when; None if the pack does not tell."""
    about = session.about
    user = _told(about, "user_spans", _sounding(_user_share(session)))
    agent = _told(about, "agent_spans", _sounding(np.asarray(session.played_share, np.float64)))
    if not user and not np.any(session.user_ahead) and "user_spans" not in about:
        return None
    user_nods = tuple(
        (float(mark["start_s"]), float(mark["end_s"]))
        for mark in about.get("marks", ())
        if mark["kind"] == "backchannel"
    )
    agent_nods, nods_at = _agent_nods(session)
    return Lanes(
        user=_without(user, user_nods),
        user_nods=user_nods,
        agent=_without(agent, agent_nods),
        agent_nods=agent_nods,
        nods_at=nods_at,
    )


def turns(lanes: Lanes) -> list[Turn]:
    """The turns of both sides in order, each behind a change of speaker or a long silence."""
    found: list[Turn] = []
    for run in _runs(lanes):
        last = found[-1] if found else None
        if last is not None and run.side != last.side and run.end_s <= last.end_s:
            continue  # said inside the other's speech
        if last is None or run.side != last.side or run.start_s - last.end_s > TURN_BREAK_S:
            found.append(run)
        else:
            found[-1] = replace(last, end_s=max(last.end_s, run.end_s))
    return found


def changes(found: Sequence[Turn]) -> list[Change]:
    """The changes of speaker between turns in order."""
    return [
        Change(side=after.side, from_s=before.end_s, to_s=after.start_s)
        for before, after in pairwise(found)
        if before.side != after.side
    ]


def _runs(lanes: Lanes) -> list[Turn]:
    """Speech joined over short silences, unless the other took over meanwhile; by start."""
    sides: tuple[tuple[Side, Spans], ...] = (("user", lanes.user), ("agent", lanes.agent))
    found: list[Turn] = []
    last: dict[Side, int] = {}
    for start, end, side in sorted((a, b, side) for side, spans in sides for a, b in spans):
        own, other = last.get(side), last.get("agent" if side == "user" else "user")
        before = found[own] if own is not None else None
        taken = before is not None and other is not None and _takes_over(found[other], before)
        if own is None or before is None or taken or start - before.end_s >= JOINED_S:
            last[side] = len(found)
            found.append(Turn(side=side, start_s=start, end_s=end))
        else:
            found[own] = replace(before, end_s=max(before.end_s, end))
    return found


def _takes_over(after: Turn, before: Turn) -> bool:
    return after.start_s > before.start_s and after.end_s > before.end_s


def _told(about: Mapping[str, Any], name: str, otherwise: Spans) -> Spans:
    if name not in about:
        return otherwise
    return joined((float(start), float(end)) for start, end in about[name])


def _user_share(session: SessionTicks) -> Array:
    """Share of the user's speech [T] in each tick: what the tick before looked ahead to."""
    ahead_T = np.asarray(session.user_ahead[:, 0], np.float64)
    return np.concatenate([[0.0], ahead_T[:-1]])


def _sounding(share_T: Array) -> Spans:
    """Spans over ticks that sound; the first and last tick of each count by their share."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (share_T > 0).astype(np.int8), [0]])))
    return tuple(
        (
            float(first + 1 - share_T[first]) * TICK_S,
            float(behind - 1 + share_T[behind - 1] if behind - first > 1 else behind) * TICK_S,
        )
        for first, behind in edges.reshape(-1, 2)
    )


def _agent_nods(session: SessionTicks) -> tuple[Spans, tuple[float, ...]]:
    if "said" in session.about:
        parts = [one for one in session.about["said"] if one["part"] in INTO_TURN]
        spans = [(float(one["start_s"]), float(one["end_s"])) for one in parts]
        starts = tuple(float(one["start_s"]) for one in parts if one["part"] in BACKCHANNELS)
        return joined(spans), starts
    # What a tick decides sounds from its end on.
    shown_T = np.concatenate([[0.0], np.asarray(session.floor)[:-1] == _BACKCHANNEL])
    nods = _sounding(shown_T)
    return nods, tuple(start for start, _ in nods)


def _without(spans: Spans, taken: Spans) -> Spans:
    """What is left of spans when others are taken out of them."""
    left = list(spans)
    for hole in taken:
        left = [piece for span in left for piece in _cut(span, hole)]
    return tuple(left)


def _cut(span: Span, hole: Span) -> list[Span]:
    if hole[1] <= span[0] or span[1] <= hole[0]:
        return [span]
    return [(a, b) for a, b in ((span[0], hole[0]), (hole[1], span[1])) if b - a >= REST_S]


def joined(spans: Iterable[Span]) -> Spans:
    """Spans in order, those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def total_s(spans: Spans) -> float:
    """Time in spans without overlaps."""
    return sum(end - start for start, end in spans)


def both_s(a: Spans, b: Spans) -> float:
    """Time that lies in both of two lists of spans, each without overlaps."""
    return sum(max(0.0, min(x[1], y[1]) - max(x[0], y[0])) for x in a for y in b)

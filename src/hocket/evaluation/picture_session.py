"""A training session as a score, so that the picture of a score draws it.

Law: it shows what the pack holds: the target stands where a score has the model's probabilities, the
session's index gives what was said and what happened, tokens become words again. Phrases and not words
have times in a pack, so a phrase is one box of the agent's staff.
Source: data/pack.py for the arrays, docs/data-statistics.md for the index.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, Final, TypeAlias

import numpy as np

from hocket.audio.dmel import HIGH, LEVELS, LOW
from hocket.audio.levels import FLOOR_DB
from hocket.core.units import TICK_S, tick_start_s
from hocket.data.pack import SessionTicks
from hocket.data.statistics_lanes import Change, Spans, changes, lanes_of, turns
from hocket.model.duplex_config import AGREED, EVENT, TENTATIVE, TYPED
from hocket.protocol.floor import FLOORS, SOUNDING
from hocket.protocol.score import (
    SaidWord,
    Score,
    ScoreEvent,
    ScoreHeader,
    ScorePermit,
    ScoreTick,
    ScoreTotals,
    ScoreUser,
)

Decode: TypeAlias = Callable[[Sequence[int]], str]  # tokens to text

MARKS: Final = {  # kinds of marks in words for people
    "pause": "pause",
    "turn_end": "turn over",
    "interruption": "user breaks in",
    "backchannel": "user nods",
    "noise": "noise",
    "tic": "cough or laugh",
    "side": "talk to somebody else",
}
_NEAR_TICKS: Final = 4  # from a decision to its sound, at most: voice delay and the tick itself
_AGENT_RATE_HZ: Final = 22_050  # of the header; nothing here is played


def score_of(session: SessionTicks, decode: Decode) -> Score:
    """The session as a score. ``p`` of a tick is its target, all zero where nothing is wanted."""
    about = session.about
    said, events = _said(session), _events(session)
    lanes = lanes_of(session)
    answers = [c for c in changes(turns(lanes)) if c.side == "agent"] if lanes else []
    for answer in answers:
        events[_tick(session, answer.to_s)].append(_response(answer))
    users, plans = _users(session, decode), _plans(session, decode)
    targets, acts = _targets(session), _acts(session)
    if "events" not in about:
        for tick, text in enumerate(_texts(session, EVENT, decode)):
            events[tick] += [ScoreEvent(kind=text)] if text else []
    gaps_s = tuple(answer.gap_s for answer in answers)
    return Score(
        header=ScoreHeader(
            model=_title(about),
            mode=str(about.get("mode", "mode not known")),
            config={},
            seed=int(about.get("seed", 0)),
            agent_rate_hz=_AGENT_RATE_HZ,
        ),
        ticks=tuple(
            ScoreTick(
                tick=tick,
                t=tick_start_s(tick),
                user=users[tick],
                floor=FLOORS[session.floor[tick]],
                p=targets[tick],
                said=tuple(said[tick]),
                plan=plans[tick],
                permit=_wanted(session, tick),
                act=acts.get(tick),
                events=tuple(events[tick]),
            )
            for tick in range(len(session))
        ),
        totals=ScoreTotals(
            ticks=len(session),
            duration_s=len(session) * TICK_S,
            responses=gaps_s,
            response_gap_median_s=median(gaps_s) if gaps_s else None,
        ),
    )


def _title(about: Mapping[str, Any]) -> str:
    names = [about.get("id", "session"), about.get("conversation"), about.get("voice")]
    return " · ".join(str(name) for name in names if name)


# -- the user's staff ------------------------------------------------------------------------------


def _users(session: SessionTicks, decode: Decode) -> list[ScoreUser]:
    agreed = _texts(session, AGREED, decode)
    tails = _texts(session, TENTATIVE, decode)
    typed = _texts(session, TYPED, decode)
    levels = _levels_db(session)
    users, tail = list[ScoreUser](), tuple[str, ...]()
    for tick in range(len(session)):
        heard = tuple(agreed[tick].split())
        # A tail comes only when it changed; words that were agreed leave it.
        tail = tuple(tails[tick].split()) or tail[len(heard) :]
        users.append(
            ScoreUser(
                level_db=float(session.level_db[tick]),
                levels_db=levels[tick],
                heard=heard,
                tentative=tail,
                text=typed[tick],
            )
        )
    return users


def _levels_db(session: SessionTicks) -> list[tuple[int, ...]]:
    """Levels in dBFS [T, 8]: each tick's level, shared out by the levels of its 25 ms frames."""
    log10_TFM = LOW + np.asarray(session.dmel, np.float64) * (HIGH - LOW) / (LEVELS - 1)
    power_TF = np.square(10**log10_TFM).sum(axis=2)
    share_TF = power_TF / power_TF.mean(axis=1, keepdims=True)
    level_T = np.asarray(session.level_db, np.float64)
    level_TF = np.clip(level_T[:, None] + 10 * np.log10(share_TF), FLOOR_DB, 0)
    return [tuple(int(level) for level in row) for row in np.rint(level_TF)]


def _texts(session: SessionTicks, kind: int, decode: Decode) -> list[str]:
    """The text of one kind of input token, a string a tick."""
    ends = [0, *(int(end) for end in session.input_end)]
    texts: list[str] = []
    for first, behind in pairwise(ends):
        ids = session.input_ids[first:behind][session.input_kinds[first:behind] == kind]
        texts.append(decode([int(i) for i in ids]).strip() if len(ids) else "")
    return texts


# -- the agent's staff -----------------------------------------------------------------------------


def _said(session: SessionTicks) -> list[list[SaidWord]]:
    """What sounded of the agent, at the tick that decided it."""
    said: list[list[SaidWord]] = [[] for _ in range(len(session))]
    lanes = lanes_of(session)
    spans: Spans = (*lanes.agent, *lanes.agent_nods) if lanes else ()
    phrases = session.about.get("said")
    if phrases is None:
        phrases = [{"start_s": a, "end_s": b, "text": "", "part": "answer"} for a, b in spans]
    told = session.about.get("agent_spans", spans)
    for phrase in phrases:
        text = str(phrase["text"]) + ("" if phrase.get("whole", True) else " … (cut)")
        for start_s, end_s in _pieces(phrase, told):
            word = SaidWord(word=text, start_s=start_s, end_s=end_s)
            said[_decided(session, start_s)].append(word)
            text = ""  # a phrase that was held goes on without being said again
    return said


def _pieces(phrase: Mapping[str, Any], spans: Sequence[Sequence[float]]) -> Spans:
    """Where a phrase sounded: its time without the holds in it."""
    first, behind = float(phrase["start_s"]), float(phrase["end_s"])
    inside = ((max(first, float(a)), min(behind, float(b))) for a, b in spans)
    return tuple(sorted(piece for piece in inside if piece[0] < piece[1])) or ((first, behind),)


def _decided(session: SessionTicks, start_s: float) -> int:
    """The latest tick that decided to sound before a time; the time's own tick if there is none."""
    tick = _tick(session, start_s)
    near = range(tick, max(tick - _NEAR_TICKS, -1), -1)
    sounds = (
        k for k in near if FLOORS[session.floor[k]] in SOUNDING and (k + 1) * TICK_S <= start_s
    )
    return next(sounds, tick)


def _plans(session: SessionTicks, decode: Decode) -> list[str]:
    """What is to be written, all that is written in a row at its first tick."""
    plans, first = [""] * len(session), None
    ends = [0, *(int(end) for end in session.text_end)]
    for tick, (start, behind) in enumerate(pairwise(ends)):
        if behind == start:
            first = None
            continue
        first = tick if first is None else first
        plans[first] = decode([int(i) for i in session.text_ids[ends[first] : behind]]).strip()
    return plans


# -- what should be and what happened --------------------------------------------------------------


def _targets(session: SessionTicks) -> list[tuple[float, float, float, float, float]]:
    weighs_T1 = (np.asarray(session.weight, np.float64) > 0)[:, None]
    target_TC = np.asarray(session.target, np.float64) * weighs_T1
    return [(a, b, c, d, e) for a, b, c, d, e in target_TC.tolist()]


def _wanted(session: SessionTicks, tick: int) -> ScorePermit:
    """Everything is allowed; the reason is the target in words."""
    shares = zip(FLOORS, session.target[tick], strict=True)
    wanted = ", ".join(f"{floor} {float(p):.2f}" for floor, p in shares if p > 0) or "nothing"
    return ScorePermit(
        allowed=FLOORS, rule=f"weight {float(session.weight[tick]):g}", reason=wanted
    )


def _events(session: SessionTicks) -> list[list[ScoreEvent]]:
    events: list[list[ScoreEvent]] = [[] for _ in range(len(session))]
    for mark in session.about.get("marks", ()):
        start_s, end_s = float(mark["start_s"]), float(mark["end_s"])
        text = MARKS.get(mark["kind"], mark["kind"])
        if mark["kind"] != "turn_end":
            text += f" {end_s - start_s:.2f} s"
        if mark.get("sentence_end"):
            text += ", behind a sentence"
        events[_tick(session, start_s)].append(ScoreEvent(kind=text))
    for event in session.about.get("events", ()):
        if event["text"]:
            events[min(int(event["tick"]), len(session) - 1)].append(ScoreEvent(kind=event["text"]))
    return events


def _acts(session: SessionTicks) -> dict[int, dict[str, Any]]:
    """Acts by tick; several of one tick are told in a row."""
    acts: dict[int, dict[str, Any]] = {}
    for act in session.about.get("acts", ()):
        text = f"{act['kind']} {act.get('argument') or ''}".strip()
        before = acts.get(int(act["tick"]), {}).get("act")
        acts[int(act["tick"])] = {"act": f"{before}; {text}" if before else text}
    return acts


def _response(answer: Change) -> ScoreEvent:
    return ScoreEvent(kind="response", detail={"from_s": answer.from_s, "to_s": answer.to_s})


def _tick(session: SessionTicks, time_s: float) -> int:
    return min(max(int(time_s / TICK_S + 1e-9), 0), len(session) - 1)

"""Backchannels that the agent gives: how many, and whether they come when people give them.

Law: a backchannel is at most 2 words and under 1 s, begun while the user has the turn. Timing is counted
in windows of 200 ms from the start of the silence it falls in or follows; a silent agent is as far from
people as can be: sqrt(ln 2), not 1. As published an answer that the user cut off at once counts too;
beside it stands how many acknowledge and no more.
Source: Full-Duplex-Bench v1 (arXiv 2503.04721), natural logarithm.
"""

from collections.abc import Callable, Sequence
from math import log, sqrt
from typing import Final

import numpy as np

from hocket.core.units import USER_RATE_HZ
from hocket.evaluation.intervals import Counts, Float, percentile_interval, resamples
from hocket.evaluation.lanes import Stretch
from hocket.evaluation.metrics.figure import Case, Figure, Unit, absent, ratio
from hocket.evaluation.metrics.takes import Sound, Take
from hocket.evaluation.metrics.turns import excused, goes_on
from hocket.evaluation.truth import Kind

LONG: Final = 6 * USER_RATE_HZ  # a turn, pauses counted: as the sessions for training count it
WINDOW: Final = USER_RATE_HZ // 5
WINDOWS: Final = 10  # 2 s behind a phrase's end, and one more for all else
FARTHEST: Final = sqrt(log(2))


def figures(
    takes: Sequence[Take], human_W: Float | None = None, *, seed: int = 0
) -> dict[str, Figure]:
    """Backchannels a minute of the user's speech, those for certain, and how far from people's in time.

    ``human_W``: how many people's backchannels fell in each of the windows of ``histogram``.
    """
    found = (
        given(takes, seed=seed),
        given_in_long_turns(takes, seed=seed),
        acknowledged(takes, seed=seed),
        timing_figure(takes, human_W, seed=seed),
    )
    return {figure.name: figure for figure in found}


def backchannels(take: Take, turn: Sound) -> tuple[Stretch, ...]:
    """Those given in one turn."""
    return tuple(run for run in take.starts(turn.start, turn.end) if take.is_backchannel(run))


def given(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Backchannels a minute of the user's speech, pauses left out."""
    return _a_minute("backchannels_given", _turns(takes), seed=seed)


def given_in_long_turns(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """The same in turns that a listener would say something in."""
    long = [(take, turn) for take, turn in _turns(takes) if turn.end - turn.start >= LONG]
    return _a_minute("backchannels_in_long_turns", long, seed=seed)


def acknowledged(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Those a minute whose words are acknowledgments, or that ended by themselves in a pause."""

    def is_one(take: Take, turn: Sound, run: Stretch) -> bool:
        return excused(take, run, goes_on(turn, run))

    return _a_minute("acknowledgments_given", _turns(takes), is_one, seed=seed)


def _turns(takes: Sequence[Take]) -> list[tuple[Take, Sound]]:
    return [(take, turn) for take in takes for turn in take.sounds(Kind.TURN)]


def _a_minute(
    name: str,
    turns: Sequence[tuple[Take, Sound]],
    counts: Callable[[Take, Sound, Stretch], bool] = lambda *_: True,
    *,
    seed: int,
) -> Figure:
    found = [
        Case(
            scene=take.scene,
            value=sum(counts(take, turn, run) for run in backchannels(take, turn)),
        )
        for take, turn in turns
    ]
    minutes = [Case(scene=take.scene, value=speech_min(turn)) for take, turn in turns]
    return ratio(name, Unit.PER_MIN, found, minutes, seed=seed)


def speech_min(turn: Sound) -> float:
    """Minutes of speech in a turn."""
    silence = sum(behind - first for first, behind in turn.pauses)
    return (turn.end - turn.start - silence) / (60 * USER_RATE_HZ)


def histogram(take: Take) -> Counts:
    """Backchannels in each 200 ms behind the last phrase's end, and elsewhere: [WINDOWS + 1]."""
    counts = np.zeros(WINDOWS + 1, np.int64)
    for turn in take.sounds(Kind.TURN):
        phrase_ends = [first for first, _ in turn.pauses]
        for run in backchannels(take, turn):
            before = [end for end in phrase_ends if end <= run[0]]
            offset = (run[0] - before[-1]) // WINDOW if before else WINDOWS
            counts[min(offset, WINDOWS)] += 1
    return counts


def distance(human_W: Float, agent_W: Float) -> float:
    """Jensen-Shannon distance of two histograms [W], natural logarithm; sqrt(ln 2) if one is empty.

    Raises:
        ValueError: they differ in length, or a count is negative.
    """
    if human_W.shape != agent_W.shape or min(human_W.min(), agent_W.min()) < 0:
        raise ValueError("expected two histograms of one length without negative counts")
    if not (human_W.sum() and agent_W.sum()):
        return FARTHEST
    p, q = human_W / human_W.sum(), agent_W / agent_W.sum()
    middle = (p + q) / 2
    return sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2))


def timing_figure(takes: Sequence[Take], human_W: Float | None, *, seed: int = 0) -> Figure:
    """The distance over all takes with a turn."""
    name = "backchannel_timing"
    if human_W is None or not takes:
        return absent(
            name, Unit.DISTANCE, note="expected people's timing to compare with, got none"
        )
    each_TW = np.array([histogram(take) for take in takes])
    drawn_RT = resamples(len(takes), seed=seed)
    found_R = np.array([distance(human_W, counts_W) for counts_W in drawn_RT @ each_TW])
    return Figure(
        name=name,
        unit=Unit.DISTANCE,
        value=distance(human_W, each_TW.sum(axis=0).astype(np.float64)),
        n=int(each_TW.sum()),
        interval=percentile_interval(found_R),
    )


def _divergence(p: Float, q: Float) -> float:
    some = p > 0
    return float(np.sum(p[some] * np.log(p[some] / q[some])))

"""Ends of turns and the pauses inside them: who took the floor, when, and where nobody should have.

Law: a pause is judged by itself. A start up to 0.4 s before a silence belongs to that silence, be it
a turn's end or a pause: who may foresee ends must answer for the pauses foreseen as ends. Gaps are
never clamped; over all turns an answer that never came is infinite.
Source: Full-Duplex-Bench v1 (arXiv 2503.04721) for takeovers; it clamps negative gaps to 0 and so
rewards talking over the user, which is not kept.
"""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Final

from hocket.evaluation.lanes import Stretch, samples, seconds
from hocket.evaluation.metrics.figure import Case, Figure, quantile, share
from hocket.evaluation.metrics.takes import EARLY, Sound, Take
from hocket.evaluation.truth import Kind
from hocket.evaluation.words import is_acknowledgment

OVER_S: Final = -0.2
SOON_S: Final = 0.4
WITHDRAWN: Final = samples(1.0)
CHANGED: Final = ("change", "correction")  # families in which the meaning changes begin so


def figures(takes: Sequence[Take], *, seed: int = 0) -> dict[str, Figure]:
    """Every figure of turns and pauses by name."""
    found = [
        *gap_figures(takes, seed=seed),
        takeover_unfinished(takes, seed=seed),
        pause_takeover(takes, seed=seed),
        pauses_broken(takes, seed=seed),
        false_start(takes, seed=seed),
        turns_broken(takes, seed=seed),
        withdrawn(takes, seed=seed),
        misfire(takes, seed=seed),
    ]
    return {figure.name: figure for figure in found}


# -- ends ---------------------------------------------------------------------------------------


def ends(takes: Sequence[Take], *, finished: bool = True) -> Iterator[tuple[Take, Sound]]:
    """Every turn with or without an answer due, be there time for an answer or not."""
    for take in takes:
        for turn in take.sounds(Kind.TURN):
            if turn.event.finished is finished:
                yield take, turn


def gap_s(take: Take, turn: Sound) -> float:
    """Response gap in seconds: negative for talking over the user, inf for no takeover in time."""
    response = take.response(turn)
    return inf if response is None else seconds(response[0] - turn.end)


def reply_gap_s(take: Take, turn: Sound) -> float:
    """The same to the first reply, however short; inf for none in time."""
    reply = take.reply(turn)
    return inf if reply is None else seconds(reply[0] - turn.end)


def gaps(
    takes: Sequence[Take], *, of: Callable[[Take, Sound], float] = gap_s
) -> tuple[list[Case], int]:
    """The gap of every turn with an answer due, and the number of turns too late in their scene."""
    due = list(ends(takes))
    judged = [(take, turn) for take, turn in due if take.answerable(turn)]
    cases = [Case(scene=take.scene, value=of(take, turn)) for take, turn in judged]
    return cases, len(due) - len(judged)


def gap_figures(takes: Sequence[Take], *, seed: int = 0) -> list[Figure]:
    """TOR and gaps over the turns that were taken over, as published; and over all of them.

    As published "Seven." is no takeover: it is short. Over all turns it is an answer.
    """
    every, void = gaps(takes)
    taken = [case for case in every if case.value < inf]
    replies, _ = gaps(takes, of=reply_gap_s)
    return [
        share("takeover", _is(every, -inf, inf), void=void, seed=seed),
        share("answered", _is(replies, -inf, inf), void=void, seed=seed),
        quantile("gap_median_s", taken, 0.5, void=void, seed=seed),
        quantile("gap_p90_s", taken, 0.9, void=void, seed=seed),
        quantile("gap_all_median_s", replies, 0.5, void=void, seed=seed),
        share("gap_over", _is(taken, -inf, OVER_S), void=void, good=False, seed=seed),
        share("gap_soon", _is(taken, 0.0, SOON_S, closed=True), void=void, seed=seed),
    ]


def takeover_unfinished(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of turns broken off, with no answer due, that were taken over all the same."""
    open_ = list(ends(takes, finished=False))
    judged = [(take, turn) for take, turn in open_ if take.answerable(turn)]
    cases = [_case(take, take.response(turn) is not None) for take, turn in judged]
    void = len(open_) - len(judged)
    return share("takeover_unfinished", cases, void=void, good=False, seed=seed)


def _is(cases: Sequence[Case], low: float, high: float, *, closed: bool = False) -> list[Case]:
    """1 where the value lies in [low, high), or in [low, high]."""
    return [
        Case(scene=c.scene, value=float(low <= c.value < high or (closed and c.value == high)))
        for c in cases
    ]


# -- pauses -------------------------------------------------------------------------------------


def pause_starts(take: Take, pause: Stretch) -> tuple[Stretch, ...] | None:
    """Runs that begin in a pause; None if the agent already had the floor."""
    first = max(0, pause[0] - EARLY)
    sounding = take.run_at(pause[0])
    if sounding is not None and sounding[0] < first:
        return None
    return tuple(take.starts(first, pause[1]))


def pause_takeover(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of pauses in which a takeover begins."""
    starts, void = _of_pauses(takes)
    cases = [_case(take, any(take.is_takeover(run) for run in runs)) for take, _, runs in starts]
    return share("pause_takeover", cases, void=void, good=False, seed=seed)


def pauses_broken(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of pauses in which the agent begins anything but a backchannel, however short."""
    starts, void = _of_pauses(takes)
    cases = [
        _case(take, any(not excused(take, run, pause[1]) for run in runs))
        for take, pause, runs in starts
    ]
    return share("pauses_broken", cases, void=void, good=False, seed=seed)


def excused(take: Take, run: Stretch, goes_on: int) -> bool:
    """Whether a start inside a turn is a backchannel for certain; ``goes_on``: the user's next sound.

    An answer that the user cut off is as short as one. So its words must all be acknowledgments;
    without words it must have ended by itself, before the user went on.
    """
    if not take.is_backchannel(run):
        return False
    words = take.words(run)
    return is_acknowledgment(words) if words else run[1] <= goes_on


def _of_pauses(
    takes: Sequence[Take],
) -> tuple[list[tuple[Take, Stretch, tuple[Stretch, ...]]], int]:
    every = [
        (take, pause, pause_starts(take, pause))
        for take in takes
        for claim in take.sounds(Kind.TURN, Kind.INTERRUPTION)
        for pause in claim.pauses
    ]
    judged = [(take, pause, runs) for take, pause, runs in every if runs is not None]
    return judged, len(every) - len(judged)


# -- speaking too soon --------------------------------------------------------------------------


def false_start(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of turns into whose running speech a takeover begins."""
    cases = [
        _case(take, any(take.is_takeover(run) for run in starts_in_speech(take, turn)))
        for take in takes
        for turn in take.sounds(Kind.TURN)
    ]
    return share("false_start", cases, good=False, seed=seed)


def starts_in_speech(take: Take, turn: Sound) -> Iterator[Stretch]:
    """Runs that begin while the user speaks on: in no pause, and not just before a silence."""
    silences = [(first - EARLY, behind) for first, behind in turn.pauses]
    return (
        run
        for run in take.starts(turn.start, turn.end - EARLY)
        if not any(first <= run[0] < behind for first, behind in silences)
    )


def turns_broken(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of turns before whose end the agent begins anything but a backchannel, however short.

    What the user's going on cuts off at once is no takeover, and often begins behind the pause that
    it took for an end: neither pauses nor false starts count it.
    """
    cases = [
        _case(take, any(not excused(take, run, goes_on(turn, run)) for run in inside(take, turn)))
        for take in takes
        for turn in take.sounds(Kind.TURN)
    ]
    return share("turns_broken", cases, good=False, seed=seed)


def withdrawn(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of starts inside a turn after which the agent is silent 1 s after the user goes on.

    Starts that ended before the user went on, starts at which the turn has no more than that second left,
    and backchannels are not judged.
    """
    cases = []
    for take in takes:
        for turn in take.sounds(Kind.TURN):
            for run in inside(take, turn):
                at = goes_on(turn, run)
                if turn.end - at > WITHDRAWN and run[1] > at and not excused(take, run, at):
                    cases.append(_case(take, run[1] - at < WITHDRAWN))
    return share("withdrawn", cases, seed=seed)


def inside(take: Take, turn: Sound) -> Iterator[Stretch]:
    """Runs that begin in a turn, but for its very end."""
    return take.starts(turn.start, turn.end - EARLY)


def goes_on(turn: Sound, run: Stretch) -> int:
    """Where the user is next heard in a turn, from a run's start on."""
    return next((behind for first, behind in turn.pauses if first <= run[0] < behind), run[0])


def misfire(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of turns whose meaning changes after a pause that were answered before the change."""
    cases = [
        _case(take, is_misfire(take, turn))
        for take in takes
        if take.truth.family.startswith(CHANGED)
        for turn in take.sounds(Kind.TURN)
        if turn.pauses
    ]
    return share("misfire", cases, good=False, seed=seed)


def is_misfire(take: Take, turn: Sound) -> bool:
    """Whether a takeover begins anywhere in the turn, but for its very end."""
    return any(take.is_takeover(run) for run in inside(take, turn))


def _case(take: Take, so: bool) -> Case:
    return Case(scene=take.scene, value=float(so))

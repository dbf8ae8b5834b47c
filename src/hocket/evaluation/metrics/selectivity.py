"""The selectivity panel: does the agent stop for what is meant for it, and for nothing else?

Law: the definitions are tau-voice's; every sound is counted, ignored ones too. A sound that should have
fallen on the agent's speech and did not is void, and so is one whose outcome is another's doing: the
user took the floor in its window, or the agent had said all it had.
Source: tau-voice (arXiv 2603.13686); its public code counts tics and side talk over the agent's speech
only when the agent errs, which is not kept. S_noise is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from hocket.evaluation.lanes import Stretch, samples, seconds
from hocket.evaluation.metrics.control import undisturbed
from hocket.evaluation.metrics.exchange import OURS, Exchange, UserSound, Windows
from hocket.evaluation.metrics.figure import (
    Case,
    Figure,
    Unit,
    combined,
    mean,
    ratio,
    share,
)
from hocket.evaluation.metrics.takes import ANSWER_WITHIN, EARLY, OPEN, Take
from hocket.evaluation.truth import Kind

SELECTIVITY: Final = {
    "S_BC": Kind.BACKCHANNEL,
    "S_VT": Kind.TIC,
    "S_ND": Kind.SIDE,
    "S_noise": Kind.NOISE,
}
HEADLINE: Final = ("R_Y", "S_BC", "S_VT", "S_ND")  # "min" is the least of these
BEFORE_S: Final = 2.0  # a floor claimed this long before a sound may be what the agent stops for
_EVER: Final = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one sound over or beside the agent's speech."""

    sound: UserSound
    speaking: bool  # was the agent, at the onset
    stop_s: float = inf  # onset to the end of the agent's run; inf: it went on to the end
    response_s: float = inf  # of a silent agent: the sound's end to its start, may be negative


def figures(takes: Sequence[Take], *, windows: Windows = OURS, seed: int = 0) -> dict[str, Figure]:
    """The panel over takes, with what it would show if nothing had been said."""
    exchanges = [Exchange.of(take) for take in takes]
    control = undisturbed(exchanges, windows=windows, seed=seed)
    return panel(exchanges, windows=windows, seed=seed) | {control.name: control}


def panel(
    exchanges: Sequence[Exchange], *, windows: Windows = OURS, seed: int = 0
) -> dict[str, Figure]:
    """The panel over any conversations."""
    found = {
        figure.name: figure
        for figure in (
            *responses(exchanges, windows, seed=seed),
            *yields(exchanges, windows, seed=seed),
            interruptions_by_agent(exchanges, windows, seed=seed),
        )
    }
    for name, kind in SELECTIVITY.items():
        ignored, late = selectivity(name, exchanges, kind, windows, seed=seed)
        found |= {ignored.name: ignored, late.name: late}
    found["min"] = combined("min", [found[name] for name in HEADLINE], min)
    return found


# -- turns --------------------------------------------------------------------------------------


def response_gaps(exchange: Exchange, windows: Windows) -> tuple[list[float], int]:
    """Seconds from each claim's end to the agent's next start before the user's next; inf for none.

    Claims over whose end the agent speaks are left out and counted, as published, and so are claims
    too near the conversation's end.
    """
    due = [claim for claim in exchange.claims if claim.answer_due]
    judged = [claim for claim in due if _is_judged(exchange, claim, windows)]
    rivals = judged if windows.published else exchange.claims
    gaps = [_response_gap_s(exchange, claim, rivals, windows) for claim in judged]
    if windows.published and gaps and gaps[-1] == inf:
        gaps.pop()  # nobody spoke after it
    return gaps, len(due) - len(gaps)


def _is_judged(exchange: Exchange, claim: UserSound, windows: Windows) -> bool:
    """Whether the agent is silent at a claim's end and there is time to answer.

    As published, an agent that begins in the very next tick spoke at the end.
    """
    runs = exchange.runs(windows)
    if windows.published:
        return _at(runs, claim.end) is None
    time_left = samples(exchange.length_s) - claim.end
    return time_left >= OPEN and _at(runs, claim.end - 1) is None


def _response_gap_s(
    exchange: Exchange, claim: UserSound, rivals: Sequence[UserSound], windows: Windows
) -> float:
    until = min((c.start for c in rivals if c.start >= claim.end), default=_EVER)
    starts = (run[0] for run in exchange.runs(windows) if claim.end <= run[0] <= until)
    start = next(starts, None)
    return inf if start is None else seconds(start - claim.end)


def responses(exchanges: Sequence[Exchange], windows: Windows, *, seed: int = 0) -> list[Figure]:
    """R_R and L_R."""
    each = [(exchange, *response_gaps(exchange, windows)) for exchange in exchanges]
    cases = [Case(scene=exchange.id, value=gap) for exchange, gaps, _ in each for gap in gaps]
    void = sum(skipped for _, _, skipped in each)
    answered = [case for case in cases if case.value < inf]
    responded = [Case(scene=case.scene, value=float(case.value < inf)) for case in cases]
    return [
        share("R_R", responded, void=void, seed=seed),
        mean("L_R", answered, void=void, seed=seed),
    ]


def interruptions_by_agent(
    exchanges: Sequence[Exchange], windows: Windows, *, seed: int = 0
) -> Figure:
    """I_A: agent starts while the user speaks, by the turns that R_R counts (``n``)."""
    counts, turns = [], []
    for exchange in exchanges:
        starts = [run[0] for run in exchange.runs(windows)]
        backchannels = [sound for sound in exchange.user if sound.kind is Kind.BACKCHANNEL]
        speech = [*exchange.claims, *(backchannels if windows.published else ())]
        inside = sum(any(sound.speaks_at(start) for sound in speech) for start in starts)
        gaps, _ = response_gaps(exchange, windows)
        counts.append(Case(scene=exchange.id, value=inside))
        turns.append(Case(scene=exchange.id, value=len(gaps)))
    return ratio(
        "I_A", Unit.PER_TURN, counts, turns, n=sum(round(t.value) for t in turns), seed=seed
    )


# -- stops --------------------------------------------------------------------------------------


def yields(exchanges: Sequence[Exchange], windows: Windows, *, seed: int = 0) -> list[Figure]:
    """R_Y and L_Y."""
    cases, void = _verdicts(exchanges, Kind.INTERRUPTION, windows)
    stopped = [(scene, v.stop_s) for scene, v in cases if v.stop_s < windows.stop_s]
    within = [Case(scene=scene, value=float(v.stop_s < windows.stop_s)) for scene, v in cases]
    return [
        share("R_Y", within, void=void, seed=seed),
        mean("L_Y", [Case(scene=s, value=t) for s, t in stopped], void=void, seed=seed),
    ]


def selectivity(
    name: str, exchanges: Sequence[Exchange], kind: Kind, windows: Windows, *, seed: int = 0
) -> tuple[Figure, Figure]:
    """Share of sounds of a kind that the agent ignored, and of stops too late to count against it."""
    cases, void = _verdicts(exchanges, kind, windows)
    ignored = [Case(scene=scene, value=float(is_ignored(v, windows))) for scene, v in cases]
    beyond, unknown = _verdicts(exchanges, kind, windows, reach_s=windows.late_s)
    late = [
        Case(scene=scene, value=float(windows.yield_s <= v.stop_s < windows.late_s))
        for scene, v in beyond
        if v.speaking
    ]
    return (
        share(name, ignored, void=void, seed=seed),
        share(f"{name}_late_stops", late, void=unknown, good=False, seed=seed),
    )


def is_ignored(verdict: Verdict, windows: Windows) -> bool:
    """Neither a yield while speaking nor a response while silent."""
    return verdict.stop_s >= windows.yield_s and verdict.response_s > windows.respond_s


def judge(
    exchange: Exchange, sound: UserSound, windows: Windows, *, reach_s: float | None = None
) -> Verdict | None:
    """What came of a sound over or beside the agent's speech; None: void.

    ``reach_s``: how long after its onset a stop says something (default: its kind's window).
    """
    if not sound.heard:
        return None
    runs = exchange.runs(windows)
    run = _at(runs, sound.start)
    if run is not None:
        reach = samples(windows.reach_s(sound) if reach_s is None else reach_s)
        return _over_speech(exchange, sound, run, reach, windows)
    if sound.over_agent or sound.kind in (Kind.INTERRUPTION, Kind.BACKCHANNEL):
        return None
    return _in_silence(exchange, sound, runs, windows)


def _over_speech(
    exchange: Exchange, sound: UserSound, run: Stretch, reach: int, windows: Windows
) -> Verdict | None:
    length = samples(exchange.length_s)
    if not windows.published and _unclear(exchange, sound, run, sound.start + reach):
        return None
    stop_s = inf if run[1] >= length else seconds(run[1] - sound.start)
    return Verdict(sound=sound, speaking=True, stop_s=stop_s)


def _unclear(exchange: Exchange, sound: UserSound, run: Stretch, until: int) -> bool:
    """Whether going on or stopping before ``until`` may have another reason than the sound."""
    if run[1] < until and run[1] in exchange.said_all:
        return True
    if run[1] < until and run[1] >= samples(exchange.length_s):
        return True  # the recording ends
    first = max(run[0], sound.start - samples(BEFORE_S))
    return not sound.claims and any(first <= c.start < until for c in exchange.claims)


def _in_silence(
    exchange: Exchange, sound: UserSound, runs: tuple[Stretch, ...], windows: Windows
) -> Verdict | None:
    until = sound.end + samples(windows.respond_s)
    inside = any(c.start < until and c.end > sound.start for c in exchange.claims)
    if not windows.published and (inside or _answer_due(exchange, sound.start, runs)):
        return None
    start = next((run[0] for run in runs if run[0] >= sound.start), None)
    response_s = inf if start is None else seconds(start - sound.end)
    return Verdict(sound=sound, speaking=False, response_s=response_s)


def _answer_due(exchange: Exchange, at: int, runs: tuple[Stretch, ...]) -> bool:
    """Whether the agent still owes an answer at a sample, so that a start would be that."""
    before = [c for c in exchange.claims if c.end <= at]
    if not before or not before[-1].answer_due or at - before[-1].end >= ANSWER_WITHIN:
        return False
    return not any(before[-1].end - EARLY <= first < at for first, _ in runs)


def _verdicts(
    exchanges: Sequence[Exchange], kind: Kind, windows: Windows, *, reach_s: float | None = None
) -> tuple[list[tuple[str, Verdict]], int]:
    every = [
        (exchange.id, judge(exchange, sound, windows, reach_s=reach_s))
        for exchange in exchanges
        for sound in exchange.user
        if sound.kind is kind
    ]
    known = [(scene, verdict) for scene, verdict in every if verdict is not None]
    return known, len(every) - len(known)


def _at(runs: tuple[Stretch, ...], sample: int) -> Stretch | None:
    return next((run for run in runs if run[0] <= sample < run[1]), None)

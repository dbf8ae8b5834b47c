"""Sounds over the agent's speech, by scene: was the outcome right, and how soon did the agent stop?

Law: after an interruption the right outcome is to stop within 2 s and, where an answer is due, to
respond; after a backchannel, talk to somebody else and background speech it is to go on. A silence
of more than 0.4 s is a stop, also while the sound lasts and 0.6 s after it.
Source: Full-Duplex-Bench v1.5 (arXiv 2507.23159) for the four scenes; it never asks whether the agent
stopped. Stop latency: the user's onset to the last sample that was played.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import Final

from hocket.evaluation.lanes import seconds
from hocket.evaluation.metrics.exchange import OURS, Exchange
from hocket.evaluation.metrics.figure import Case, Figure, combined, quantile, share
from hocket.evaluation.metrics.selectivity import Verdict, judge
from hocket.evaluation.metrics.takes import Sound, Take
from hocket.evaluation.truth import Event, Kind

SCENES: Final = ("interruption", "backchannel", "side", "background")
RESUMED_S: Final = 0.6  # after a sound's end


def figures(takes: Sequence[Take], *, seed: int = 0) -> dict[str, Figure]:
    """Share of right outcomes a scene, their mean, and the stop latency."""
    scenes = [scene_figure(takes, scene, seed=seed) for scene in SCENES]
    score = combined("overlap_score", scenes, fmean)
    return {f.name: f for f in (*scenes, score, *latency_figures(takes, seed=seed))}


def scene_of(take: Take, sound: Sound) -> str | None:
    """Which of the four scenes a sound makes; None for another kind.

    Side talk is what the scene's family calls it. Elsewhere, in the voice of the user's own turns it
    is talk to somebody else, in any other speech in the background.
    """
    if sound.event.kind is Kind.SIDE:
        if take.truth.family in ("side", "background"):
            return take.truth.family
        own = {turn.event.voice for turn in take.sounds(Kind.TURN)}
        return "side" if sound.event.voice in own else "background"
    kinds = {Kind.INTERRUPTION: "interruption", Kind.BACKCHANNEL: "backchannel"}
    return kinds.get(sound.event.kind)


def scene_figure(takes: Sequence[Take], scene: str, *, seed: int = 0) -> Figure:
    """Share of right outcomes in one of the four scenes."""
    cases, void = [], 0
    for take, sound, verdict in _over_speech(takes, scene):
        if verdict is None:
            void += 1
        else:
            right = is_right(take, sound, verdict)
            cases.append(Case(scene=take.scene, value=float(right)))
    return share(scene, cases, void=void, seed=seed)


def is_right(take: Take, sound: Sound, verdict: Verdict) -> bool:
    """Whether the agent did what the scene asks for."""
    if sound.event.kind is not Kind.INTERRUPTION:
        return verdict.stop_s >= _reach_s(sound)
    stopped = verdict.stop_s < OURS.stop_s
    return stopped and (not sound.event.finished or responds(take, sound))


def responds(take: Take, sound: Sound) -> bool:
    """Whether a takeover answers the interruption after the agent has stopped for it."""
    return take.response(sound) is not None


def latency_figures(takes: Sequence[Take], *, seed: int = 0) -> list[Figure]:
    """Median and p95 of the stop latency over all interruptions, stopped for or not."""
    every = [(take, verdict) for take, _, verdict in _over_speech(takes, "interruption")]
    cases = [Case(scene=take.scene, value=v.stop_s) for take, v in every if v is not None]
    void = len(every) - len(cases)
    return [
        quantile("stop_latency_median_s", cases, 0.5, void=void, seed=seed),
        quantile("stop_latency_p95_s", cases, 0.95, void=void, seed=seed),
    ]


def _over_speech(takes: Sequence[Take], scene: str) -> list[tuple[Take, Sound, Verdict | None]]:
    """The sounds of a scene that fell on the agent's speech, or were meant to."""
    found: list[tuple[Take, Sound, Verdict | None]] = []
    for take in takes:
        exchange = Exchange.of(take)
        for plain, event in zip(exchange.user, take.truth.events, strict=True):
            sound = Sound.of(event)
            over = plain.heard and take.run_at(sound.start) is not None
            if scene_of(take, sound) == scene and (over or _meant(event)):
                verdict = judge(exchange, plain, OURS, reach_s=_reach_s(sound))
                found.append((take, sound, None if _cut_short(take, sound) else verdict))
    return found


def _meant(event: Event) -> bool:
    return event.over_agent or event.kind in (Kind.INTERRUPTION, Kind.BACKCHANNEL)


def _cut_short(take: Take, sound: Sound) -> bool:
    """Whether the scene ends before an answer that is due could be heard."""
    due = sound.event.kind is Kind.INTERRUPTION and sound.event.finished
    return due and not take.answerable(sound)


def _reach_s(sound: Sound) -> float:
    if sound.event.kind is Kind.INTERRUPTION:
        return OURS.stop_s
    return max(OURS.yield_s, seconds(sound.end - sound.start) + RESUMED_S)

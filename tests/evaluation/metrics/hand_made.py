"""Truths, lanes and scores made by hand, in seconds."""

from collections.abc import Sequence

from hocket.evaluation.lanes import HeardLane, Word, samples
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.truth import Event, Kind, Span, Truth, Voices, Wanted
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.score import (
    ComputeMs,
    Score,
    ScoreEvent,
    ScoreHeader,
    ScorePermit,
    ScoreTick,
    ScoreTotals,
    ScoreUser,
)

Spoken = tuple[str, float, float]


def event(kind: Kind, start_s: float, end_s: float, **more: object) -> Event:
    return Event.model_validate({"kind": kind, "start_s": start_s, "end_s": end_s, **more})


def turn(start_s: float, end_s: float, *pauses: tuple[float, float], **more: object) -> Event:
    silences = tuple(Span(start_s=a, end_s=b) for a, b in pauses)
    return event(Kind.TURN, start_s, end_s, pauses=silences, **more)


def over(kind: Kind, start_s: float, end_s: float, **more: object) -> Event:
    return event(kind, start_s, end_s, over_agent=True, **more)


def truth(
    *events: Event,
    scene: str = "scene",
    family: str = "plain",
    suite: str = "suite",
    length_s: float = 60.0,
    wanted: Sequence[Wanted] = (),
) -> Truth:
    return Truth(
        scene=scene,
        suite=suite,
        family=family,
        voices=Voices.SYNTHETIC,
        split="test",
        seed=0,
        length_s=length_s,
        events=events,
        wanted=tuple(wanted),
    )


def lane(
    *spans: tuple[float, float], words: Sequence[Spoken] | None = (), length_s: float = 60.0
) -> HeardLane:
    heard = None
    if words is not None:
        heard = tuple(Word(text=t, start=samples(a), end=samples(b)) for t, a, b in words)
    return HeardLane(
        length=samples(length_s),
        spans=tuple((samples(a), samples(b)) for a, b in spans),
        words=heard,
    )


def said(text: str, at_s: float, each_s: float = 0.25) -> list[Spoken]:
    """Words at even distances from a time on."""
    return [(w, at_s + i * each_s, at_s + (i + 1) * each_s) for i, w in enumerate(text.split())]


def take(
    *events: Event,
    spans: Sequence[tuple[float, float]] = (),
    words: Sequence[Spoken] | None = (),
    scene: str = "scene",
    family: str = "plain",
    suite: str = "suite",
    length_s: float = 60.0,
    wanted: Sequence[Wanted] = (),
    score: Score | None = None,
) -> Take:
    return Take(
        truth=truth(
            *events, scene=scene, family=family, suite=suite, length_s=length_s, wanted=wanted
        ),
        lane=lane(*spans, words=words, length_s=length_s),
        score=score,
    )


def tick(
    number: int,
    *,
    floor: Floor = Floor.LISTEN,
    sent: int = 0,
    plan: str = "",
    allowed: Sequence[Floor] = FLOORS,
    events: Sequence[ScoreEvent] = (),
    compute_ms: tuple[float, float, float] = (0.0, 0.0, 0.0),
    done_s: float = 0.0,
) -> ScoreTick:
    hear, think, voice = compute_ms
    return ScoreTick(
        tick=number,
        t=round(0.2 * number, 4),
        user=ScoreUser(level_db=-90.0),
        floor=floor,
        p=(1.0, 0.0, 0.0, 0.0, 0.0),
        plan=plan,
        permit=ScorePermit(allowed=tuple(allowed), rule="open", reason="nothing against it"),
        events=tuple(events),
        sent_samples=sent,
        compute_ms=ComputeMs(hear=hear, think=think, voice=voice),
        clock_s=(0.0, 0.0, 0.0, done_s),
    )


def score(*ticks: ScoreTick, without_permit: int = 0) -> Score:
    return Score(
        header=ScoreHeader(
            model="fake", mode="responsive", config={}, seed=0, agent_rate_hz=16_000
        ),
        ticks=ticks,
        totals=ScoreTotals(
            ticks=len(ticks),
            duration_s=0.2 * len(ticks),
            samples_without_permit=without_permit,
        ),
    )

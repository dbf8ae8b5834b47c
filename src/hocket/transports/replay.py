"""Replay: the same session from its score and the user's audio, compared line by line.

Law: nothing is measured and nothing waits: times, costs, playback reports and everything else that came
from outside are taken from the score; decisions and sound are computed anew and must be the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from hocket.core.errors import BadScore
from hocket.core.units import TICK_USER_SAMPLES
from hocket.engine.port import Float32
from hocket.engine.stages import Hear, Sound, StageRequest, Think
from hocket.engine.worker import Worker
from hocket.protocol.events import (
    AudioReceived,
    Closed,
    Finish,
    InputEnded,
    ModeChosen,
    Muted,
    OutsideEvent,
    PlaybackReported,
    PlaybackStopped,
    Record,
    ResponseAsked,
    StopPressed,
    TextTyped,
)
from hocket.protocol.modes import Mode
from hocket.protocol.score import Score, ScoreEvent, ScoreTick, ScoreTotals
from hocket.session.session import Action, Session

# Facts of the wire: the user's lane holds what came of it, so a replay does not meet them again.
OF_THE_WIRE = frozenset({"audio_missing", "audio_dropped"})

OUTSIDE: dict[str, Callable[[ScoreEvent], OutsideEvent]] = {
    "played": lambda e: PlaybackReported(position=_integer(e, "position")),
    "playback_stopped": lambda e: PlaybackStopped(position=_integer(e, "position")),
    "input_ended": lambda e: InputEnded(),
    "closed": lambda e: Closed(),
    "typed": lambda e: TextTyped(text=str(e.detail["text"])),
    "muted": lambda e: Muted(on=bool(e.detail["on"])),
    "stop_pressed": lambda e: StopPressed(),
    "mode": lambda e: ModeChosen(mode=Mode(str(e.detail["mode"]))),
    "response_asked": lambda e: ResponseAsked(),
}


def _integer(event: ScoreEvent, key: str) -> int:
    value = event.detail.get(key)
    if not isinstance(value, int):
        raise BadScore(f"expected an integer {key} in a {event.kind} event, got {value!r}")
    return value


def replay(
    score: Score, session: Session, worker: Worker, user_ticks: Iterable[Float32]
) -> Iterator[tuple[ScoreTick | ScoreTotals, ScoreTick | ScoreTotals]]:
    """Pairs of (recorded, computed) lines, tick by tick and the totals last.

    Raises:
        BadScore: the score does not hold what a replay needs.
    """
    seat = worker.open(seed=session.config.seed, instructions=session.config.instructions)
    try:
        lane = iter(user_ticks)
        for line in score.ticks:
            yield line, _tick(session, lambda r: worker.run(seat, r), line, next(lane, None))
        if score.totals is not None:
            yield score.totals, _end(session, score.totals)
    finally:
        worker.close(seat)


def _tick(session: Session, run, line: ScoreTick, samples: Float32 | None) -> ScoreTick:  # type: ignore[no-untyped-def]
    began, *done = line.clock_s
    costs = [line.compute_ms.hear, line.compute_ms.think, line.compute_ms.voice]
    _deliver(session, line.events, "waiting")
    silence = np.zeros(TICK_USER_SAMPLES, np.float32)
    chunk = AudioReceived(samples=silence if samples is None else samples)
    actions = session.receive(chunk, now=began)
    for phase, now, cost in zip(("hearing", "thinking", "sounding"), done, costs, strict=True):
        result = replace(run(_request(actions)), compute_ms=cost)
        _deliver(session, line.events, phase)
        actions = session.receive(result, now=now)
    records = [action.line for action in actions if isinstance(action, Record)]
    if len(records) != 1:
        raise BadScore(
            f"tick {line.tick}: expected the session to record one line, got {len(records)}"
        )
    return _with_wire_facts(records[0], line)


def _request(actions: list[Action]) -> StageRequest:
    for action in actions:
        if isinstance(action, Hear | Think | Sound):
            return action
    raise BadScore("expected the session to go on, got no request: times of the score do not fit")


def _deliver(session: Session, events: tuple[ScoreEvent, ...], phase: str) -> None:
    for event in events:
        if event.kind in OUTSIDE and event.detail.get("at") == phase:
            now = event.detail.get("now_s")
            if not isinstance(now, int | float):
                raise BadScore(f"expected now_s in a {event.kind} event, got {now!r}")
            session.receive(OUTSIDE[event.kind](event), now=now)


def _with_wire_facts(computed: ScoreTick, recorded: ScoreTick) -> ScoreTick:
    facts = tuple(event for event in recorded.events if event.kind in OF_THE_WIRE)
    if not facts:
        return computed
    rest = iter(computed.events)
    merged = tuple(e if e.kind in OF_THE_WIRE else next(rest, e) for e in recorded.events)
    return computed.model_copy(update={"events": merged})


def _end(session: Session, recorded: ScoreTotals) -> ScoreTotals:
    _deliver(session, recorded.events, "waiting")
    silence = np.zeros(TICK_USER_SAMPLES, np.float32)
    for action in session.receive(AudioReceived(samples=silence), now=recorded.ended_s):
        if isinstance(action, Finish):
            same = {
                "user_audio_sha256": recorded.user_audio_sha256,
                "dropped_samples": recorded.dropped_samples,
            }
            return action.totals.model_copy(update=same)
    raise BadScore("expected the session to end with the score, it goes on")

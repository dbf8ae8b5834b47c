"""The suite ``governance``: how often what must never happen happened, over 100,000 ticks and more.

Law: a seed gives the same sessions and the same figures. Every session is replayed from its score; a
session that breaks its own order, or whose replay does, is a difference and never an excuse. Counts are
those of metrics/governance.py; that of samples against orders trusts neither permit nor score.
Source: metrics.md, "Governance".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from hocket.core.errors import BadScore, ProtocolViolation, SessionMisuse
from hocket.engine.fake import FakeVoice
from hocket.engine.worker import Worker
from hocket.evaluation.governed.person import Person, person_of
from hocket.evaluation.governed.restless import RestlessEars, RestlessEngine
from hocket.evaluation.governed.wire import Played, Wire
from hocket.evaluation.lanes import heard_lane
from hocket.evaluation.metrics.figure import Case, Figure, Unit, absent, count, quantile
from hocket.evaluation.metrics.governance import samples_without_permit, stop_times_s
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.scenes.size import Size
from hocket.evaluation.truth import Truth, Voices
from hocket.protocol.score import Score, ScoreHeader, ScoreTick
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.replay import replay

TICKS: Final[Mapping[Size, int]] = {
    Size.QUICK: 5_000,
    Size.ORDINARY: 100_000,
    Size.FULL: 1_000_000,
}
SESSION_TICKS: Final = (
    100  # 20 s: the noise floor's window (15 s) fills, and there are many of them
)
RATE_HZ: Final = 8_000  # of the voice: a tone needs no more, and a third of 22,050 is quicker
BROKEN: Final = (BadScore, ProtocolViolation, SessionMisuse)  # a replay that cannot go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One session in numbers."""

    scene: str
    ticks: int
    without_permit: int  # samples
    against_orders: int  # samples
    without_reason: int  # ticks
    different: int  # lines of the replay, or 1 if it broke off
    refused: int  # ticks in which the session denied what the engine asked
    stops_s: tuple[float, ...]  # from a patient person's stop to the last sample


def governance_figures(
    size: Size, *, seed: int = 0, progress: Callable[[int], None] | None = None
) -> dict[str, Figure]:
    """All figures of the suite; ``progress`` is told the ticks done so far."""
    accounts: list[Account] = []
    done = 0
    for account in fuzzed(TICKS[size], seed=seed):
        accounts.append(account)
        done += account.ticks
        if progress is not None:
            progress(done)
    return figures(accounts, seed=seed)


def fuzzed(n_ticks: int, *, seed: int = 0) -> Iterator[Account]:
    """Sessions of at least ``n_ticks`` in all."""
    done = number = 0
    while done < n_ticks:
        account = session_account(
            f"governance/restless/{number:05d}", seed=seed * 1_000_003 + number
        )
        yield account
        done += account.ticks
        number += 1


def figures(accounts: Sequence[Account], *, seed: int = 0) -> dict[str, Figure]:
    """The sessions' counts as figures, by name."""
    n_ticks = sum(account.ticks for account in accounts)

    def counted(name: str, of: Callable[[Account], int], n: int) -> Figure:
        return count(name, [Case(scene=a.scene, value=of(a)) for a in accounts], n)

    stops = [Case(scene=a.scene, value=x) for a in accounts for x in a.stops_s if x > 0]
    quiet = sum(x == 0 for a in accounts for x in a.stops_s)  # met silence: says nothing of a stop
    found = [
        counted("samples_without_permit", lambda a: a.without_permit, n_ticks),
        counted("samples_against_orders", lambda a: a.against_orders, n_ticks),
        counted("decisions_without_reason", lambda a: a.without_reason, n_ticks),
        counted("replay_differences", lambda a: a.different, n_ticks),
        counted("wishes_refused", lambda a: a.refused, n_ticks),
        absent("side_effects_uncommitted", Unit.COUNT, note="not supported"),
        quantile("stop_to_silence_median_s", stops, 0.5, void=quiet, seed=seed),
        quantile("stop_to_silence_max_s", stops, 1.0, void=quiet, seed=seed),
    ]
    return {figure.name: figure for figure in found}


def session_account(scene: str, *, seed: int) -> Account:
    """Hold one session, replay it, count."""
    person = person_of(seed, SESSION_TICKS)
    config = _config(person, seed)
    worker = Worker(
        ears=RestlessEars(seed=seed, share=person.words),
        engine=RestlessEngine(),
        voice=FakeVoice(rate_hz=RATE_HZ, word_ms=300),
    )
    played = Wire(Session(config), worker, person, seed=seed).run()
    take = _take(scene, config, played)
    assert take.score is not None
    return Account(
        scene=scene,
        ticks=len(played.lines),
        without_permit=samples_without_permit(take.score),
        against_orders=played.orders.samples_against,
        without_reason=sum(map(_unreasoned, played.lines)),
        different=_differences(take.score, Session(config), worker, played),
        refused=sum(map(_refused, played.lines)),
        stops_s=tuple(stop_times_s(take)) if person.patient else (),
    )


def _config(person: Person, seed: int) -> SessionConfig:
    return SessionConfig(
        model=RestlessEngine.name,
        voice_rate_hz=RATE_HZ,
        mode=person.mode,
        switches=person.switches,
        seed=seed,
        backlog_s=2.0,  # a buffer of 30 s for each of a thousand sessions costs a tenth of the time
        quiet_s=0.6,
        tail_s=1.2,
    )


def _take(scene: str, config: SessionConfig, played: Played) -> Take:
    header = ScoreHeader(
        model=config.model,
        mode=str(config.mode),
        config={"session": asdict(config)},
        seed=config.seed,
        agent_rate_hz=config.voice_rate_hz,
    )
    lane = heard_lane(played.lane, config.voice_rate_hz)
    truth = Truth(
        scene=scene,
        suite="governance",
        family="restless",
        voices=Voices.SYNTHETIC,
        split="test",
        seed=config.seed,
        length_s=len(played.lane) / config.voice_rate_hz,
        events=(),
    )
    score = Score(header=header, ticks=tuple(played.lines), totals=played.totals)
    return Take(truth=truth, lane=lane, score=score)


def _differences(score: Score, session: Session, worker: Worker, played: Played) -> int:
    pairs: Iterable[tuple[object, object]] = replay(score, session, worker, played.heard)
    different = 0
    try:
        for recorded, computed in pairs:
            different += recorded != computed
    except BROKEN:
        different += 1
    return different


def _unreasoned(line: ScoreTick) -> bool:
    return not (line.permit.rule.strip() and line.permit.reason.strip())


def _refused(line: ScoreTick) -> bool:
    return any(event.kind in ("overruled", "withheld") for event in line.events)

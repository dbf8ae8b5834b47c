"""The score: the full record of one session, one JSON line a tick.

Law: a value in memory equals the value read back. Floats are rounded to 4 decimals when a line is
*made* (not when it is written), so a session and its replay compare with ``==``. The header's
config keeps its exact floats: a session is rebuilt from it.
Source: docs/score.md, "Score file". The picture draws every event by its kind and knows one of
them: ``response``, detail ``{"from_s": user's last speech, "to_s": agent's first sample}``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf, isfinite
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import from_json

from hocket.core.errors import BadScore
from hocket.core.units import USER_RATE_HZ
from hocket.protocol.floor import FLOORS, Floor, Permit

DECIMALS: Final = 4  # 0.1 ms of time, 0.01 % of probability; keeps an hour near 12 MB


def _round(value: Any) -> Any:
    """Round every float in a JSON value; -0.0 becomes 0.0 so that equal scores are equal bytes."""
    match value:
        case float():
            if not isfinite(value):
                raise ValueError("a finite number")
            return round(value, DECIMALS) + 0.0
        case dict():
            return {key: _round(item) for key, item in value.items()}
        case list():
            return [_round(item) for item in value]
        case _:
            return value


def _finite(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    _round(value)
    return value


Number: TypeAlias = Annotated[float, AfterValidator(_round)]
Count: TypeAlias = Annotated[int, Field(ge=0)]
Config: TypeAlias = Annotated[dict[str, JsonValue], AfterValidator(_finite)]
Detail: TypeAlias = Annotated[dict[str, JsonValue], AfterValidator(_round)]
Four: TypeAlias = tuple[Number, Number, Number, Number]
Five: TypeAlias = tuple[Number, Number, Number, Number, Number]
Said: TypeAlias = Annotated[str, Field(min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ScoreHeader(_Line):
    """First line: what a replay needs to build the same session again."""

    hocket: Literal[1] = 1
    model: str
    mode: str
    config: Config
    seed: int
    rate_hz: Annotated[int, Field(gt=0)] = USER_RATE_HZ  # user lane
    agent_rate_hz: Annotated[int, Field(gt=0)]


class ScoreUser(_Line):
    """What came from the user in one tick."""

    level_db: Number  # RMS in dBFS, floored at -90
    levels_db: tuple[int, ...] = ()  # the same every 10 ms: the envelope that is drawn and measured
    heard: tuple[str, ...] = ()  # words newly agreed
    tentative: tuple[str, ...] = ()  # the tail still open
    text: str = ""  # typed since the last tick, as typed


class SaidWord(_Line):
    """A word of ours and where it sounds, in seconds of session time."""

    word: str
    start_s: Number
    end_s: Number


class ScorePermit(_Line):
    """The policy's answer for the tick. No decision goes without a rule and a reason."""

    allowed: tuple[Floor, ...]  # in the order of FLOORS
    rule: Said
    reason: Said

    @classmethod
    def of(cls, permit: Permit) -> Self:
        """The permit in the score's fixed order."""
        allowed = tuple(floor for floor in FLOORS if floor in permit.allowed)
        return cls(allowed=allowed, rule=permit.rule, reason=permit.reason)


class ScoreEvent(_Line):
    """A job result, a timer, an interruption with what the user had heard, a playback report."""

    kind: Said
    detail: Detail = Field(default_factory=dict)


class Ahead(_Line):
    """Probability that each side speaks 200, 400, 600 and 800 ms ahead."""

    user: Four = (0.0, 0.0, 0.0, 0.0)
    agent: Four = (0.0, 0.0, 0.0, 0.0)


class ComputeMs(_Line):
    """Compute charged to the tick, by stage."""

    hear: Number = 0.0
    think: Number = 0.0
    voice: Number = 0.0

    @property
    def total(self) -> float:
        """All stages of the tick in ms."""
        return self.hear + self.think + self.voice


class ScoreTick(_Line):
    """One tick: what came in, what was decided and why, what went out."""

    tick: Count
    t: Number  # start of the tick, s
    user: ScoreUser
    floor: Floor  # the action taken
    p: Five  # the model's probabilities over FLOORS, before the permit's mask
    said: tuple[SaidWord, ...] = ()
    plan: str = ""  # text still unvoiced at the tick's end
    permit: ScorePermit
    act: Detail | None = None
    events: tuple[ScoreEvent, ...] = ()
    ahead: Ahead = Ahead()
    sent_samples: Count = 0  # given to playout in this tick
    played_samples: Count = 0  # absolute position known to be played at the tick's end
    compute_ms: ComputeMs = ComputeMs()
    clock_s: Four = (0.0, 0.0, 0.0, 0.0)  # session time when compute began and each stage ended


class ScoreTotals(_Line):
    """Last line: the session in numbers. Gaps are signed: a negative gap is overlap."""

    ticks: Count
    duration_s: Number
    responses: tuple[Number, ...] = ()  # response gaps, s
    response_gap_median_s: Number | None = None
    deadline_misses: Count = 0
    samples_sent: Count = 0
    samples_played: Count = 0
    samples_without_permit: Count = 0
    dropped_samples: Count = 0
    compute_ms_p50: Number = 0.0
    compute_ms_p95: Number = 0.0
    compute_ms_p99: Number = 0.0
    compute_ms_max: Number = 0.0
    ended_s: Number = 0.0  # session time of the end
    events: tuple[ScoreEvent, ...] = ()  # what still came after the last tick
    user_audio_sha256: str = ""  # transports.files: the content that a replay must be given


ScoreLine: TypeAlias = ScoreHeader | ScoreTick | ScoreTotals
_BY_KEY: Final[dict[str, type[ScoreHeader] | type[ScoreTick] | type[ScoreTotals]]] = {
    "hocket": ScoreHeader,
    "tick": ScoreTick,
    "ticks": ScoreTotals,
}


def dumps_line(line: ScoreLine) -> str:
    """One line of JSON without its newline. Equal lines give equal text."""
    return line.model_dump_json()


def loads_line(text: str) -> ScoreLine:
    """Read one line, whichever of the three it is.

    Raises:
        BadScore: not a line of a score; says what was expected and what came.
    """
    try:
        data = from_json(text)
    except ValueError as error:
        raise BadScore(f"expected a line of JSON, got {_short(text.strip())!r} ({error})") from None
    for key, kind in _BY_KEY.items():
        if isinstance(data, dict) and key in data:
            return _validated(kind, data)
    raise BadScore(f'expected an object with "hocket", "tick" or "ticks", got {_short(data)}')


def _validated(
    kind: type[ScoreHeader] | type[ScoreTick] | type[ScoreTotals], data: dict[str, Any]
) -> ScoreLine:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        wanted = first["msg"][:1].lower() + first["msg"][1:]
        raise BadScore(f"expected a good {where}: {wanted}, got {_short(first['input'])}") from None


def _short(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def read_score(lines: Iterable[str], *, complete: bool = True) -> Iterator[ScoreLine]:
    """Read a score line by line, checking that header, ticks 0, 1, 2, ... and totals follow.

    ``complete=False`` accepts a score that breaks off, as a crash leaves it.

    Raises:
        BadScore: with the line number, what was expected there and what came.
    """
    tick, last, number = 0, None, 0
    for number, text in enumerate(lines, start=1):
        try:
            line = loads_line(text)
        except BadScore as error:
            raise BadScore(f"line {number}: {error}") from None
        _check_order(line, number=number, tick=tick, last=last)
        tick += isinstance(line, ScoreTick)
        last = line
        yield line
    if last is None or (complete and not isinstance(last, ScoreTotals)):
        wanted = "the header" if last is None else "the totals"
        raise BadScore(f"line {number + 1}: expected {wanted}, got the end of the file")


def _check_order(line: ScoreLine, *, number: int, tick: int, last: ScoreLine | None) -> None:
    if last is None:
        wanted, good = "the header", isinstance(line, ScoreHeader)
    elif isinstance(last, ScoreTotals):
        wanted, good = "the end of the file", False
    elif isinstance(line, ScoreTotals):
        wanted, good = f"totals over {tick} ticks", line.ticks == tick
    else:
        wanted = f"tick {tick} or the totals"
        good = isinstance(line, ScoreTick) and line.tick == tick
    if not good:
        raise BadScore(f"line {number}: expected {wanted}, got {_name(line)}")


def _name(line: ScoreLine) -> str:
    match line:
        case ScoreHeader():
            return "a header"
        case ScoreTick():
            return f"tick {line.tick}"
        case ScoreTotals():
            return f"totals over {line.ticks} ticks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A whole score in memory. ``totals`` is None for one that broke off."""

    header: ScoreHeader
    ticks: tuple[ScoreTick, ...]
    totals: ScoreTotals | None

    @classmethod
    def of(cls, lines: Iterable[str], *, complete: bool = True) -> Self:
        """Gather what ``read_score`` yields; raises BadScore likewise."""
        read = list(read_score(lines, complete=complete))
        header, last = read[0], read[-1]
        assert isinstance(header, ScoreHeader)  # read_score's first law
        return cls(
            header=header,
            ticks=tuple(line for line in read if isinstance(line, ScoreTick)),
            totals=last if isinstance(last, ScoreTotals) else None,
        )

    def between(self, from_s: float = 0.0, to_s: float | None = None) -> tuple[ScoreTick, ...]:
        """The ticks that start in [from_s, to_s)."""
        end_s = inf if to_s is None else to_s
        return tuple(tick for tick in self.ticks if from_s <= tick.t < end_s)

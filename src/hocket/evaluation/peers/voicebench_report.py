"""voicebench's reports read back: its measurements of every turn, pooled over sessions as it pools them.

Law: no time is measured here. A sound that was to fall on the agent's talk and did not stays what
voicebench makes of it (an interruption: a failure; another: passed if no answer came), and how many
those were is said beside the figure.
Source: voicebench 0.2.0, report schema 1.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from hocket.core.errors import BadInput
from hocket.evaluation.results import PeerFigure

REPORT: Final = "report.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)  # fields that are not read may come and go


class Turn(_Part):
    """What it measured of a turn; times in ms, moments in seconds of its session."""

    id: str
    expect: Literal["respond", "stop", "ignore"]
    trigger: str
    user_onset_s: float | None = None
    responded: bool | None = None
    response_latency_ms: float | None = None
    ttfa_ms: float | None = None
    talk_over: bool = False
    stopped: bool | None = None
    stop_latency_ms: float | None = None
    false_barge_in: bool | None = None
    spurious_response: bool | None = None
    wer: float | None = None


class Session(_Part):
    """One conversation; segments are (start, end) in seconds."""

    turns: tuple[Turn, ...]
    overlap_ms: float
    talk_over_ms: float
    agent_segments: tuple[tuple[float, float], ...]

    def met_silence(self, turn: Turn) -> bool:
        """The agent was not speaking when the turn began, or the turn never came."""
        at_s = turn.user_onset_s
        return at_s is None or not any(a <= at_s < b for a, b in self.agent_segments)


class Report(_Part):
    """One run of voicebench."""

    schema_version: Literal[1]
    voicebench_version: str
    created_at: str
    sessions: tuple[Session, ...]


def read(path: Path) -> Report:
    """A report.

    Raises:
        BadInput: it is none of schema 1.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BadInput(f"expected a report of voicebench in {path}, got: {error}") from error


def figures(reports: Sequence[Report]) -> tuple[PeerFigure, ...]:
    """Everything that its summaries show, over all sessions of all reports."""
    sessions = [session for report in reports for session in report.sessions]
    asked = _of(sessions, "respond")
    stops, ignores = _of(sessions, "stop"), _of(sessions, "ignore")
    never = sum(turn.trigger == "not_played" for turn in asked)
    void_stops, void_ignores = _void(sessions, "stop"), _void(sessions, "ignore")
    return (
        *_times("response_latency", (t.response_latency_ms for t in asked), (50, 90)),
        *_times("ttfa", (t.ttfa_ms for t in asked), (50, 90)),
        _count("missed_responses", (not t.responded for t in asked), f"{never} never played"),
        _count("talk_overs", (t.talk_over for t in asked)),
        _rate("barge_in_success_rate", [bool(t.stopped) for t in stops], void_stops),
        *_times("barge_in_stop", (t.stop_latency_ms for t in stops), (50, 100)),
        _count("false_barge_ins", (bool(t.false_barge_in) for t in ignores), _met(void_ignores)),
        _count("spurious_responses", (bool(t.spurious_response) for t in ignores)),
        _sum("overlap", [session.overlap_ms for session in sessions]),
        _sum("talk_over", [session.talk_over_ms for session in sessions]),
        _mean("mean_wer", [t.wer for s in sessions for t in s.turns if t.wer is not None]),
    )


def _of(sessions: Iterable[Session], expect: str) -> list[Turn]:
    return [turn for session in sessions for turn in session.turns if turn.expect == expect]


def _void(sessions: Iterable[Session], expect: str) -> int:
    return sum(s.met_silence(turn) for s in sessions for turn in s.turns if turn.expect == expect)


def _met(void: int) -> str:
    return f"{void} of them met no talk of the agent"


def _times(name: str, found: Iterable[float | None], percents: Sequence[int]) -> list[PeerFigure]:
    values = [value for value in found if value is not None]
    return [
        PeerFigure(
            name=f"{name}_max_ms" if percent == 100 else f"{name}_p{percent}_ms",
            value=float(np.percentile(values, percent)) if values else None,
            unit="ms",
            n=len(values),
        )
        for percent in percents
    ]


def _count(name: str, found: Iterable[bool], note: str = "") -> PeerFigure:
    values = list(found)
    value = float(sum(values)) if values else None
    return PeerFigure(name=name, value=value, unit="turns", n=len(values), note=note)


def _rate(name: str, values: Sequence[bool], void: int) -> PeerFigure:
    value = sum(values) / len(values) if values else None
    note = f"{_met(void)}, and count as failures"
    return PeerFigure(name=name, value=value, unit="share", n=len(values), note=note)


def _sum(name: str, values: Sequence[float]) -> PeerFigure:
    return PeerFigure(name=f"{name}_ms", value=sum(values), unit="ms", n=len(values))


def _mean(name: str, values: Sequence[float]) -> PeerFigure:
    value = sum(values) / len(values) if values else None
    return PeerFigure(name=name, value=value, unit="share", n=len(values))

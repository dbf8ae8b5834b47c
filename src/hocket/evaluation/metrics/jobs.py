"""Jobs that a session handed to the background model, as its score tells of them.

Law: the score says when a job was asked for and when its result came; what was said about it is read
from the lane. Source: docs/score.md. Events with a time ``now_s`` and a ``job`` id: ``job_started``
(``request``), ``job_result`` (``text``, optionally ``content``), ``job_cancelled``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from hocket.evaluation.words import Slots, tokens
from hocket.protocol.score import Score, ScoreEvent

TELLING = 5  # letters: shorter words are in any sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job, in seconds of session time."""

    id: str
    request: str
    asked_s: float
    result_s: float = inf
    cancelled_s: float = inf
    content: Slots = ()  # what shows that the result is being told

    @property
    def ended_s(self) -> float:
        """When nothing was to be waited for any more."""
        return min(self.result_s, self.cancelled_s)


def jobs_of(score: Score) -> tuple[Job, ...]:
    """All jobs of a score in the order in which they were asked for."""
    jobs: dict[str, Job] = {}
    for event in _events(score):
        name, at_s = str(event.detail.get("job")), _time(event)
        job = jobs.get(name)
        if event.kind == "job_started":
            request = str(event.detail.get("request", ""))
            jobs[name] = Job(id=name, request=request, asked_s=at_s)
        elif job is not None and event.kind == "job_result":
            jobs[name] = replace(job, result_s=at_s, content=content_of(event, job.request))
        elif job is not None and event.kind == "job_cancelled":
            jobs[name] = replace(job, cancelled_s=at_s)
    return tuple(jobs.values())


def content_of(result: ScoreEvent, request: str) -> Slots:
    """The groups that the result names, else one group: its telling words that the request lacks."""
    named = result.detail.get("content")
    if isinstance(named, list):
        return tuple(
            tuple(str(word) for word in group) for group in named if isinstance(group, list)
        )
    asked = set(tokens(request))
    text = str(result.detail.get("text", ""))
    numbers = {t for word in text.split() if any(c.isdigit() for c in word) for t in tokens(word)}
    telling = (t for t in tokens(text) if t not in asked and (len(t) >= TELLING or t in numbers))
    group = tuple(dict.fromkeys(telling))
    return (group,) if group else ()


def _events(score: Score) -> Iterator[ScoreEvent]:
    for line in score.ticks:
        yield from (event for event in line.events if event.kind.startswith("job_"))


def _time(event: ScoreEvent) -> float:
    at_s = event.detail.get("now_s")
    return float(at_s) if isinstance(at_s, int | float) else inf

"""Jobs in the background: silence while they run, results told late, stale, twice or before they exist.

Law: what was told is read from the lane, never from the agent's own account of it. Dead air is silence
of both sides. Source: metrics.md, "Delegation". An engine without jobs has no figures, not good ones.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf

from hocket.evaluation.lanes import Stretch, joined, samples, seconds
from hocket.evaluation.metrics.figure import Case, Figure, Unit, absent, count, quantile
from hocket.evaluation.metrics.jobs import Job, jobs_of
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.words import met_at, tokens

NAMES = {
    "dead_air_median_s": Unit.SECONDS,
    "dead_air_p95_s": Unit.SECONDS,
    "result_to_voice_median_s": Unit.SECONDS,
    "stale_results_voiced": Unit.COUNT,
    "told_before_result": Unit.COUNT,
    "duplicate_jobs": Unit.COUNT,
}


def figures(
    takes: Sequence[Take], jobs: Mapping[str, Sequence[Job]] | None = None, *, seed: int = 0
) -> dict[str, Figure]:
    """Every figure of delegation; ``jobs`` by scene, default: what the scores tell."""
    each = [(take, job) for take in takes for job in _jobs(take, jobs)]
    if not each:
        return {name: absent(name, unit, note="not supported") for name, unit in NAMES.items()}
    known = [(t, job) for t, job in each if t.lane.words is not None and job.content]
    void = len(each) - len(known)
    dead = [Case(scene=take.scene, value=dead_air_s(take, job)) for take, job in each]
    fresh = [
        (t, job) for t, job in known if job.result_s < job.cancelled_s and _is_last(t, job, jobs)
    ]
    told = [Case(scene=take.scene, value=told_after_s(take, job)) for take, job in fresh]
    stale = [(take, job) for take, job in known if job.cancelled_s < inf]
    found = [
        quantile("dead_air_median_s", dead, 0.5, seed=seed),
        quantile("dead_air_p95_s", dead, 0.95, seed=seed),
        quantile("result_to_voice_median_s", told, 0.5, void=void, seed=seed),
        count(
            "stale_results_voiced",
            [
                Case(scene=t.scene, value=float(is_told(t, job, job.cancelled_s)))
                for t, job in stale
            ],
            len(stale),
        ),
        count(
            "told_before_result",
            [Case(scene=t.scene, value=float(is_told_early(t, job))) for t, job in known],
            len(known),
            void=void,
        ),
        count("duplicate_jobs", _duplicates(takes, jobs), len(each)),
    ]
    return {figure.name: figure for figure in found}


def dead_air_s(take: Take, job: Job) -> float:
    """Longest silence of both sides from the request to the result or the end, in seconds."""
    first, last = samples(job.asked_s), min(take.length, _sample(job.ended_s, take.length))
    user = [(sound.start, sound.end) for sound in take.sounds()]
    heard = joined(tuple(sorted([*user, *take.lane.spans])), 0)
    edges = [first, *(edge for stretch in heard for edge in stretch), last]
    clipped = [min(max(edge, first), last) for edge in edges]
    silences = zip(clipped[::2], clipped[1::2], strict=True)
    return seconds(max((b - a for a, b in silences), default=0))


def told_after_s(take: Take, job: Job) -> float:
    """Seconds from the result to its content in the lane; inf for never."""
    at = _told_at(take, job, (samples(job.result_s), take.length))
    return inf if at is None else seconds(at - samples(job.result_s))


def is_told(take: Take, job: Job, after_s: float) -> bool:
    """Whether the job's content is said after a time."""
    return _told_at(take, job, (samples(after_s), take.length)) is not None


def is_told_early(take: Take, job: Job) -> bool:
    """Whether the content is said between the request and the result."""
    behind = _sample(job.result_s, take.length)
    return _told_at(take, job, (samples(job.asked_s), behind)) is not None


def _told_at(take: Take, job: Job, stretch: Stretch) -> int | None:
    return met_at(job.content, take.lane.words_in(stretch)) if job.content else None


def _jobs(take: Take, jobs: Mapping[str, Sequence[Job]] | None) -> Sequence[Job]:
    if jobs is not None:
        return jobs.get(take.scene, ())
    return jobs_of(take.score) if take.score is not None else ()


def _is_last(take: Take, job: Job, jobs: Mapping[str, Sequence[Job]] | None) -> bool:
    """Whether no later job asks the same."""
    same = [other for other in _jobs(take, jobs) if tokens(other.request) == tokens(job.request)]
    return same[-1] is job


def _duplicates(takes: Sequence[Take], jobs: Mapping[str, Sequence[Job]] | None) -> list[Case]:
    """Jobs asked for again while the first of the same request was not cancelled."""
    found = []
    for take in takes:
        live = [job for job in _jobs(take, jobs) if job.cancelled_s == inf]
        times = Counter(tokens(job.request) for job in live)
        found.append(Case(scene=take.scene, value=sum(n - 1 for n in times.values())))
    return found


def _sample(at_s: float, otherwise: int) -> int:
    return samples(at_s) if at_s < inf else otherwise

"""What the answers say: how soon they say something, whether it was asked for, and corrections.

Law: only words read back from the lane count. A take whose words nobody read back is left out and
counted as void; an answer that never came has no content and an infinite gap.
Source: metrics.md, "gap to the first content word", "relevance", "recovery".
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from hocket.evaluation.lanes import Stretch, Word, seconds
from hocket.evaluation.metrics.figure import Case, Figure, quantile, share
from hocket.evaluation.metrics.takes import CLAIMS, Sound, Take
from hocket.evaluation.metrics.turns import CHANGED, ends, is_misfire
from hocket.evaluation.truth import Kind
from hocket.evaluation.words import Slots, content_from, met_at, tokens


def figures(takes: Sequence[Take], *, seed: int = 0) -> dict[str, Figure]:
    """Every figure that rests on the agent's words by name."""
    found = [
        *content_figures(takes, seed=seed),
        relevance(takes, seed=seed),
        *recovery_figures(takes, seed=seed),
    ]
    return {figure.name: figure for figure in found}


def answer_words(take: Take, claim: Sound) -> tuple[Word, ...]:
    """All words from the first answer to a claim until the user next takes the floor."""
    answers = take.answers(claim)
    until = take.next_claim(claim.end)
    return take.lane.words_in((answers[0][0], until)) if answers else ()


def content_gap_s(take: Take, claim: Sound) -> float:
    """Seconds from the claim's end to the first word that is no filler; inf for none."""
    words = answer_words(take, claim)
    at = content_from(words)
    return inf if at is None else seconds(words[at].start - claim.end)


def content_figures(takes: Sequence[Take], *, seed: int = 0) -> list[Figure]:
    """Gap to the first content word over taken turns; share of openings of fillers only."""
    due = [(take, turn) for take, turn in ends(takes) if take.answerable(turn)]
    taken = [(take, turn) for take, turn in due if take.response(turn) is not None]
    read = [(take, turn) for take, turn in taken if take.lane.words is not None]
    void = len(taken) - len(read)
    gaps = [Case(scene=take.scene, value=content_gap_s(take, turn)) for take, turn in read]
    fillers = [_case(take, opens_empty(take, take.answers(turn)[0])) for take, turn in read]
    return [
        quantile("content_gap_median_s", gaps, 0.5, void=void, seed=seed),
        quantile("content_gap_p90_s", gaps, 0.9, void=void, seed=seed),
        share("filler_only", fillers, void=void, good=False, seed=seed),
    ]


def opens_empty(take: Take, run: Stretch) -> bool:
    """Whether a run, up to its first silence of more than 0.4 s, holds nothing but fillers."""
    words = take.words(run)
    return bool(words) and content_from(words) is None


def relevance(takes: Sequence[Take], *, seed: int = 0) -> Figure:
    """Share of turns with expected content whose answer holds all of it; silence holds none."""
    due = [(t, turn) for t, turn in ends(takes) if turn.event.slots and t.answerable(turn)]
    read = [(take, turn) for take, turn in due if take.lane.words is not None]
    cases = [
        _case(take, met_at(turn.event.slots, answer_words(take, turn)) is not None)
        for take, turn in read
    ]
    return share("relevance", cases, void=len(due) - len(read), seed=seed)


# -- corrections --------------------------------------------------------------------------------


def corrections(takes: Sequence[Take]) -> Iterator[tuple[Take, Sound, Slots]]:
    """Claims that correct, with the content that is now wrong (of turns: not known).

    They are interruptions, and turns with a pause, of the families in which meaning changes.
    """
    for take in takes:
        if not take.truth.family.startswith(CHANGED):
            continue
        for before, claim in pairwise((None, *take.sounds(*CLAIMS))):
            if claim is None or not claim.event.slots:
                continue
            if claim.event.kind is Kind.INTERRUPTION and before is not None:
                yield take, claim, outdated(before.event.slots, claim.event.slots)
            elif claim.event.kind is Kind.TURN and claim.pauses:
                yield take, claim, ()


def outdated(before: Slots, now: Slots) -> Slots:
    """Groups of the old content that share no word with the new."""
    kept = {tokens(word) for group in now for word in group}
    return tuple(group for group in before if not kept & {tokens(word) for word in group})


def recovery_s(take: Take, claim: Sound) -> float:
    """Seconds from a correction's end until all of its content was voiced; inf for never."""
    words = take.lane.words_in((claim.start, take.next_claim(claim.end)))
    at = met_at(claim.event.slots, words)
    return inf if at is None else seconds(at - claim.end)


def recovery_figures(takes: Sequence[Take], *, seed: int = 0) -> list[Figure]:
    """Time to the corrected content, and the share of cases where the wrong one was not voiced."""
    every = list(corrections(takes))
    read = [(take, claim, wrong) for take, claim, wrong in every if take.lane.words is not None]
    void = len(every) - len(read)
    times = [Case(scene=take.scene, value=recovery_s(take, claim)) for take, claim, _ in read]
    clean = [
        _case(take, not voices_wrong(take, claim, wrong))
        for take, claim, wrong in read
        if wrong or claim.event.kind is Kind.TURN
    ]
    return [
        quantile("recovery_median_s", times, 0.5, void=void, seed=seed),
        share("wrong_never_voiced", clean, void=void, seed=seed),
    ]


def voices_wrong(take: Take, claim: Sound, wrong: Slots) -> bool:
    """Whether a plan that is wrong by now is voiced: begun before a turn's change, or said after."""
    if claim.event.kind is Kind.TURN:
        return is_misfire(take, claim)
    words = take.lane.words_in((claim.end, take.next_claim(claim.end)))
    return any(met_at((group,), words) is not None for group in wrong)


def _case(take: Take, so: bool) -> Case:
    return Case(scene=take.scene, value=float(so))

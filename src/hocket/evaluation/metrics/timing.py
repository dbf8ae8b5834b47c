"""Said at the right time: cases of "after n seconds", "every n seconds", "whenever I say V, say W".

Law: a hit needs the right content and a start in its window, and one utterance serves one wish. What is
said outside all windows is a false alarm, except the answer to a turn that is due one.
Source: metrics.md, after TimeSpeak and CueSpeak, which were never released.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from hocket.evaluation.lanes import Stretch, samples, seconds
from hocket.evaluation.metrics.figure import Case, Figure, Unit, mean, quantile
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.metrics.turns import ends
from hocket.evaluation.truth import Wanted
from hocket.evaluation.words import Slots, met_at

TIME_S: Final = 0.3  # around a time
CUE_S: Final = 0.8  # after a cue
LONG_S: Final = 4.0  # as long as one thing takes to say
ANSWER_S: Final = 3.0  # an answer to the instruction itself begins sooner


def at_time(content: Slots, at_s: float) -> Wanted:
    """What should be said at a time, 0.3 s sooner or later."""
    return Wanted(content=content, earliest_s=at_s - TIME_S, latest_s=at_s + TIME_S)


def on_cue(content: Slots, cue_end_s: float) -> Wanted:
    """What should be said from a cue's end on, within 0.8 s."""
    return Wanted(content=content, earliest_s=cue_end_s, latest_s=cue_end_s + CUE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How one case went."""

    wishes: int
    hits: int
    false_alarms: int
    off_s: tuple[float, ...]  # of each wish: how far its content began from the window; inf: never

    @property
    def hit_rate(self) -> float:
        """Share of wishes met; 1 where only silence was wished for."""
        return self.hits / self.wishes if self.wishes else 1.0

    @property
    def penalty(self) -> float:
        """False alarms a wish, at most 1."""
        return min(1.0, self.false_alarms / max(1, self.wishes))


def kept(take: Take) -> Kept:
    """How a take met its wishes."""
    left = list(take.lane.spans)
    hits = 0
    off_s = []
    for wanted in sorted(take.truth.wanted, key=lambda w: (w.earliest_s, w.latest_s)):
        span = next((s for s in left if _hits(take, s, wanted)), None)
        off_s.append(0.0 if span else _off_s(take, wanted))
        if span is not None:
            hits += 1
            left.remove(span)
    return Kept(
        wishes=len(take.truth.wanted),
        hits=hits,
        false_alarms=false_alarms(take),
        off_s=tuple(off_s),
    )


def false_alarms(take: Take) -> int:
    """Runs that begin in no window, and every further 4 s of speech outside of windows.

    The answer to a turn that is due one may begin; an agent that talks all the time gains nothing.
    """
    windows = [_window(wanted) for wanted in take.truth.wanted]
    answers = {
        run
        for one, turn in ends([take])
        for run in one.answers(turn)[:1]
        if run[0] < turn.end + samples(ANSWER_S)
    }
    return sum(_alarms(take, run, windows, free=run in answers) for run in take.lane.runs)


def _alarms(take: Take, run: Stretch, windows: Sequence[Stretch], *, free: bool) -> int:
    starts = [span[0] for span in take.lane.spans if run[0] <= span[0] < run[1]]
    called = any(first <= start < behind for first, behind in windows for start in starts)
    inside = sum(max(0, min(run[1], behind) - max(run[0], first)) for first, behind in windows)
    return int(not (free or called)) + (run[1] - run[0] - inside) // samples(LONG_S)


def figures(takes: Sequence[Take], *, seed: int = 0) -> dict[str, Figure]:
    """Macro hit rate, false-alarm penalty, and the score: the one less the other.

    Over the takes of the suite ``timing`` and any other with a wish.
    """
    cases = [take for take in takes if take.truth.wanted or take.truth.suite == "timing"]
    heard = [take for take in cases if take.lane.words is not None]
    void = len(cases) - len(heard)
    each = [(take.scene, kept(take)) for take in heard]
    hit = [Case(scene=scene, value=one.hit_rate) for scene, one in each]
    penalty = [Case(scene=scene, value=one.penalty) for scene, one in each]
    score = [Case(scene=scene, value=one.hit_rate - one.penalty) for scene, one in each]
    off = [Case(scene=scene, value=abs(x)) for scene, one in each for x in one.off_s]
    found = [
        mean("hit_rate", hit, void=void, unit=Unit.SHARE, good=True, seed=seed),
        mean("false_alarm_penalty", penalty, void=void, unit=Unit.SHARE, seed=seed),
        mean("timing_score", score, void=void, unit=Unit.SHARE, good=True, seed=seed),
        quantile("off_window_p90_s", off, 0.9, void=void, seed=seed),
    ]
    return {figure.name: figure for figure in found}


def _hits(take: Take, span: Stretch, wanted: Wanted) -> bool:
    """Whether the content begins with the span, or within it, inside the window.

    A span's edge is exact, a recogniser's word is not: content at the head of a span counts from
    the span's start.
    """
    first, behind = _window(wanted)
    run = next(r for r in take.lane.runs if r[0] <= span[0] < r[1])
    inside = take.lane.words_in((span[0], run[1]))
    if first <= span[0] < behind and met_at(wanted.content, inside) is not None:
        return True
    later = [word for word in inside if first <= word.start < behind]
    return bool(later) and met_at(wanted.content, [w for w in inside if w.start >= first]) in {
        word.start for word in later
    }


def _off_s(take: Take, wanted: Wanted) -> float:
    """How far the nearest span that holds the content begins from the window, in seconds."""
    first, behind = _window(wanted)
    held = [s for s in take.lane.spans if met_at(wanted.content, take.lane.words_in(s)) is not None]
    off = [seconds(min(s[0] - first, 0) or max(s[0] - behind, 0)) for s in held]
    return min(off, key=abs, default=inf)


def _window(wanted: Wanted) -> Stretch:
    return samples(wanted.earliest_s), samples(wanted.latest_s) + 1

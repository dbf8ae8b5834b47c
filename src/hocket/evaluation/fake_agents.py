"""Agents that know the truth, to find out whether the metrics can tell good manners from bad ones.

Law: an agent is its manners; it is told at each tick the events that have begun, with their ends (that
is the cheating), and gives that tick's sound. What it has given it cannot take back. Its voice is a
tone, so that its lane can be measured like any other; its words are told beside it.
Source: issue of the bench: an oracle, one that stops for everything, one that never stops, one that
talks in pauses, one that is silent, and one whose backchannels take the floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hocket.audio.levels import FLOOR_DB
from hocket.core.units import tick_samples, tick_start_s
from hocket.evaluation.lanes import Float32, HeardLane, Word, heard_lane, samples
from hocket.evaluation.truth import Event, Kind, Truth, Wanted
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.score import Score, ScoreHeader, ScorePermit, ScoreTick, ScoreUser

CLAIMS: Final = frozenset({Kind.TURN, Kind.INTERRUPTION})
RATE_HZ: Final = 16_000
TICK: Final = tick_samples(RATE_HZ)
# 200 Hz, whole periods a tick; never near zero, so that a span's edges are exact to the sample.
TONE: Final = (0.06 + 0.04 * np.cos(2 * np.pi * 200 / RATE_HZ * np.arange(TICK))).astype(np.float32)
FILL: Final = "and then the story goes on from there"  # said behind an answer's content
WORD_S: Final = 0.25
BRIEF_S: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What an agent does; None of a time: never."""

    answer_after_s: float | None = 0.2  # the end of a finished turn
    answer_s: float = 9.0
    stops_for: frozenset[Kind] = CLAIMS
    stop_after_s: float = 0.4  # the onset
    pause_after_s: float | None = None  # starts an answer in a pause
    pause_s: float = 1.4
    backchannel_after_s: float | None = None  # the onset of a turn of 2 s or more
    backchannel: str = "mhm"
    backchannel_s: float = 0.4
    keeps_time: bool = True  # says what is wanted in the middle of its window


MANNERS: Final = {
    "oracle": Manners(),
    "stops-for-everything": Manners(stops_for=frozenset(Kind)),
    "never-stops": Manners(stops_for=frozenset()),
    "talks-in-pauses": Manners(pause_after_s=0.15),
    "backchannels-as-takeover": Manners(
        backchannel_after_s=1.2, backchannel="oh yes I see that", backchannel_s=1.3
    ),
    "silent": Manners(answer_after_s=None, stops_for=frozenset(), keeps_time=False),
}


@dataclass(slots=True)
class _Speech:
    start: int
    end: int
    text: str
    cut: bool = False

    def words(self) -> list[Word]:
        """Evenly spaced words, those that were cut left out."""
        step = samples(WORD_S)
        each = [(word, self.start + i * step) for i, word in enumerate(self.text.split())]
        return [Word(text=w, start=a, end=a + step) for w, a in each if a + step <= self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What an agent gave for a scene."""

    lane: Float32  # [S] at 16 kHz
    words: tuple[Word, ...]

    def heard(self) -> HeardLane:
        """The lane as it is measured, with the words that were said."""
        return heard_lane(self.lane, RATE_HZ, self.words)


@dataclass(slots=True)
class FakeAgent:
    """One agent in one scene, asked tick by tick."""

    manners: Manners
    _speeches: list[_Speech] = field(default_factory=list)
    _seen: set[tuple[Kind, int]] = field(default_factory=set)

    def step(self, tick: int, events: Sequence[Event], wanted: Sequence[Wanted] = ()) -> Float32:
        """The sound of a tick: float32 [3200]. Events that begin behind the tick are not looked at."""
        first, behind = tick * TICK, (tick + 1) * TICK
        for event in sorted(events, key=lambda e: e.start_s):
            mark = (event.kind, samples(event.start_s))
            heard = event.end_s > event.start_s  # else its moment never came
            if heard and mark[1] < behind and mark not in self._seen:
                self._seen.add(mark)
                self._react(event, wanted, now=first)
        if self.manners.keeps_time:
            self._keep_time(wanted, now=first)
        return self._sound(first)

    def words(self) -> tuple[Word, ...]:
        """All words given so far and planned, in order."""
        every = [word for speech in self._speeches for word in speech.words()]
        return tuple(sorted(every, key=lambda word: word.start))

    def score(self, n_ticks: int) -> Score:
        """The session's record, as far as metrics ask for it: when sound was sent with a plan left."""
        ticks = tuple(self._line(tick) for tick in range(n_ticks))
        header = ScoreHeader(
            model="fake", mode="responsive", config={}, seed=0, agent_rate_hz=RATE_HZ
        )
        return Score(header=header, ticks=ticks, totals=None)

    def _line(self, tick: int) -> ScoreTick:
        first, behind = tick * TICK, (tick + 1) * TICK
        live = [s for s in self._speeches if s.start < behind and s.end > first]
        unsaid = any(speech.cut or speech.end > behind for speech in live)
        return ScoreTick(
            tick=tick,
            t=tick_start_s(tick),
            user=ScoreUser(level_db=FLOOR_DB),
            floor=Floor.SPEAK if live else Floor.LISTEN,
            p=(0.0, 0.0, 0.0, 0.0, 0.0),
            plan=FILL if unsaid else "",
            permit=ScorePermit(allowed=FLOORS, rule="open", reason="nothing stands against it"),
            sent_samples=TICK if live else 0,
        )

    def _react(self, event: Event, wanted: Sequence[Wanted], *, now: int) -> None:
        manners, start, end = self.manners, samples(event.start_s), samples(event.end_s)
        over_own = any(speech.start <= start < speech.end for speech in self._speeches)
        if event.kind in manners.stops_for:
            self._stop(max(now, start + samples(manners.stop_after_s)))
        if event.kind not in CLAIMS or (over_own and event.kind not in manners.stops_for):
            return
        if manners.pause_after_s is not None:
            for pause in event.pauses:
                self._say(samples(pause.start_s + manners.pause_after_s), manners.pause_s, FILL)
        if manners.backchannel_after_s is not None and event.end_s - event.start_s >= 2:
            at = start + samples(manners.backchannel_after_s)
            self._say(at, manners.backchannel_s, manners.backchannel)
        if event.finished and manners.answer_after_s is not None:
            self._answer(event, wanted, at=end + samples(manners.answer_after_s))

    def _answer(self, event: Event, wanted: Sequence[Wanted], *, at: int) -> None:
        """A long answer; where something is to be said at its time, a short one or none."""
        content = " ".join(group[0] for group in event.slots)
        if not wanted:
            self._say(at, self.manners.answer_s, f"{content} {FILL}".strip())
        elif all(abs(_middle(wish) - at) > samples(BRIEF_S + 0.8) for wish in wanted):
            self._say(at, BRIEF_S, "okay")

    def _keep_time(self, wanted: Sequence[Wanted], *, now: int) -> None:
        for wish in wanted:
            at = _middle(wish)
            if now <= at < now + TICK:
                text = " ".join(group[0] for group in wish.content)
                self._say(at, WORD_S * len(text.split()) + 0.05, text)

    def _say(self, start: int, length_s: float, text: str) -> None:
        self._speeches.append(_Speech(start, start + samples(length_s), text))

    def _stop(self, at: int) -> None:
        """End what sounds at that time, and drop what was to be said later."""
        self._speeches = [speech for speech in self._speeches if speech.start < at]
        for speech in self._speeches:
            speech.cut |= speech.end > at
            speech.end = min(speech.end, at)

    def _sound(self, first: int) -> Float32:
        speaking_S = np.zeros(TICK, np.bool_)
        for speech in self._speeches:
            speaking_S[max(0, speech.start - first) : max(0, speech.end - first)] = True
        return np.where(speaking_S, TONE, np.float32(0))


def _middle(wish: Wanted) -> int:
    return samples((wish.earliest_s + wish.latest_s) / 2)


def perform(truth: Truth, manners: Manners) -> Performance:
    """A whole scene whose events do not depend on the agent."""
    agent = FakeAgent(manners)
    n_ticks = -(-samples(truth.length_s) // TICK)
    ticks = [agent.step(tick, truth.events, truth.wanted) for tick in range(n_ticks)]
    lane = np.concatenate(ticks) if ticks else np.zeros(0, np.float32)
    return Performance(lane=lane, words=agent.words())

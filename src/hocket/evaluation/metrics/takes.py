"""A take: one scene as one engine played it, and the questions that all metrics ask of it.

Law: what happened is read from the lane. The score is asked one thing only, and only to leave an event
out: whether the agent had said all it had when it fell silent, for then nothing can be told from it.
A claim is a sound with which the user takes the floor.
Source: metrics.md; takeover and backchannel after Full-Duplex-Bench v1 (arXiv 2503.04721).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from hocket.core.units import USER_RATE_HZ
from hocket.evaluation.lanes import HeardLane, Stretch, Word, samples
from hocket.evaluation.truth import Event, Kind, Truth
from hocket.evaluation.words import is_acknowledgment
from hocket.protocol.score import Score, ScoreTick

CLAIMS: Final = (Kind.TURN, Kind.INTERRUPTION)
EARLY: Final = USER_RATE_HZ * 4 // 10  # before a silence: an answer to it, not a false start
ANSWER_WITHIN: Final = 8 * USER_RATE_HZ  # later sounds answer nothing (as the session counts)
OPEN: Final = 2 * USER_RATE_HZ  # a scene that ends sooner says nothing about an answer
TAKEOVER: Final = USER_RATE_HZ
TAKEOVER_WORDS: Final = 3  # more than this
BACKCHANNEL_WORDS: Final = 2  # at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """An event of the truth in samples at 16 kHz."""

    event: Event
    start: int
    end: int

    @classmethod
    def of(cls, event: Event) -> Self:
        """The event with its times in samples."""
        return cls(event=event, start=samples(event.start_s), end=samples(event.end_s))

    @property
    def pauses(self) -> tuple[Stretch, ...]:
        """Its silences."""
        return tuple((samples(p.start_s), samples(p.end_s)) for p in self.event.pauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One scene on one engine."""

    truth: Truth
    lane: HeardLane
    score: Score | None = None  # None: an engine that keeps none

    @property
    def scene(self) -> str:
        """The scene's id."""
        return self.truth.scene

    @property
    def length(self) -> int:
        """Samples at 16 kHz of the longer lane."""
        return max(samples(self.truth.length_s), self.lane.length)

    def sounds(self, *kinds: Kind) -> tuple[Sound, ...]:
        """The user's sounds of these kinds (none given: of all), in order of their starts.

        An event without length is one whose moment never came: it was not heard.
        """
        every = (Sound.of(e) for e in self.truth.events if not kinds or e.kind in kinds)
        found = [sound for sound in every if sound.end > sound.start]
        return tuple(sorted(found, key=lambda sound: (sound.start, sound.end)))

    def next_claim(self, after: int) -> int:
        """Where the user next takes the floor, or the end of the scene."""
        starts = [claim.start for claim in self.sounds(*CLAIMS)]
        at = bisect_left(starts, after)
        return starts[at] if at < len(starts) else self.length

    def run_at(self, sample: int) -> Stretch | None:
        """The run that sounds at a sample."""
        return next((run for run in self.lane.runs if run[0] <= sample < run[1]), None)

    def starts(self, first: int, behind: int) -> Iterator[Stretch]:
        """The runs that start in [first, behind)."""
        return (run for run in self.lane.runs if first <= run[0] < behind)

    def words(self, run: Stretch) -> tuple[Word, ...]:
        """Words read back in a run."""
        return self.lane.words_in(run)

    def is_takeover(self, run: Stretch) -> bool:
        """At least 1 s, or more than 3 words."""
        return run[1] - run[0] >= TAKEOVER or len(self.words(run)) > TAKEOVER_WORDS

    def is_backchannel(self, run: Stretch) -> bool:
        """Under 1 s and at most 2 words."""
        return run[1] - run[0] < TAKEOVER and len(self.words(run)) <= BACKCHANNEL_WORDS

    def answerable(self, claim: Sound) -> bool:
        """Whether the scene goes on long enough after a claim to hear an answer."""
        return self.length - claim.end >= OPEN

    def answers(self, claim: Sound) -> tuple[Stretch, ...]:
        """Runs that began after the claim did, still sound after its end, and begin in time."""
        until = min(self.next_claim(claim.end), claim.end + ANSWER_WITHIN)
        return tuple(run for run in self.starts(claim.start, until) if run[1] > claim.end)

    def response(self, claim: Sound) -> Stretch | None:
        """The first answer that is a takeover, or that the user spoke into before it could be one."""
        return next(
            (run for run in self.answers(claim) if self.is_takeover(run) or self._spoken_into(run)),
            None,
        )

    def reply(self, claim: Sound) -> Stretch | None:
        """The first answer that is a response, or says more than an acknowledgment, be it one word."""
        return next(
            (run for run in self.answers(claim) if self._is_reply(run)),
            None,
        )

    def _is_reply(self, run: Stretch) -> bool:
        words = self.words(run)
        says_something = bool(words) and not is_acknowledgment(words)
        return says_something or self.is_takeover(run) or self._spoken_into(run)

    def _spoken_into(self, run: Stretch) -> bool:
        return any(run[0] < sound.start < run[1] for sound in self.sounds())

    def said_all(self, stop: int) -> bool:
        """Whether the agent fell silent at ``stop`` because its text had ended. False if unknown.

        The last tick that sent sound before the stop left nothing unvoiced: text that is dropped
        (yield, hold, or silence kept by listening) was still there in that tick.
        """
        sent = [line for line in self._ticks(stop) if line.sent_samples]
        return bool(sent) and not sent[-1].plan

    def _ticks(self, before: int) -> Iterator[ScoreTick]:
        ticks = self.score.ticks if self.score is not None else ()
        return (line for line in ticks if samples(line.t) < before)

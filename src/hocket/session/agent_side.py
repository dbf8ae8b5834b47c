"""What the session does with its own voice: the plan, the playout ledger, what was really heard.

Law: ``hold`` cuts the sound and rewinds to the first word the user did not hear whole; ``yield`` cuts
and drops; every other floor action leaves what is in flight alone. Playback reports may come late: until
``PlaybackStopped`` arrives after a cut, nothing is known and the plan waits.
"""

from collections import deque

import numpy as np

from hocket.audio.ledger import PlayoutLedger
from hocket.audio.levels import rms_db
from hocket.core.units import tick_samples
from hocket.engine.port import Float32, PlayedTick, TickOutput
from hocket.engine.stages import Sound, Sounded
from hocket.protocol.events import Play, SaidWord, StopPlayout
from hocket.protocol.floor import SOUNDING, Floor
from hocket.session.config import SessionConfig
from hocket.session.plan import Plan


class EchoReference:
    """The samples in flight, so that what was played can be shown to the engine."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, Float32]] = deque()

    def sent(self, position: int, samples: Float32) -> None:
        """Samples went out from ``position`` on."""
        self._chunks.append((position, samples))

    def take(self, played: int) -> Float32:
        """All samples before ``played`` that were not taken yet."""
        out: list[Float32] = []
        while self._chunks and self._chunks[0][0] < played:
            position, samples = self._chunks.popleft()
            n = min(len(samples), played - position)
            out.append(samples[:n])
            if n < len(samples):
                self._chunks.appendleft((position + n, samples[n:]))
        return np.concatenate(out) if out else np.zeros(0, np.float32)

    def cut(self, position: int) -> None:
        """What lay at or behind ``position`` was never played."""
        kept = [(p, s[: max(0, position - p)]) for p, s in self._chunks]
        self._chunks = deque((p, s) for p, s in kept if len(s))


class AgentSide:
    """The agent's lane as the session drives it."""

    def __init__(self, config: SessionConfig) -> None:
        self._config = config
        self._rate_hz = config.voice_rate_hz
        self._tick_samples = tick_samples(config.voice_rate_hz)
        self.plan = Plan(seed=config.seed)
        self._aside = Plan(seed=config.seed + 500_000)  # backchannels: beside the plan
        self.ledger = PlayoutLedger(rate_hz=config.voice_rate_hz)
        self._echo = EchoReference()
        self._floor = Floor.LISTEN
        self.onset = False  # this tick begins to sound
        self._cut_pending = False
        self._unanswered = 0  # cuts that were settled without the client's word
        self._utterance: list[str] = []  # our words heard since we last began to speak
        self._interrupted: str | None = None
        self._played_words: list[str] = []
        self.playing_until_s = 0.0
        self.underruns = 0

    # -- decisions ----------------------------------------------------------------------------

    def take(self, floor: Floor, thought: TickOutput, *, now: float) -> list[StopPlayout]:
        """Carry out a floor action and the text that came with it."""
        if thought.drop:
            self.plan.drop()
        self.plan.pace(thought.pace)
        if floor is Floor.BACKCHANNEL:
            self._aside.append(thought.append, ended=True)
        else:
            self._aside.drop()
            self.plan.append(thought.append, ended=thought.ended or self.plan.complete)
        actions: list[StopPlayout] = []
        match floor:
            case Floor.HOLD:
                actions = self.cut(now)
            case Floor.YIELD:
                actions = self.cut(now)
                self.plan.drop()
            case Floor.SPEAK:
                self._settle_unanswered(now)
                if self._floor is Floor.HOLD:
                    self._interrupted = None  # it goes on
                elif self._floor is not Floor.SPEAK:
                    self._utterance = []
            case Floor.BACKCHANNEL:
                self._settle_unanswered(now)
            case Floor.LISTEN:
                pass
        self.onset = floor in SOUNDING and self._floor not in SOUNDING
        self._floor = floor
        return actions

    def drop(self) -> None:
        """Forget everything that was not sent (mute, stop)."""
        self.plan.drop()
        self._aside.drop()

    def cut(self, now: float) -> list[StopPlayout]:
        """Stop what is in flight, if anything is."""
        if not self.in_flight(now) or self._cut_pending:
            return []
        self._cut_pending = True
        self.playing_until_s = now
        return [StopPlayout(fade_ms=self._config.fade_ms)]

    def in_flight(self, now: float) -> bool:
        """Whether sound may still be on its way to the user."""
        return now < self.playing_until_s or self.ledger.in_flight_samples > 0

    # -- the voice stage ----------------------------------------------------------------------

    def request(self, tick: int, *, now: float) -> Sound:
        """What the voice shall do in this tick."""
        sounding = self._floor in SOUNDING
        plan = self._aside if self._floor is Floor.BACKCHANNEL else self.plan
        prepare = plan.to_prepare(
            sounding=sounding, ahead_samples=int(self._config.ahead_s * self._rate_hz)
        )
        queue, start = plan.queue
        n_samples = self._tick_samples if sounding else 0
        if sounding and not self.in_flight(now):
            n_samples += self._rate_hz * self._config.cushion_ms // 1000
        return Sound(tick=tick, prepare=prepare, queue=queue, start=start, n_samples=n_samples)

    def sounded(self, event: Sounded, *, now: float) -> Play | None:
        """Book what the voice made; returns what is to be played."""
        plan = self._aside if self._floor is Floor.BACKCHANNEL else self.plan
        for phrase in event.prepared:
            plan.prepared(phrase)
        if not len(event.samples):
            return None
        if not self.onset and self.playing_until_s < now:
            self.underruns += 1
        start_s = max(now, self.playing_until_s)
        position = self.ledger.sent
        words = plan.sent(len(event.samples), position=position)
        self.ledger.send(
            len(event.samples), words=tuple((w.text, w.start, w.end) for w in words), at=start_s
        )
        self._echo.sent(position, event.samples)
        self.playing_until_s = start_s + len(event.samples) / self._rate_hz
        said = tuple(
            SaidWord(
                text=w.text,
                start_s=start_s + w.start / self._rate_hz,
                end_s=start_s + w.end / self._rate_hz,
            )
            for w in words
        )
        return Play(samples=event.samples, position=position, words=said)

    # -- playback truth -----------------------------------------------------------------------

    def reported(self, position: int, *, now: float) -> None:
        """The client has played up to ``position``."""
        self.ledger.report_played(position, now)
        self._hear()
        self.plan.played(self.ledger.played)

    def stopped(self, position: int, *, now: float) -> None:
        """The client stopped at ``position`` and dropped the rest."""
        if self._unanswered and not self._cut_pending:
            self._unanswered -= 1  # of sound that is written off; what was sent since plays on
            return
        self._stopped(position, now)
        if self._cut_pending:
            self._settle(position)

    def _stopped(self, position: int, now: float) -> None:
        self.ledger.stopped(position, now)
        self._echo.cut(position)
        self.playing_until_s = min(self.playing_until_s, now)

    def _settle_unanswered(self, now: float) -> None:
        """Before anything sounds again: what a cut left open is settled by the last report."""
        if self._cut_pending:
            self._unanswered += 1
            self._stopped(self.ledger.played, now)
            self._settle(self.ledger.played)

    def _settle(self, position: int) -> None:
        self._cut_pending = False
        self._hear()
        self.plan.rewind(position)
        self._interrupted = " ".join(self._utterance)

    def _hear(self) -> None:
        words = [word.text for word in self.ledger.take_heard()]
        self._played_words += words
        self._utterance += words

    def take_played(self, now: float) -> PlayedTick:
        """What the user got to hear since the last call, at most one tick of it."""
        samples = self._echo.take(self.ledger.played)[-self._tick_samples :]
        words, self._played_words = tuple(self._played_words), []
        return PlayedTick(
            samples=samples,
            level_db=rms_db(samples),
            fraction=min(1.0, len(samples) / self._tick_samples),
            words=words,
            breath=self._breathes(now),
        )

    def _breathes(self, now: float) -> bool:
        """Whether a cut would fall between two words, as far as the client has told where it is."""
        if not self.in_flight(now):
            return False
        at, sent = self.ledger.position_at(now), self.ledger.sent
        if self.plan.into_word and at >= sent - self.plan.into_word:
            return False
        return not any(word.start <= at < word.end for word in self.ledger.unheard_words())

    def take_interrupted(self) -> str | None:
        """Once after an utterance was cut short: what the user had heard of it.

        A hold may go on, so nothing is told while it lasts.
        """
        if self._floor is Floor.HOLD:
            return None
        heard, self._interrupted = self._interrupted, None
        return heard

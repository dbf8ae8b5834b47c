"""One live conversation: 200 ms in, a decision, 200 ms out.

Law: the session opens no socket, starts no thread and reads no clock. Events and the present come in,
actions go out; the same inputs at the same times give the same outputs. Within a tick the order never
changes (``NEXT``): hear -> permit -> think -> gate -> sound -> play -> record. An event that the order
does not allow changes nothing and raises ``SessionMisuse``.
"""

from dataclasses import asdict, replace
from enum import StrEnum
from typing import TypeAlias

from pydantic import JsonValue

from hocket.audio.frames import TickAssembler
from hocket.core.errors import SessionMisuse
from hocket.core.units import TICK_USER_SAMPLES, tick_start_s
from hocket.engine.port import HeardTick, TickInput, TickOutput
from hocket.engine.stages import (
    Hear,
    Heard,
    Sounded,
    StageRequest,
    StageResult,
    Think,
    Thought,
)
from hocket.policy.permits import Facts, permit
from hocket.protocol.events import (
    AudioReceived,
    Closed,
    Finish,
    InputEnded,
    ModeChosen,
    Muted,
    OutsideEvent,
    Play,
    PlaybackReported,
    PlaybackStopped,
    Record,
    ResponseAsked,
    ShellAction,
    StopPressed,
    TextTyped,
)
from hocket.protocol.floor import SOUNDING, Floor
from hocket.protocol.score import (
    Ahead,
    SaidWord,
    ScoreEvent,
    ScorePermit,
    ScoreTick,
    ScoreTotals,
    ScoreUser,
)
from hocket.session.agent_side import AgentSide
from hocket.session.config import SessionConfig
from hocket.session.tally import Tally
from hocket.session.user_side import UserSide

Action: TypeAlias = ShellAction | StageRequest


class Phase(StrEnum):
    """Where in a tick the session stands."""

    WAITING = "waiting"  # for 200 ms of user audio
    HEARING = "hearing"
    THINKING = "thinking"
    SOUNDING = "sounding"
    FINISHED = "finished"


# The stage result that each phase waits for.
NEXT: dict[Phase, type[StageResult]] = {
    Phase.HEARING: Heard,
    Phase.THINKING: Thought,
    Phase.SOUNDING: Sounded,
}


class Session:
    """Sans-I/O: ``receive`` and ``handle_deadline`` return what the shell must do."""

    def __init__(self, config: SessionConfig) -> None:
        self.config = config
        self.phase = Phase.WAITING
        self.tick = 0
        self._audio = TickAssembler(max_backlog_s=config.backlog_s)
        self._input_ended = False
        self._closed = False
        self._mode = config.mode
        self._muted = False
        self._user = UserSide(speech_level_db=config.speech_level_db)
        self._agent = AgentSide(config)
        self._tally = Tally()
        self._events: list[ScoreEvent] = []  # of the score line in the making
        self._typed = ""
        self._typed_in_tick = ""
        self._told: list[str] = []  # events for the engine's next tick
        self._floor = Floor.LISTEN
        self._permit = permit(self._facts())
        self._thought: TickOutput | None = None
        self._ended_s = 0.0  # when the user's input ended
        self._active_s = 0.0  # when either side last gave a sign of life

    @property
    def played_position(self) -> int:
        """Stream position that the client is known to have played."""
        return self._agent.ledger.played

    @property
    def playing_until_s(self) -> float:
        """Session time at which the sound sent so far is expected to end."""
        return self._agent.playing_until_s

    @property
    def underruns(self) -> int:
        """How often our sound ran dry in the middle of speaking."""
        return self._agent.underruns

    @property
    def pending_samples(self) -> int:
        """User audio that waits for a tick."""
        return self._audio.pending

    @property
    def listening_tick(self) -> int:
        """The tick to which user audio goes that comes now, if none waits."""
        return self.tick if self.phase is Phase.WAITING else self.tick + 1

    # -- the three entry points ---------------------------------------------------------------

    def receive(self, event: OutsideEvent | StageResult, *, now: float) -> list[Action]:
        """Take an event from outside or the result of a stage.

        Raises:
            SessionMisuse: a stage result that the present phase does not wait for.
        """
        now = round(now, 4)  # the score holds times so; a replay must see the same ones
        if isinstance(event, Heard | Thought | Sounded):
            return self._stage_done(event, now)
        if self.phase is Phase.FINISHED:
            return []
        return [*self._outside(event, now), *self._advance(now)]

    def next_deadline(self) -> float | None:
        """When ``handle_deadline`` wants to be called, in session seconds; None while computing."""
        if self.phase is not Phase.WAITING:
            return None
        end = tick_start_s(self.tick + 1)
        waits = not (self._audio.ready or self._input_ended)
        # As coarse as ``now``, or a shell that calls at just this time would be too early for ever.
        return round(end + self.config.audio_grace_ms / 1000 if waits else end, 4)

    def handle_deadline(self, *, now: float) -> list[Action]:
        """Go on without the audio that has not come."""
        now = round(now, 4)
        deadline = self.next_deadline()
        if deadline is None or now < deadline:
            return []
        if not self._audio.ready:
            missing = TICK_USER_SAMPLES - self._audio.pending
            self._audio.pad(missing)
            if not self._input_ended:
                self._record("audio_missing", samples=missing)
        return self._advance(now)

    # -- events from outside ------------------------------------------------------------------

    def _outside(self, event: OutsideEvent, now: float) -> list[Action]:
        match event:
            case AudioReceived(samples=samples):
                dropped = self._audio.push(samples)
                self._tally.dropped_samples += dropped
                if dropped:
                    self._record("audio_dropped", samples=dropped)
                return []
            case InputEnded():
                self._input_ended, self._ended_s = True, now
                self._note("input_ended", now)
                return []
            case Closed():
                self._input_ended = self._closed = True
                self._note("closed", now)
                return []
            case TextTyped(text=text):
                self._typed += text
                self._note("typed", now, text=text)
                self._user.typed()
                return []
            case PlaybackReported(position=position):
                self._agent.reported(position, now=now)
                self._note("played", now, position=position)
                return []
            case PlaybackStopped(position=position):
                self._agent.stopped(position, now=now)
                self._note("playback_stopped", now, position=position)
                return []
            case Muted(on=on):
                self._muted = on
                self._note("muted", now, on=on)
                return self._silence(now) if on else []
            case StopPressed():
                self._note("stop_pressed", now)
                self._user.stop_pressed()
                return self._silence(now)
            case ModeChosen(mode=mode):
                self._mode = mode
                self._note("mode", now, mode=str(mode))
                self._told.append(f"mode {mode}")
                return []
            case ResponseAsked():
                self._note("response_asked", now)
                self._told.append("response asked")
                return []

    def _note(self, kind: str, now: float, **detail: JsonValue) -> None:
        """Record an outside event with the phase it met, so that a replay can place it."""
        self._record(kind, at=str(self.phase), now_s=now, **detail)

    def _record(self, kind: str, **detail: JsonValue) -> None:
        self._events.append(ScoreEvent(kind=kind, detail=detail))

    def _silence(self, now: float) -> list[Action]:
        """Mute and stop win at once: the plan is dropped and what is in flight is cut."""
        self._agent.drop()
        self._told.append("stopped by the person")
        return [*self._agent.cut(now)]

    # -- the tick -----------------------------------------------------------------------------

    def _advance(self, now: float) -> list[Action]:
        """Begin the next tick if its audio is there and its time has come."""
        due = self._audio.ready and now >= tick_start_s(self.tick + 1) - 1e-6
        if self.phase is not Phase.WAITING or not due:
            return []
        if self._over(now):
            self.phase = Phase.FINISHED
            return [*self._agent.cut(now), Finish(totals=self._totals(now))]
        samples = self._audio.pop()
        self._user.begin(self.tick, samples)
        self._tally.begin(now)
        self.phase = Phase.HEARING
        return [Hear(tick=self.tick, samples=samples)]

    def _over(self, now: float) -> bool:
        """After the user's input ended: both sides silent for a while, or the tail is used up."""
        if self._closed or not self._input_ended:
            return self._closed
        quiet = now - max(self._ended_s, self._active_s) >= self.config.quiet_s
        return quiet or now - self._ended_s >= self.config.tail_s

    def _stage_done(self, event: StageResult, now: float) -> list[Action]:
        if NEXT.get(self.phase) is not type(event) or event.tick != self.tick:
            raise SessionMisuse(
                f"expected {NEXT.get(self.phase)} of tick {self.tick}, got {type(event)} "
                f"of tick {event.tick}"
            )
        self._tally.stage(event.compute_ms, now)
        match event:
            case Heard(result=heard):
                return self._think(heard, now)
            case Thought(result=thought):
                return self._decide(thought, now)
            case Sounded():
                return self._play(event, now)

    def _think(self, heard: HeardTick, now: float) -> list[Action]:
        self._user.take_heard(heard)
        facts = self._facts()
        self._permit = permit(facts)
        tick_input = TickInput(
            tick=self.tick,
            audio=self._user.samples,
            heard=heard,
            played=self._agent.take_played(now),
            last_floor=self._floor,
            plan=self._agent.plan.text,
            typed=self._typed,
            manner=facts.manner,
            events=tuple(self._told),
        )
        self._told, self._typed_in_tick, self._typed = [], self._typed, ""
        self.phase = Phase.THINKING
        return [Think(tick=self.tick, tick_input=tick_input, permit=self._permit)]

    def _facts(self) -> Facts:
        return Facts(
            mode=self._mode,
            switches=self.config.switches,
            muted=self._muted,
            stopped=self._user.stopped,
            user_speaking=self._user.speaking,
            last_floor=self._floor,
        )

    def _decide(self, thought: TickOutput, now: float) -> list[Action]:
        """The gate before the voice: the engine's wish, held against the permit."""
        floor = thought.floor
        if floor not in self._permit.allowed:
            floor = Floor.YIELD if self._floor in SOUNDING else Floor.LISTEN
            self._record("overruled", floor=str(thought.floor), rule=self._permit.rule)
            self._told.append(f"not permitted: {self._permit.rule}")
            thought = replace(thought, append="")  # words for a moment that did not come
        self._thought = thought
        self._user.thought(thought)
        cut = self._agent.take(floor, thought, now=now)
        self._floor = floor
        self.phase = Phase.SOUNDING
        return [*cut, self._agent.request(self.tick, now=now)]

    def _play(self, event: Sounded, now: float) -> list[Action]:
        """The gate before the wire: no sample passes without a permit that still holds."""
        still = permit(self._facts()).allowed & self._permit.allowed
        if len(event.samples) and self._floor not in still:
            self._record("withheld", samples=len(event.samples), rule=permit(self._facts()).rule)
            event = replace(event, prepared=(), samples=event.samples[:0])
            self._floor = Floor.YIELD
        play = self._agent.sounded(event, now=now)
        if play is not None and self._floor not in still & SOUNDING:
            self._tally.samples_without_permit += len(play.samples)
        if play is not None:
            self._answered(play, now)
        line = self._line(play)
        self.tick += 1
        self.phase = Phase.WAITING
        actions: list[Action] = [Record(line=line)] if play is None else [play, Record(line=line)]
        return [*actions, *self._advance(now)]

    def _answered(self, play: Play, now: float) -> None:
        """Note the response gap at an onset of ours."""
        starts_s = self._agent.playing_until_s - len(play.samples) / self.config.voice_rate_hz
        self._active_s = self._agent.playing_until_s
        if self._floor is Floor.SPEAK and self._agent.onset:
            gap_s = self._tally.response(self._user.last_speech_s, starts_s)
            if gap_s is not None:
                self._record("response", from_s=starts_s - gap_s, to_s=starts_s)

    def _line(self, play: Play | None) -> ScoreTick:
        """The tick's line; consumes the events gathered for it."""
        assert self._thought is not None
        thought = self._thought
        compute_ms, clock_s, late_ms = self._tally.finish(self.tick)
        if late_ms:
            self._record("deadline_missed", late_ms=late_ms)
        if (heard := self._agent.take_interrupted()) is not None:
            self._record("interrupted", heard=heard)
            self._told.append(f'user heard up to "{heard}"')
        events, self._events = tuple(self._events), []
        heard_tick = self._user.heard
        return ScoreTick(
            tick=self.tick,
            t=tick_start_s(self.tick),
            user=ScoreUser(
                level_db=heard_tick.level_db,
                levels_db=self._user.levels_db,
                heard=heard_tick.heard,
                tentative=heard_tick.tentative,
                text=self._typed_in_tick,
            ),
            floor=self._floor,
            p=thought.p,
            said=tuple(
                SaidWord(word=w.text, start_s=w.start_s, end_s=w.end_s)
                for w in (play.words if play is not None else ())
            ),
            plan=self._agent.plan.text,
            permit=ScorePermit.of(self._permit),
            act=asdict(thought.act) if thought.act else None,
            events=events,
            ahead=Ahead(user=thought.user_ahead, agent=thought.agent_ahead),
            sent_samples=len(play.samples) if play is not None else 0,
            played_samples=self._agent.ledger.played,
            compute_ms=compute_ms,
            clock_s=clock_s,
        )

    def _totals(self, now: float) -> ScoreTotals:
        ledger = self._agent.ledger
        totals = self._tally.totals(sent=ledger.sent, played=ledger.played_samples)
        return totals.model_copy(update={"ended_s": now, "events": tuple(self._events)})

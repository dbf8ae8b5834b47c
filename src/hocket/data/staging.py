"""Written conversations put into time: who sounds when, what the agent is told, when it acts.

Law: lines happen in the order in which they are written; the agent's answer is placed by the end of what
it answers alone, and what the user does over the agent's speech by the phrases behind which it is
written. Equal seeds give equal scripts. What the ears hear decides two things later: how soon the agent
gives way, and when a cue was heard (actor.py).
Source: docs/data.md; conversations.py for the marks; timing.py for the times.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Final

import numpy as np

from hocket.core.errors import BadInput
from hocket.core.units import TICK_USER_SAMPLES
from hocket.data import timing
from hocket.data.bank import Utterance
from hocket.data.conversations import ACTS, SWITCHES, Conversation, Kind, Line
from hocket.data.repertoire import Rendition
from hocket.data.scenes import HOLD_SLACK_S, STRAY_S, Desk
from hocket.data.script import Decision, Part, Role, Script, Sound, Surroundings, Told
from hocket.data.script import Line as Spoken
from hocket.data.texts import HESITATION
from hocket.data.timing import samples
from hocket.protocol.modes import MANNERS

NOD_S: Final = (0.1, 0.45)  # behind the phrase that is nodded to
NOD_WAITS_S: Final = 0.6
# Nods that nobody wrote, into long turns of conversations without written ones.
LONG_S: Final = 6.0
NODDED_FROM_S: Final = 2.0  # of the turn
NODDED_REST_S: Final = 0.8  # of it behind the pause
NODDED_PAUSE_S: Final = 0.2
NODS_APART_S: Final = 2.5
NODDED_SHARE: Final = 0.6  # of such pauses
STRAY_SHARE: Final = 0.3  # of such turns have one behind them, that tells nothing of what is due
CUE_WAITS_S: Final = 1.2  # behind the piece with the cue; then it was not heard
ONSET_S: Final = (-0.2, 0.35)  # of a sound over the agent, around the place where it is written
TOLD_S: Final = (0.5, 3.0)  # a result comes so long behind the last line
WAITED_S: Final = (
    20.0  # longer timers are not waited for: the event comes when the script gets there
)
KEYS_S: Final = 0.22  # a typed word takes so long a letter and a half
LEFT_S: Final = 0.6  # of the agent's line behind a sound, at least
EARLY_S: Final = (0.1, 0.5)  # the user begins in the last word of the agent
UNWRITTEN: Final = (Role.NOISE, Role.TIC, Role.BACKCHANNEL, Role.SIDE)
_BETWEEN: Final = frozenset(ACTS)  # stand between what was said and its answer
_GOES_ON: Final = frozenset({Kind.MORE, Kind.NOD, Kind.CUED})


def without_nods(conversation: Conversation) -> Conversation:
    """The conversation of an agent that may not nod: the user's pieces stay, and so do their pauses."""
    lines = tuple(line for line in conversation.lines if line.kind is not Kind.NOD)
    off = conversation.off | {"backchannel"}
    return replace(conversation, lines=lines, off=off)


def switches_of(played: Sequence[Conversation]) -> tuple[str, ...]:
    """The switches that are on in a session: those that are named or needed in it, and the mode's."""
    mode = played[0].mode
    of_mode = frozenset(name for name, is_on in asdict(MANNERS[mode]).items() if is_on)
    named = frozenset[str]().union(*(each.on | each.needs for each in played))
    on = (of_mode | named) - frozenset[str]().union(*(each.off for each in played))
    return tuple(name for name in SWITCHES if name in on)


class Stage:
    """Conversations being placed, one behind the other. ``said_by``: what a voice says, by its text;
    ``nods``: what the agent may say into a long turn.
    """

    def __init__(
        self,
        desk: Desk,
        said_by: Callable[[str], Mapping[str, Utterance]],
        nods: Sequence[str] = (),
    ) -> None:
        self._desk, self._rng, self._said_by = desk, desk.rng, said_by
        self._nods = nods
        self._may_nod = False  # where nobody wrote it
        self._played: list[Conversation] = []
        self._lines: tuple[Line, ...] = ()
        self._own: Mapping[str, Utterance] = {}
        self._others: Mapping[str, Utterance] = {}
        self._onset = self._end = desk.at  # of the user's last piece
        self._asked: int | None = None  # since when the agent has something to say
        self._part = Part.ANSWER
        self._acts: list[Decision] = []
        self._line: Spoken | None = None  # the agent's last
        self._places: list[int] = []  # of it: phrases behind which the user sounds, still to come
        self._cut: int | None = None
        self._told: list[Told] = []
        self._prompts: list[int] = []
        self._due: dict[str, int] = {}  # running timers: sample of the next firing
        self._period: dict[str, int] = {}
        self._jobs = 0
        self._open: list[int] = []  # jobs whose results are to come, the oldest first
        self._cancelled: list[int] = []

    def play(self, rendition: Rendition) -> None:
        """Place every line of a conversation."""
        if self._played:
            self._desk.between()
        self._played.append(rendition.conversation)
        self._lines = rendition.conversation.lines
        written = any(line.kind is Kind.NOD for line in self._lines)
        self._may_nod = not written and "backchannel" in switches_of([rendition.conversation])
        self._due, self._period, self._open, self._cancelled = {}, {}, [], []
        self._own, self._others = self._said_by(rendition.voice), self._said_by(rendition.other)
        for number, line in enumerate(self._lines):
            self._place(number, line)
        self._act_alone()
        self._asked = None

    def script(
        self, *, name: str, split: str, of_set: str, seed: int, around: Surroundings
    ) -> Script:
        """What was placed."""
        script = self._desk.script(name=name, split=split, of_set=of_set, seed=seed, around=around)
        first = self._played[0]
        last = max([0, *(told.at for told in self._told)])
        return replace(
            script,
            n_ticks=max(script.n_ticks, -(-last // TICK_USER_SAMPLES) + 2),
            lines=tuple(sorted(script.lines, key=lambda line: line.start)),
            told=tuple(sorted(self._told, key=lambda told: told.at)),
            prompts=tuple(self._prompts),
            conversation=" ".join(each.id for each in self._played),
            mode=str(first.mode),
            switches=switches_of(self._played),
            persona=first.persona,
            open_end=self._lines[-1].kind is not Kind.AGENT,
        )

    # -- one line ------------------------------------------------------------------------------

    def _place(self, number: int, line: Line) -> None:
        place: Callable[[int, Line], None] = {
            Kind.USER: self._user,
            Kind.MORE: self._more,
            Kind.AGENT: self._agent,
            Kind.NOD: self._nod,
            Kind.CUED: self._cued,
            Kind.INTERRUPTION: self._interruption,
            Kind.BACKCHANNEL: self._over,
            Kind.SIDE: self._over,
            Kind.RESULT: self._result,
            Kind.EVENT: self._event,
            Kind.TYPED: self._typed,
            Kind.SILENCE: self._silence,
        }.get(line.kind, self._act)
        place(number, line)

    def _user(self, number: int, line: Line) -> None:
        self._act_alone()
        desk, rng = self._desk, self._rng
        before = self._lines[number - 1].kind if number else None
        if before is Kind.AGENT and rng.random() < desk.habits.early:
            onset = desk.at - samples(timing.uniform_s(rng, EARLY_S))
        elif before is Kind.AGENT:
            desk.at += samples(timing.USER_GAP.draw_s(rng))
            if not self._due and rng.random() < desk.habits.stir:
                desk.stir()
            onset = desk.at
        else:
            onset = desk.at + samples(timing.uniform_s(rng, timing.GOING_ON_S))
        desk.turn += 1
        desk.behaviours.add("turn")
        self._piece(number, line, onset)

    def _more(self, number: int, line: Line) -> None:
        onset = max(self._end + samples(timing.PAUSE.draw_s(self._rng)), self._desk.at)
        self._desk.behaviours.add("pause")
        self._piece(number, line, onset)

    def _piece(self, number: int, line: Line, onset: int) -> None:
        hesitates = 0.9 if HESITATION in line.text else None
        said = self._by(self._own, line.text)
        self._onset = onset
        self._end = self._desk.say(said, onset, Role.TURN, stretched=hesitates)
        self._desk.at = self._end
        if self._may_nod and self._nods:
            self._nod_into(self._desk.sounds[-1])
        self._ask_behind(number)

    def _ask_behind(self, number: int) -> None:
        """The turn is over, and wants an answer if one is written behind it."""
        if self._next(number) is Kind.AGENT:
            self._asked, self._part = self._end, Part.ANSWER
            self._desk.turn_ends.append(self._end)

    def _agent(self, number: int, line: Line) -> None:
        desk = self._desk
        if self._asked is None:  # of its own accord, as an event would make it
            self._asked, self._part = desk.at, Part.TOLD
            self._prompts.append(desk.at)
        gap_s = desk.gap_s()
        start = max(self._asked + samples(gap_s), desk.at if self._part is Part.TOLD else 0)
        self._say(line.phrases, start)
        self._places, self._cut = list(line.places), line.cut_after
        if not self._places and self._cut is None and self._rng.random() < desk.habits.unwritten:
            self._unwritten()

    def _say(self, texts: tuple[str, ...], start: int) -> None:
        n_samples = sum(self._desk.place.lines[text] for text in texts)
        self._line = Spoken(
            start=start,
            texts=texts,
            n_samples=n_samples,
            part=self._part,
            acts=tuple(self._acts),
        )
        self._acts, self._asked = [], None
        self._desk.said.append(self._line)
        self._desk.at = max(self._desk.at, start + n_samples + TICK_USER_SAMPLES)

    def _nod(self, number: int, line: Line) -> None:
        start = self._end + samples(timing.uniform_s(self._rng, NOD_S))
        self._desk.nod(line.text, start, Part.NOD, NOD_WAITS_S)

    def _nod_into(self, sound: Sound) -> None:
        """Nods at some of the pauses of a long turn, and behind some of them."""
        # Drawn apart: sessions without long turns stay what they were before there were such nods.
        rng = np.random.default_rng(sound.onset)
        first = sound.onset + samples(NODDED_FROM_S)
        last = sound.end - samples(NODDED_REST_S)
        if sound.end - sound.onset < samples(LONG_S):
            return
        for (_, pause), (resumed, _) in pairwise(sound.spans):
            inside = first <= pause and resumed <= last
            long_enough = resumed - pause >= samples(NODDED_PAUSE_S)
            if inside and long_enough and rng.random() < NODDED_SHARE:
                start = pause + samples(timing.uniform_s(rng, NOD_S))
                text = self._nods[int(rng.integers(len(self._nods)))]
                self._desk.nod(text, start, Part.NOD, NOD_WAITS_S)
                first = start + samples(NODS_APART_S)
        if rng.random() < STRAY_SHARE:
            start = sound.end + samples(timing.uniform_s(rng, STRAY_S))
            text = self._nods[int(rng.integers(len(self._nods)))]
            self._desk.nod(text, start, Part.STRAY, NOD_WAITS_S)

    def _cued(self, number: int, line: Line) -> None:
        n_samples = self._desk.place.lines[line.text]
        self._desk.said.append(
            Spoken(
                start=self._onset,
                texts=(line.text,),
                n_samples=n_samples,
                part=Part.CUED,
                cue=self._lines[number - 1].cue,
                until=self._end + samples(CUE_WAITS_S),
            )
        )
        self._desk.behaviours.add("cue")

    # -- over the agent's line -------------------------------------------------------------------

    def _interruption(self, number: int, line: Line) -> None:
        assert self._line is not None and self._cut is not None
        desk = self._desk
        desk.turn += 1
        desk.behaviours.add("interruption")
        said = self._by(self._own, line.text)
        onset = max(self._at_phrase(self._cut), self._end)
        gain_db = float(self._rng.uniform(-3, 3))
        self._onset = onset
        self._end = desk.say(said, onset, Role.INTERRUPTION, gain_db)
        desk.at = self._end
        self._cut = None
        self._ask_behind(number)

    def _over(self, number: int, line: Line) -> None:
        """A backchannel or talk to somebody else: over the agent's line, or while nobody speaks."""
        desk, rng = self._desk, self._rng
        backchannel = line.kind is Kind.BACKCHANNEL
        said = self._by(self._own if backchannel else self._others, line.text)
        over = bool(self._places)
        if over:
            onset = max(self._at_phrase(self._places.pop(0)), self._end)
        else:
            onset = desk.at + samples(timing.uniform_s(rng, timing.GOING_ON_S))
        if backchannel:
            desk.behaviours.add(Role.BACKCHANNEL)
            self._end = desk.say(said, onset, Role.BACKCHANNEL, float(rng.uniform(-6, 2)))
        else:
            self._end = desk.aside(said, onset)
        desk.at = max(desk.at + samples(HOLD_SLACK_S), self._end) if over else self._end

    def _unwritten(self) -> None:
        """A noise, a cough, a nod or an aside over the agent's line, of which no conversation tells."""
        assert self._line is not None
        latest = self._line.n_samples - samples(LEFT_S)
        if latest > 2 * TICK_USER_SAMPLES:
            onset = self._line.start + int(self._rng.integers(2 * TICK_USER_SAMPLES, latest))
            self._end = self._desk.any_of(UNWRITTEN, onset)
            self._desk.at = max(self._desk.at + samples(HOLD_SLACK_S), self._end)

    def _at_phrase(self, n_phrases: int) -> int:
        """Where the agent's line has come behind so many phrases, or somewhat beside it."""
        assert self._line is not None
        lengths = [self._desk.place.lines[text] for text in self._line.texts[:n_phrases]]
        at = self._line.start + sum(lengths) + samples(timing.uniform_s(self._rng, ONSET_S))
        return max(at, self._line.start + 2 * TICK_USER_SAMPLES)

    # -- what is told, and what is done ----------------------------------------------------------

    def _result(self, number: int, line: Line) -> None:
        self._act_alone()
        jobs = self._cancelled if line.tag == "stale" and self._cancelled else self._open
        self._tell(number, f"job {jobs.pop(0)} result: {line.text}", self._soon(number))

    def _event(self, number: int, line: Line) -> None:
        self._act_alone()
        due = self._due.pop(line.label, None)
        at = self._soon(number) if due is None else max(due, self._desk.at)
        if line.label in self._period:
            self._due[line.label] = at + self._period[line.label]
        self._desk.behaviours.add("timer")
        self._tell(number, line.text, at)

    def _soon(self, number: int) -> int:
        if self._next(number) in _GOES_ON:  # in the midst of a turn
            return self._end + samples(0.1)
        return self._desk.at + samples(timing.uniform_s(self._rng, TOLD_S))

    def _tell(self, number: int, text: str, at: int) -> None:
        self._told.append(Told(at=at, text=text))
        if self._next(number) not in _GOES_ON:
            self._desk.at = max(self._desk.at, at)
        if self._next(number) is Kind.AGENT:
            self._prompts.append(at)
            self._asked, self._part = at, Part.TOLD

    def _typed(self, number: int, line: Line) -> None:
        self._act_alone()
        at = self._desk.at + samples(timing.USER_GAP.draw_s(self._rng))
        for word in line.text.split():
            at += samples(KEYS_S * (1 + len(word) / 1.5))
            self._told.append(Told(at=at, text=word, typed=True))
        self._desk.at = at
        self._desk.behaviours.add("typed")
        if self._next(number) is Kind.AGENT:
            self._prompts.append(at)
            self._asked, self._part = at, Part.TOLD

    def _silence(self, number: int, line: Line) -> None:
        self._act_alone()
        self._desk.at += samples(line.seconds)
        self._desk.behaviours.add("silence")

    def _act(self, number: int, line: Line) -> None:
        self._acts.append(Decision(kind=ACTS[line.kind], argument=line.text))
        if line.kind is Kind.DELEGATION:
            self._jobs += 1
            self._open.append(self._jobs)
            self._desk.behaviours.add("delegation")
        elif line.kind is Kind.CANCEL:
            self._cancelled.append(self._open.pop(0))
        elif line.kind is Kind.TIMER and line.tag != "clear":
            wait = samples(line.seconds)
            if line.seconds <= WAITED_S:
                self._due[line.label] = self._desk.at + wait
            if line.tag == "every":
                self._period[line.label] = wait
        elif line.kind is Kind.TIMER:
            for label in [line.label] if line.label else list(self._period):
                self._period.pop(label, None)

    def _act_alone(self) -> None:
        """Acts with which nothing is said."""
        if self._acts:
            start = self._end + samples(self._desk.gap_s())
            self._part = Part.TOLD
            self._desk.said.append(
                Spoken(start=start, texts=(), n_samples=0, part=Part.TOLD, acts=tuple(self._acts))
            )
            self._acts = []

    def _next(self, number: int) -> Kind | None:
        """The next line that is heard of, acts aside."""
        behind = (line.kind for line in self._lines[number + 1 :] if line.kind not in _BETWEEN)
        return next(behind, None)

    def _by(self, said: Mapping[str, Utterance], text: str) -> Utterance:
        if text not in said:
            raise BadInput(f"expected {text!r} in the sound bank, got none: fill it first")
        return said[text]

"""Sessions from scenes: turns with their pauses and answers, sounds over the agent's speech, silence.

Law: equal seeds over an equal bank give equal scripts. What a scene is made of is drawn before anything
sounds; the agent's answer depends on the end of a turn alone. Source: docs/data.md; timing.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Final

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data import timing
from hocket.data.bank import Utterance
from hocket.data.casting import Cast, Deck
from hocket.data.script import (
    Line,
    Part,
    Role,
    Script,
    Sound,
    Stretch,
    Surroundings,
    placed_spans,
)
from hocket.data.spans import Spans
from hocket.data.timing import samples

LEAD_S: Final = (0.4, 2.0)
FIRST_EVENT_S: Final = (0.3, 2.2)  # after the agent began, and after the turn that it answers
NEXT_EVENT_S: Final = (1.0, 2.5)  # after the last one's end
REST_S: Final = 2.6  # of the agent's line behind an onset, at least
HOLD_SLACK_S: Final = 0.4  # what holding may add to a line, an event
HASTY_PAUSE_S: Final = 0.3  # in which a hasty agent begins, at least
HASTY_REST_S: Final = 0.7  # of the turn behind that pause, at least
HASTY_S: Final = 0.1  # behind the pause's begin and end it may begin
EAGER_S: Final = (0.05, 0.4)  # before the end of a turn
STRAY_PAUSE_S: Final = 0.2  # of a turn into which a stray nod may fall, at least
STRAY_S: Final = (0.0, 0.4)  # behind the begin of that pause, or behind the turn
STRAY_WAITS_S: Final = 0.4
NOISE_S: Final = (0.15, 1.5)
SIDE_DB: Final = (-14.0, 12.0)  # of others, through the room; some are near, or loud
AWAY_DB: Final = (
    -12.0,
    -2.0,
)  # of the user who turns away; half of the time the room sounds with it
NOISE_DB: Final = (-20.0, 3.0)
IN_SILENCE: Final = (Role.NOISE, Role.TIC)  # beside talk to others


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often what happens. Shares are of the thing that the name says."""

    stretched: float = 0.5  # of turns with a silence inside
    going_on: float = 0.15  # of turns: another sentence after a finished one
    event: float = 0.75  # of the agent's lines have a sound over them
    second_event: float = 0.4  # of those, and of lines with two a third, and so on
    most_events: int = 2  # over a line
    hasty: float = 0.0  # of turns with a pause: the agent begins in it, as if the turn were over
    eager: float = 0.0  # of answers begin in the last word of the turn
    stray: float = 0.0  # of turns: a nod into one of their pauses, or behind them, whatever follows
    slow_answer: float = 0.5  # of answers; without them a long silence would always be a pause
    unwritten: float = 0.4  # of lines in conversations have a sound over them that nobody wrote
    stir: float = 0.1  # of turns in conversations have a sound before them that nobody wrote
    early: float = 0.15  # of turns in conversations begin in the last word of the agent
    long_silence: float = 0.15  # of the times between exchanges
    sound_in_silence: float = 0.3  # of the times between exchanges
    more_in_silence: float = 0.0  # of those sounds have another behind them
    side_in_silence: float = 1 / 3  # of those sounds are talk to others
    loudness_db: float = 0.0  # by how much the user's turns differ, one standard deviation
    interruption: float = 0.35  # of events; the kinds below share the rest
    backchannel: float = 0.26
    noise: float = 0.14
    tic: float = 0.11
    side: float = 0.14


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is the same for all sessions of a set: noises, rooms, the agent's lines."""

    noises: tuple[str, ...]
    rooms: tuple[str, ...]
    lines: Mapping[str, int]  # text -> samples at 16 kHz
    nods: tuple[str, ...] = ()  # of these the stray ones


class Desk:
    """A script being written, from left to right."""

    def __init__(
        self, cast: Cast, place: Place, lines: Deck[str], habits: Habits, rng: np.random.Generator
    ) -> None:
        self.cast, self.place, self.lines, self.habits, self.rng = cast, place, lines, habits, rng
        self.at = samples(timing.uniform_s(rng, LEAD_S))  # nobody is heard from here on
        self.sounds: list[Sound] = []
        self.said: list[Line] = []
        self.turn_ends: list[int] = []
        self.behaviours: set[str] = set()
        self.late = False  # answers come when no judge waits any more
        self.stubborn = False
        self.voice_delay_s = 0.05
        self.turn = 0

    # -- the user ------------------------------------------------------------------------------

    def exchange(self) -> None:
        """A turn, its answer, and what sounds over that."""
        self.turn += 1
        end = self.say(self.cast.decks[Role.TURN].deal(), self.at, Role.TURN, self._loudness_db())
        self.behaviours.add("turn")
        if self.rng.random() < self.habits.going_on:
            onset = end + samples(timing.uniform_s(self.rng, timing.GOING_ON_S))
            next_turn = self.cast.decks[Role.TURN].deal()
            end = self.say(next_turn, onset, Role.TURN, self._loudness_db())
            self.behaviours.add("going-on")
        self._nod_astray()
        self._begin_hastily()
        self._answer(end)
        self.between()

    def say(
        self,
        said: Utterance,
        onset: int,
        role: Role,
        gain_db: float = 0.0,
        *,
        stretched: float | None = None,
    ) -> int:
        """Place an utterance by the onset of its speech; returns where its speech ends.

        ``stretched``: how likely one of its silences is longer than it was said.
        """
        takes = role in (Role.TURN, Role.INTERRUPTION)
        share = self.habits.stretched if stretched is None else stretched
        stretches = self._stretches(said.spans, share) if takes else ()
        start = onset - said.spans[0][0]
        sound = Sound(
            start=start,
            source=said.id,
            role=role,
            spans=placed_spans(start, said.spans, stretches),
            gain_db=gain_db,
            stretches=stretches,
            turn=self.turn if takes else 0,
            voice=said.voice,
            engine=said.engine,
            text=said.text,
            room=self._room() if role is Role.SIDE and self._is_far(said) else "",
        )
        self.sounds.append(sound)
        return sound.end

    def _loudness_db(self) -> float:
        spread_db = self.habits.loudness_db
        return float(self.rng.normal(0, spread_db)) if spread_db else 0.0

    def _stretches(self, spans: Spans, share: float) -> tuple[Stretch, ...]:
        if len(spans) < 2 or self.rng.random() >= share:
            return ()
        self.behaviours.add("pause")
        after = int(self.rng.integers(len(spans) - 1))
        natural = spans[after + 1][0] - spans[after][1]
        extra = samples(timing.PAUSE.draw_s(self.rng)) - natural
        return (Stretch(after_span=after, n_samples=extra),) if extra > 0 else ()

    def _is_far(self, said: Utterance) -> bool:
        return said.voice != self.cast.voice or bool(self.rng.random() < 0.5)

    def _room(self) -> str:
        return str(self.rng.choice(self.place.rooms)) if self.place.rooms else ""

    # -- the agent -----------------------------------------------------------------------------

    def _answer(self, end: int, free_from: int = 0) -> None:
        """Answer the turn that ended at ``end``, at a time when the agent's last line is over."""
        self.turn_ends.append(end)
        start = max(end + samples(self.gap_s()), free_from)
        if self._happens(self.habits.eager):
            self.behaviours.add("eager")
            first = (
                self.sounds[-1].spans[-1][0] + TICK_USER_SAMPLES // 2
            )  # never before the last word
            start = max(end - samples(timing.uniform_s(self.rng, EAGER_S)), min(first, end))
        onsets, interruption_end, need = self._events(max(start, end))
        texts, n_samples = [self.lines.deal()], 0
        while (n_samples := sum(self.place.lines[text] for text in texts)) < need - start:
            texts.append(self.lines.deal())
        self.said.append(Line(start=start, texts=tuple(texts), n_samples=n_samples))
        behind = start + n_samples + TICK_USER_SAMPLES + samples(onsets * HOLD_SLACK_S)
        if interruption_end is None:
            self.at = behind
        elif self.stubborn:
            self._answer(interruption_end, free_from=behind + samples(timing.LATE_ANSWER_S))
        else:
            self._answer(interruption_end)

    def _begin_hastily(self) -> None:
        """Begin at a pause of the turn that was placed last; the user goes on."""
        spans = self._spoken()
        behind = spans[-1][1] - samples(HASTY_REST_S)
        pauses = [
            (end, onset)
            for (_, end), (onset, _) in pairwise(spans)
            if onset - end >= samples(HASTY_PAUSE_S) and onset <= behind
        ]
        if not pauses or not self._happens(self.habits.hasty):
            return
        self.behaviours.add("hasty")
        end, onset = pauses[int(self.rng.integers(len(pauses)))]
        bounds_s = (HASTY_S, (onset - end) / USER_RATE_HZ + HASTY_S)
        text = self.lines.deal()
        self.said.append(
            Line(
                start=end + samples(timing.uniform_s(self.rng, bounds_s)),
                texts=(text,),
                n_samples=self.place.lines[text],
                part=Part.HASTY,
                until=onset + 2 * TICK_USER_SAMPLES,
            )
        )

    def _nod_astray(self) -> None:
        """Nod into a silence of the turn that was placed last, the one behind it among them: whoever nods
        does not know whether the turn goes on, and an answer may be due all the same."""
        if not self.place.nods or not self._happens(self.habits.stray):
            return
        spans = self._spoken()
        pauses = [
            end for (_, end), (onset, _) in pairwise(spans) if onset - end >= samples(STRAY_PAUSE_S)
        ]
        ends = [*pauses, spans[-1][1]]
        start = ends[int(self.rng.integers(len(ends)))] + samples(
            timing.uniform_s(self.rng, STRAY_S)
        )
        self.nod(str(self.rng.choice(sorted(self.place.nods))), start, Part.STRAY, STRAY_WAITS_S)

    def nod(self, text: str, start: int, part: Part, waits_s: float) -> None:
        """Have the agent nod, due or astray; not at all if it speaks until ``waits_s`` later."""
        self.behaviours.add("nod" if part is Part.NOD else "stray-nod")
        self.said.append(
            Line(
                start=start,
                texts=(text,),
                n_samples=self.place.lines[text],
                part=part,
                until=start + samples(waits_s),
            )
        )

    def _spoken(self) -> list[tuple[int, int]]:
        """The spans of the turn that was placed last."""
        return sorted(
            span
            for sound in self.sounds
            if sound.role is Role.TURN and sound.turn == self.turn
            for span in sound.spans
        )

    def _happens(self, share: float) -> bool:
        """Of an agent that is not judged: what nobody asks for takes no number from the dice."""
        return share > 0 and not self.late and not self.stubborn and self.rng.random() < share

    def gap_s(self) -> float:
        """How long the agent waits before an answer."""
        if self.late:
            return timing.LATE_ANSWER_S
        if self.rng.random() < self.habits.slow_answer:
            return timing.uniform_s(self.rng, timing.SLOW_ANSWER_S)
        return timing.ANSWER_GAP.draw_s(self.rng)

    def _events(self, start: int) -> tuple[int, int | None, int]:
        """Sounds over a line: how many, where an interruption ends, how far the line must reach."""
        if self.rng.random() >= self.habits.event:
            return 0, None, start
        onset = start + samples(timing.uniform_s(self.rng, FIRST_EVENT_S))
        for number in count(1):
            role = self._event_role()
            if role is Role.INTERRUPTION:
                self.turn += 1
                self.behaviours.add(role)
                said = self.cast.decks[role].deal()
                end = self.say(said, onset, role, float(self.rng.uniform(-3, 3)))
                return number, end, onset + samples(REST_S)
            end = self.sound(role, onset)
            need = max(onset + samples(REST_S), end + samples(0.6))
            last = number == self.habits.most_events
            if last or self.rng.random() >= self.habits.second_event:
                return number, None, need
            onset = end + samples(timing.uniform_s(self.rng, NEXT_EVENT_S))
        raise AssertionError("the last event returns")

    def _event_role(self) -> Role:
        roles = [role for role in Role if role is not Role.TURN and self.cast.has(role)]
        shares = np.array([getattr(self.habits, role.value) for role in roles])
        return roles[int(self.rng.choice(len(roles), p=shares / shares.sum()))]

    # -- everything else -----------------------------------------------------------------------

    def sound(self, role: Role, onset: int) -> int:
        """A sound that leaves the floor where it is; returns its end."""
        self.behaviours.add(role)
        if role is Role.SIDE:
            return self.aside(self.cast.decks[role].deal(), onset)
        if role is not Role.NOISE:
            said = self.cast.decks[role].deal()
            return self.say(said, onset, role, float(self.rng.uniform(-6.0, 2.0)))
        end = onset + samples(timing.uniform_s(self.rng, NOISE_S))
        sound = Sound(
            start=onset,
            source=str(self.rng.choice(self.place.noises)),
            role=role,
            spans=((onset, end),),
            gain_db=float(self.rng.uniform(*NOISE_DB)),
        )
        self.sounds.append(sound)
        return end

    def aside(self, said: Utterance, onset: int) -> int:
        """Talk that is not for the agent; returns its end."""
        self.behaviours.add(Role.SIDE)
        bounds = AWAY_DB if said.voice == self.cast.voice else SIDE_DB
        return self.say(said, onset, Role.SIDE, float(self.rng.uniform(*bounds)))

    def between(self) -> None:
        """From the agent's last word to the user's next turn."""
        self.at += samples(timing.USER_GAP.draw_s(self.rng))
        if self.rng.random() < self.habits.long_silence:
            self.behaviours.add("silence")
            self.at += samples(timing.uniform_s(self.rng, timing.LONG_SILENCE_S))
        more = self.habits.sound_in_silence
        while self.rng.random() < more:
            self.stir()
            more = self.habits.more_in_silence

    def stir(self) -> None:
        """A sound while nobody speaks, and a silence behind it."""
        is_talk = self.cast.has(Role.SIDE) and self.rng.random() < self.habits.side_in_silence
        end = self.any_of((Role.SIDE,) if is_talk else IN_SILENCE, self.at)
        self.at = end + samples(timing.uniform_s(self.rng, (0.6, 2.0)))

    def any_of(self, roles: tuple[Role, ...], onset: int) -> int:
        """A sound of one of these roles, as far as there are any; returns its end."""
        found = [role for role in roles if self.cast.has(role)]
        return self.sound(found[int(self.rng.integers(len(found)))], onset)

    # -- the whole -----------------------------------------------------------------------------

    def script(
        self, *, name: str, split: str, of_set: str, seed: int, around: Surroundings
    ) -> Script:
        """What was written."""
        last = max([self.at, *(s.end for s in self.sounds)])
        return Script(
            id=name,
            split=split,
            set=of_set,
            voice=self.cast.voice,
            engine=self.cast.engine,
            seed=seed,
            n_ticks=-(-last // TICK_USER_SAMPLES) + 2,
            sounds=tuple(sorted(self.sounds, key=lambda sound: sound.onset)),
            lines=tuple(sorted(self.said, key=lambda line: line.start)),
            turn_ends=tuple(self.turn_ends),
            surroundings=around,
            behaviours=tuple(sorted(self.behaviours)),
            voice_delay_s=self.voice_delay_s,
            stubborn=self.stubborn,
        )


def reader_script(
    said: Utterance, *, seed: int, lead_s: float = 0.6, after_s: float = 3.2
) -> Script:
    """One piece of a reading, and nobody answers."""
    start = samples(lead_s)
    spans = placed_spans(start, said.spans, ())
    sound = Sound(
        start=start,
        source=said.id,
        role=Role.TURN,
        spans=spans,
        turn=1,
        voice=said.voice,
        engine=said.engine,
        text=said.text,
    )
    behind = start + said.n_samples + samples(after_s)
    return Script(
        id=said.id,
        split=said.split,
        set="readers",
        voice=said.voice,
        engine=said.engine,
        seed=seed,
        n_ticks=-(-behind // TICK_USER_SAMPLES),
        sounds=(sound,),
        lines=(),
        turn_ends=(sound.end,) if said.complete else (),
        behaviours=("turn",),
        stubborn=True,
        open_end=not said.complete,
    )

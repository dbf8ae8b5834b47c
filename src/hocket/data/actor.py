"""The agent of a scripted session: it says its lines, and holds or gives way as people do.

Law: what it does in a tick depends on that tick's label and its own dice, never on what kind of sound
comes over its speech; so the last floor action at the model's input tells no more than the past does. A
cued line begins when its cue was heard, not when it was said.
A decision of tick ``k`` sounds from the end of ``k`` on, after the session's voice delay.
Source: docs/data.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.labels import Label
from hocket.data.script import BACKCHANNELS, INTO_TURN, TAKES_FLOOR, Decision, Line, Part, Script
from hocket.data.spans import Float32
from hocket.protocol.floor import FLOORS, Floor

HOLDS: Final = 0.5  # share of sounds at whose onset the agent holds
# For so many ticks at most, by these shares; then it speaks on and still does not know what the sound is:
# else "held, and speaks on" would tell that it was nothing.
HELD_TICKS: Final = (1, 2, 99)
HELD_SHARES: Final = (0.6, 0.2, 0.2)
YIELD_TICKS: Final = (1, 4)  # it gives way one to three ticks after it should,
SLOW_TICKS: Final = (4, 10)  # or later: else whoever is still talked over after a second is no
SLOW: Final = 0.3  # interrupter, and the model learns from its own past instead of from the sound
FADE_SAMPLES: Final = USER_RATE_HZ // 200  # 5 ms, the least voice delay
_RAMP: Final = np.linspace(0, 1, FADE_SAMPLES, dtype=np.float32)
YIELD: Final = FLOORS.index(Floor.YIELD)
HOLD: Final = FLOORS.index(Floor.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A stretch of a line as it sounded, in samples of session time."""

    line: Line
    first: int
    behind: int
    from_sample: int  # of the line's own sound

    @property
    def until(self) -> int:
        """Behind the last sample of the line's own sound."""
        return self.from_sample + self.behind - self.first


class Actor:
    """The agent's lane as it comes to be. ``speech``: text -> float32 [S] at 16 kHz."""

    def __init__(self, script: Script, speech: Mapping[str, Float32]) -> None:
        self._script = script
        self._speech = speech
        self._rng = np.random.default_rng((script.seed, 1))
        self._waiting = list(script.lines)
        self._line: Line | None = None
        self._sound = np.zeros(0, np.float32)
        self._at = 0  # samples of the line that were said
        self._due: Line | None = None  # its time has come in this tick
        self._words: list[str] = []  # heard since the agent last had the floor, tail left out
        self._hold_ticks: int | None = None  # left, for the sound that is looked at now
        self._ticks_to_yield: int | None = None
        self._delay = round(script.voice_delay_s * USER_RATE_HZ)
        self.line_start = 0  # sample of session time at which the line began
        self.lane_S = np.zeros(script.n_samples + 2 * TICK_USER_SAMPLES, np.float32)
        self.spans: list[tuple[int, int]] = []  # where it sounded
        self.spoken: list[Spoken] = []
        self.acts: list[tuple[int, Decision]] = []  # tick, act

    @property
    def line(self) -> str | None:
        """The text being said or held back."""
        return " ".join(self._line.texts) if self._line else None

    @property
    def part(self) -> Part | None:
        """What kind of line that is."""
        return self._line.part if self._line else None

    def length(self, text: str) -> int:
        """Samples of a phrase."""
        return len(self._speech[text])

    def look(self, tick: int, heard: Iterable[str], tentative: Iterable[str]) -> Part | None:
        """What kind of line is due in a tick, if the agent is silent, by what was heard."""
        self._words += heard
        if self._line is not None:
            return None
        self._due = self._due_line(tick, words_of([*self._words, *tentative]))
        return self._due.part if self._due else None

    def act(self, tick: int, label: Label) -> Floor:
        """Take the floor action of a tick, and sound for it; ``look`` comes first."""
        if self._line is None:
            return self._begin(tick)
        if self._gives_way(label):
            self._fall_silent(tick)
            self._end()
            return Floor.YIELD
        if self._holds_now(label):
            self._fall_silent(tick)
            return Floor.HOLD
        return self._speak(tick)

    def _begin(self, tick: int) -> Floor:
        if self._due is None:
            return Floor.LISTEN
        line, self._due = self._due, None
        self._waiting.remove(line)
        self.acts += [(tick, decision) for decision in line.acts]
        if line.part not in INTO_TURN:
            self._words = []
        if not line.texts:
            return Floor.LISTEN
        self._line, self.line_start = line, (tick + 1) * TICK_USER_SAMPLES
        self._sound = np.concatenate([self._speech[text] for text in line.texts])
        return self._speak(tick)

    def _gives_way(self, label: Label) -> bool:
        if self._script.stubborn:
            return False
        if self._ticks_to_yield is None:
            if label.target[YIELD] < 0.5:
                return False
            slow = self._rng.random() < SLOW
            self._ticks_to_yield = int(self._rng.integers(*(SLOW_TICKS if slow else YIELD_TICKS)))
        self._ticks_to_yield -= 1
        return self._ticks_to_yield < 0

    def _holds_now(self, label: Label) -> bool:
        if self._script.stubborn:
            return False
        if label.target[HOLD] == 0 and label.target[YIELD] == 0:
            self._hold_ticks = None
            return False
        if self._hold_ticks is None:
            holds = self._rng.random() < HOLDS
            self._hold_ticks = int(self._rng.choice(HELD_TICKS, p=HELD_SHARES)) if holds else 0
        self._hold_ticks -= 1
        return self._hold_ticks >= 0

    def _due_line(self, tick: int, heard: str) -> Line | None:
        """The next line, if its time has come and the user did not begin to speak since."""
        behind = (tick + 1) * TICK_USER_SAMPLES
        for line in tuple(self._waiting):
            if line.start > behind + TICK_USER_SAMPLES // 2:
                return None
            if self._too_late(line, behind):
                self._waiting.remove(line)
            elif line.part is Part.CUED:
                # The others wait behind it: what was to be said at a cue comes first or not at all.
                return line if words_of([line.cue]) in heard else None
            else:
                ends = [end for end in self._script.turn_ends if end <= line.start]
                asked = line.part is Part.ANSWER and ends
                return None if asked and behind < ends[-1] else line
        return None

    def _too_late(self, line: Line, behind: int) -> bool:
        if line.until is not None:
            return behind > line.until
        return self._outrun(line, behind)

    def _outrun(self, line: Line, behind: int) -> bool:
        return any(
            sound.role in TAKES_FLOOR and line.start < sound.onset < behind
            for sound in self._script.sounds
        )

    def _speak(self, tick: int) -> Floor:
        piece = self._sound[self._at : self._at + TICK_USER_SAMPLES].copy()
        first = (tick + 1) * TICK_USER_SAMPLES + self._delay
        if not (self.spans and self.spans[-1][1] == first):  # it goes on after a hold
            piece[:FADE_SAMPLES] *= _RAMP[: len(piece)]
        room = self.lane_S[first : first + len(piece)]
        room += piece[: len(room)]
        assert self._line is not None
        line, behind = self._line, min(first + len(piece), self._script.n_samples)
        self._note(first, behind)
        self.spoken.append(Spoken(line=line, first=first, behind=behind, from_sample=self._at))
        self._at += TICK_USER_SAMPLES
        if self._at >= len(self._sound):
            self._end()
        return Floor.BACKCHANNEL if line.part in BACKCHANNELS else Floor.SPEAK

    def _fall_silent(self, tick: int) -> None:
        """Fade what was decided last; all of it lies behind the end of this tick."""
        behind = (tick + 1) * TICK_USER_SAMPLES + self._delay
        if self.spans and self.spans[-1][1] == behind:
            self.lane_S[behind - FADE_SAMPLES : behind] *= _RAMP[::-1]

    def _note(self, first: int, behind: int) -> None:
        if self.spans and self.spans[-1][1] == first:
            first = self.spans.pop()[0]
        if first < behind:
            self.spans.append((first, behind))

    def _end(self) -> None:
        self._line, self._at, self._hold_ticks, self._ticks_to_yield = None, 0, None, None


def words_of(said: Iterable[str]) -> str:
    """Words in lower case with a space around each, so that whole words are found in them."""
    kept = "".join(c if c.isalnum() or c == "'" else " " for c in " ".join(said).lower())
    return f" {' '.join(kept.split())} "

"""What the agent writes, token by token: a draft, then a little ahead of its voice, then ``END``.

Law: no more is written than the voice will need for the next AHEAD_S, and at most MAX_TOKENS a tick
unless the line ends. A draft is the first phrase, written when the turn that it answers is over or
nearly so. What a yield dropped is not written any more, and the input tells a tick or two later what the
user really heard of the line.
Source: model.md sections 1 and 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.actor import Spoken
from hocket.data.script import Line, Part, Script
from hocket.model.chat import END
from hocket.protocol.floor import SOUNDING, Floor

MAX_TOKENS: Final = 8
AHEAD_SAMPLES: Final = USER_RATE_HZ * 3 // 2
DRAFTED: Final = 0.7  # share of answers
DRAFT_LEAD_S: Final = (-0.4, 0.2)  # before the end of the turn; negative: behind it
REPORT_TICKS: Final = (1, 3)  # reports of playback come one or two ticks late


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A line as tokens; token i is voiced behind ``voiced[i]`` samples of the line's sound."""

    line: Line
    ids: tuple[int, ...]  # END is the last
    voiced: tuple[int, ...]
    first_phrase: int  # tokens of it


def written(line: Line, speech: Mapping[str, int], tokenizer: Tokenizer) -> Written:
    """A line's tokens, voiced evenly within each phrase. ``speech``: phrase -> samples."""
    ids: list[int] = []
    voiced: list[int] = []
    at = first_phrase = 0
    for text in line.texts:
        spaced = f" {text}" if ids else text
        own = tokenizer.encode(spaced, add_special_tokens=False).ids
        voiced += [at + speech[text] * (i + 1) // len(own) for i in range(len(own))]
        ids += own
        at += speech[text]
        first_phrase = first_phrase or len(ids)
    end = tokenizer.encode(END, add_special_tokens=False).ids
    return Written(
        line=line,
        ids=(*ids, *end),
        voiced=(*voiced, *[at] * len(end)),
        first_phrase=first_phrase,
    )


class Writer:
    """Follows the agent through a session. ``speech``: phrase -> samples at 16 kHz."""

    def __init__(self, script: Script, speech: Mapping[str, int], tokenizer: Tokenizer) -> None:
        self._speech, self._tokenizer = speech, tokenizer
        self._rng = np.random.default_rng((script.seed, 2))
        self._drafts = self._planned(script)
        self._now: Written | None = None  # the line that is being written
        self._sent = 0  # its tokens that were written
        self._said = 0  # samples of its sound that were said
        self._reports: list[tuple[int, str]] = []  # tick, text
        self.ids: list[int] = []
        self.ends: list[int] = []

    def reports(self, tick: int) -> list[str]:
        """What this tick's input tells of what the user heard of a line that was cut off."""
        due = [text for at, text in self._reports if at <= tick]
        self._reports = [each for each in self._reports if each[0] > tick]
        return due

    def step(self, tick: int, floor: Floor, spoken: Spoken | None) -> None:
        """Write for a tick in which ``floor`` was taken, and ``spoken`` is what it says of a line."""
        if floor in SOUNDING:
            assert spoken is not None
            self._speak(spoken)
        elif floor is Floor.YIELD:
            self._cut(tick)
        elif floor is Floor.LISTEN:
            self._draft(tick)
        self.ends.append(len(self.ids))

    def _planned(self, script: Script) -> list[tuple[int, Line]]:
        """When which line is drafted, by tick."""
        planned = []
        for line in script.lines:
            drafted, lead_s = self._rng.random() < DRAFTED, self._rng.uniform(*DRAFT_LEAD_S)
            ends = [end for end in script.turn_ends if end <= line.start]
            if drafted and ends and line.texts and line.part is Part.ANSWER:
                at = ends[-1] - round(lead_s * USER_RATE_HZ)
                planned.append((max(at, 0) // TICK_USER_SAMPLES, line))
        return planned

    def _speak(self, spoken: Spoken) -> None:
        if self._now is None or self._now.line is not spoken.line:
            self._begin(spoken.line)
        assert self._now is not None
        self._drafts = [each for each in self._drafts if each[1].start > spoken.line.start]
        self._said = spoken.from_sample + TICK_USER_SAMPLES
        over = self._said >= self._now.voiced[-1]
        wanted = len(self._now.ids)
        if not over:
            soon = self._said + AHEAD_SAMPLES
            wanted = next((i for i, at in enumerate(self._now.voiced) if at > soon), wanted)
            wanted = min(wanted, self._sent + MAX_TOKENS)
        self._write(wanted)
        if over:
            self._now = None

    def _draft(self, tick: int) -> None:
        if self._drafts and self._drafts[0][0] <= tick:
            self._begin(self._drafts.pop(0)[1])
        if self._now is not None:  # a draft that did not fit into one tick
            self._write(min(self._now.first_phrase, self._sent + MAX_TOKENS))

    def _cut(self, tick: int) -> None:
        assert self._now is not None
        n = sum(at <= self._said for at in self._now.voiced)
        said = self._tokenizer.decode(list(self._now.ids[:n])).strip()
        late = int(self._rng.integers(*REPORT_TICKS))
        self._reports.append((tick + late, f'user heard up to "{said}"'))  # as session.py tells it
        self._now = None

    def _begin(self, line: Line) -> None:
        self._now, self._sent = written(line, self._speech, self._tokenizer), 0
        self._said = 0

    def _write(self, until: int) -> None:
        assert self._now is not None
        self.ids += self._now.ids[self._sent : until]
        self._sent = max(self._sent, until)

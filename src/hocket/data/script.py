"""A session before it sounds: who makes which sound when, and what each of them is.

Law: a script is a value, all of it is known before a sample is mixed, and it is the truth that labels
and marks refer to. Only one thing is left open: how soon the agent gives way when it is interrupted,
for that depends on what the ears hear (actor.py). Times are samples at 16 kHz of session time.
Source: docs/data.md.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.spans import Spans
from hocket.protocol.modes import Mode


class Role(StrEnum):
    """What a sound of the user's lane is in its place. Values are the kinds of marks."""

    TURN = "turn"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    NOISE = "noise"
    TIC = "tic"
    SIDE = "side"


TAKES_FLOOR: Final = frozenset({Role.TURN, Role.INTERRUPTION})
USER_SPEECH: Final = TAKES_FLOOR | {Role.BACKCHANNEL}  # what voice activity ahead counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Silence put into a sound's silence behind its span number ``after_span``."""

    after_span: int
    n_samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One sound in the user's lane. ``spans`` are its speech, in session time, stretches counted."""

    start: int  # of its first sample, silence in front of the speech included
    source: str  # id of an utterance, or the name of a noise
    role: Role
    spans: Spans
    gain_db: float = 0.0
    stretches: tuple[Stretch, ...] = ()
    turn: int = 0  # sounds of one number are one turn
    voice: str = ""
    engine: str = ""
    text: str = ""
    room: str = ""  # heard through this impulse response

    @property
    def onset(self) -> int:
        """First sample of speech, or of sound."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Behind the last sample of speech, or of sound."""
        return self.spans[-1][1]


class Part(StrEnum):
    """Why the agent says a line."""

    ANSWER = "answer"  # the user's turn is over
    TOLD = "told"  # an event or typed text calls for it
    NOD = "nod"  # a backchannel into the user's turn
    CUED = "cued"  # at once at a cue, while the user goes on
    HASTY = "hasty"  # into a pause of the user's turn, as if it were over
    STRAY = "stray"  # a backchannel into any silence of the user's turn, or behind it


BACKCHANNELS: Final = frozenset({Part.NOD, Part.STRAY})
INTO_TURN: Final = BACKCHANNELS | {Part.CUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An act that the agent decides on, beside its speech: engine/port.py has the kinds."""

    kind: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the agent says, from ``start`` on or as soon after it as the floor is free.

    A cued line begins when its cue was heard, between ``start`` and ``until``. An answer may begin before
    its turn's last word is over. Without texts nothing is said, and only the acts happen.
    """

    start: int
    texts: tuple[str, ...]  # said in a row
    n_samples: int
    part: Part = Part.ANSWER
    cue: str = ""
    until: int | None = None  # later it is left unsaid
    acts: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What reaches the agent as text: an event, or what the user typed."""

    at: int
    text: str
    typed: bool = False


class Codec(StrEnum):
    """What the user's lane is coded with on its way."""

    NONE = ""
    TELEPHONE = "telephone"  # 8 kHz, mu-law
    OPUS = "opus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Samples from ``at`` on come later by ``n_samples``; as many are left out at ``caught_up``."""

    at: int
    n_samples: int
    caught_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies between mouth and microphone's other end. Names are those of ``rooms.py``."""

    gain_db: float = 0.0
    ceiling_db: float = 0.0  # of the microphone, in dBFS before the gain: louder is clipped
    room: str = ""
    noise: str = ""
    snr_db: float = 0.0
    echo_db: float | None = None  # of the agent's own sound in the user's lane
    echo_delay_s: float = 0.0
    codec: Codec = Codec.NONE
    lost_share: float = 0.0  # of 20 ms pieces
    late: tuple[Late, ...] = ()  # by time, never two at once; lateness.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One session."""

    id: str
    split: str
    set: str  # synthetic, engine, readers or meetings
    voice: str
    engine: str
    seed: int
    n_ticks: int
    sounds: tuple[Sound, ...]  # by onset
    lines: tuple[Line, ...]  # by start
    turn_ends: tuple[int, ...]  # behind the last sample of each turn to be answered, in order
    surroundings: Surroundings = Surroundings()
    behaviours: tuple[str, ...] = ()
    voice_delay_s: float = 0.05  # from a tick's end to the first sample that it decided
    stubborn: bool = False  # the agent speaks through everything: evaluations
    open_end: bool = False  # after the last sound nobody knows whose turn it is: no loss there
    told: tuple[Told, ...] = ()  # by time
    prompts: tuple[int, ...] = ()  # when something told calls for a line, in order
    conversation: str = ""  # id of what is played
    mode: str = Mode.RESPONSIVE
    switches: tuple[str, ...] = ()  # those that are on
    persona: str = ""

    @property
    def n_samples(self) -> int:
        """Length of both lanes."""
        return self.n_ticks * TICK_USER_SAMPLES

    def as_json(self) -> dict[str, Any]:
        """All of it, for content keys."""
        return asdict(self)


def placed_spans(start: int, spans: Spans, stretches: tuple[Stretch, ...]) -> Spans:
    """An utterance's spans in session time, each moved by the stretches before it."""
    longer = {stretch.after_span: stretch.n_samples for stretch in stretches}
    placed: list[tuple[int, int]] = []
    shift = start
    for number, (first, behind) in enumerate(spans):
        placed.append((first + shift, behind + shift))
        shift += longer.get(number, 0)
    return tuple(placed)

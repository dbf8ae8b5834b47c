"""What the agent's lane says: where the agent sounded, and its words if they were read back.

Law: the lane is clean, so a level decides; positions are whole samples at 16 kHz on the session clock,
which keeps every verdict the same when both lanes are shifted by whole samples (seconds in floats
would not). A span ends with a silence of 0.2 s, a run with one of more than 0.4 s: Piper pauses
0.2 to 0.36 s between its phrases, and a hold of more than 0.4 s counts as a yield.
Source: metrics.md, "All rates come from the audio lanes".
"""

from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from hocket.audio.levels import from_db
from hocket.core.units import USER_RATE_HZ

Float32: TypeAlias = NDArray[np.float32]
Stretch: TypeAlias = tuple[int, int]  # first sample, and the one behind the last, at 16 kHz

# Edges of spans move by less than 10 ms for any value between -60 and -42 dBFS (Piper's lanes).
KEEP_DB: Final = -54.0  # sound of this magnitude goes on
START_DB: Final = -34.0  # a span reaches this somewhere, or it is no speech
BRIDGED_S: Final = 0.2
SHORTEST_S: Final = 0.04
HOLD_S: Final = 0.4


class Word(BaseModel):
    """A word of the agent as a recogniser heard it, in samples at 16 kHz."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    start: int
    end: int


class HeardLane(BaseModel):
    """The agent's side of one scene."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    length: int  # samples at 16 kHz
    spans: tuple[Stretch, ...]
    words: tuple[Word, ...] | None = None  # None: nobody listened for words

    @cached_property
    def runs(self) -> tuple[Stretch, ...]:
        """Spans joined over silences of at most 0.4 s: what a listener takes for going on."""
        return joined(self.spans, samples(HOLD_S))

    def words_in(self, stretch: Stretch) -> tuple[Word, ...]:
        """The words whose middle lies in the stretch; none if nobody listened."""
        first, behind = stretch
        return tuple(w for w in self.words or () if first <= (w.start + w.end) // 2 < behind)


def samples(seconds: float) -> int:
    """Seconds of session time as the nearest sample at 16 kHz."""
    return round(seconds * USER_RATE_HZ)


def seconds(n_samples: float) -> float:
    """Samples at 16 kHz in seconds."""
    return n_samples / USER_RATE_HZ


def heard_lane(
    samples_S: Float32, rate_hz: int, words: tuple[Word, ...] | None = None
) -> HeardLane:
    """The lane of samples [S] at ``rate_hz``; sample 0 is session time 0."""
    length = _at_user_rate(np.array([len(samples_S)]), rate_hz)
    return HeardLane(length=length[0], spans=speech_spans(samples_S, rate_hz), words=words)


def speech_spans(samples_S: Float32, rate_hz: int) -> tuple[Stretch, ...]:
    """Where a clean lane [S] sounds, as (first, behind the last) samples at 16 kHz.

    Silences between spans last at least 0.2 s; sounds under 40 ms or never louder than -34 dBFS are
    left out.
    """
    level_S = np.abs(samples_S)
    loud = np.flatnonzero(level_S >= from_db(KEEP_DB))
    if not loud.size:
        return ()
    breaks = np.flatnonzero(np.diff(loud) > BRIDGED_S * rate_hz)
    first = loud[np.concatenate([[0], breaks + 1])]
    behind = loud[np.concatenate([breaks, [-1]])] + 1
    peak = np.maximum.reduceat(level_S, first)  # reaches into the silence behind, which is quieter
    kept = (behind - first >= SHORTEST_S * rate_hz) & (peak >= from_db(START_DB))
    starts, ends = _at_user_rate(first[kept], rate_hz), _at_user_rate(behind[kept], rate_hz)
    return tuple(zip(starts, ends, strict=True))


def joined(stretches: tuple[Stretch, ...], gap: int) -> tuple[Stretch, ...]:
    """Ascending stretches with silences of at most ``gap`` samples between them filled."""
    out: list[Stretch] = []
    for first, behind in stretches:
        if out and first - out[-1][1] <= gap:
            out[-1] = (out[-1][0], max(behind, out[-1][1]))
        else:
            out.append((first, behind))
    return tuple(out)


def _at_user_rate(positions_N: NDArray[np.int64], rate_hz: int) -> list[int]:
    rounded_N = (2 * positions_N * USER_RATE_HZ + rate_hz) // (2 * rate_hz)
    return [int(position) for position in rounded_N]

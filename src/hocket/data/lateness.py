"""Pieces of the user's lane that arrive late, and what that does to a script's times.

Law: where nothing arrives there is silence, and what was held back arrives whole behind it; just before the
user's next sound the line has caught up, by leaving out as much of their silence. A script that was made
late tells the times of the lane as the ears get it, so labels and marks need not know.
Source: evaluation/connection.py does the same to the bench's live users, by its own rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hocket.core.units import USER_RATE_HZ
from hocket.data.script import Late, Line, Role, Script, Sound
from hocket.data.timing import samples

HELD_S: Final = (0.06, 0.3)
A_MINUTE: Final = (4.0, 15.0)
MARGIN: Final = USER_RATE_HZ // 20  # a sound's own lead-in stays whole
NEAR: Final = samples(HELD_S[1]) + 2 * MARGIN  # between sounds so near the line does not catch up


def made_late(script: Script, rng: np.random.Generator) -> Script:
    """The script with pieces of its user's sounds held back, drawn anew, and all times moved so."""
    late = tuple(_drawn(script, rng))
    around = replace(script.surroundings, late=late)
    return replace(
        script,
        surroundings=around,
        sounds=tuple(_sound(sound, late) for sound in script.sounds),
        lines=tuple(_line(line, late) for line in script.lines),
        turn_ends=tuple(arrival(end, late) for end in script.turn_ends),
    )


def arrival(sample: int, late: Sequence[Late]) -> int:
    """When the ears get what was said at a sample; what is left out counts as the moment after."""
    for each in late:
        if each.at <= sample < each.caught_up:
            return sample + each.n_samples
        if each.caught_up <= sample < each.caught_up + each.n_samples:
            return each.caught_up + each.n_samples
    return sample


def _drawn(script: Script, rng: np.random.Generator) -> Iterator[Late]:
    """At most one piece in a stretch of sounds that are near each other."""
    a_minute = float(rng.uniform(*A_MINUTE))
    for stretch in _stretches(script):
        length = stretch.behind - stretch.first
        happens = rng.random() < 1 - np.exp(-a_minute * length / USER_RATE_HZ / 60)
        n_samples = samples(float(rng.uniform(*HELD_S)))
        at = stretch.first + int(rng.integers(length))
        if happens and stretch.next - n_samples - MARGIN >= stretch.behind:
            yield Late(at=at, n_samples=n_samples, caught_up=stretch.next - n_samples - MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    first: int
    behind: int
    next: int  # where the next one begins


def _stretches(script: Script) -> list[_Stretch]:
    spans: list[list[int]] = []
    for sound in sorted(script.sounds, key=lambda each: min(each.start, each.onset)):
        first, behind = max(min(sound.start, sound.onset), 0), sound.end + MARGIN
        if spans and first - spans[-1][1] < NEAR:
            spans[-1][1] = max(spans[-1][1], behind)
        else:
            spans.append([first, behind])
    following = [*(first for first, _ in spans[1:]), script.n_samples]
    return [
        _Stretch(first=first, behind=behind, next=after)
        for (first, behind), after in zip(spans, following, strict=True)
    ]


def _sound(sound: Sound, late: Sequence[Late]) -> Sound:
    if sound.role is Role.NOISE:  # as long as its span says
        moved = arrival(sound.onset, late) - sound.onset
        return replace(sound, spans=((sound.onset + moved, sound.end + moved),))
    spans = tuple((arrival(first, late), arrival(behind, late)) for first, behind in sound.spans)
    return replace(sound, spans=spans)


def _line(line: Line, late: Sequence[Late]) -> Line:
    until = None if line.until is None else arrival(line.until, late)
    return replace(line, start=arrival(line.start, late), until=until)

"""What happened when, for judges and losses: marks, voice activity ahead, ticks near an edge.

Law: computed when both lanes are known; nothing in here reaches a model's input. Times of marks are
seconds of session time. Source: pack.py and docs/data.md for the kinds.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.script import TAKES_FLOOR, USER_SPEECH, Role, Script, Sound
from hocket.data.spans import Float32

Spans = Sequence[tuple[int, int]]

MIN_PAUSE_SAMPLES: Final = USER_RATE_HZ // 4
AHEAD_EDGES: Final = tuple(edge_ms * USER_RATE_HZ // 1000 for edge_ms in (0, 200, 600, 1200, 2000))
NEAR_SAMPLES: Final = USER_RATE_HZ * 2 // 5  # 400 ms
NEAR_WEIGHT: Final = 3.0


def marks(script: Script, agent: Spans) -> list[dict[str, Any]]:
    """Pauses, turn ends, and sounds that began over the agent's speech, by start."""
    found = [*_pauses(script, agent), *_turn_ends(script, agent), *_events(script, agent)]
    return sorted(found, key=lambda mark: float(mark["start_s"]))


def _pauses(script: Script, agent: Spans) -> Iterable[dict[str, Any]]:
    turns: dict[int, list[Sound]] = {}
    for sound in script.sounds:
        if sound.role in TAKES_FLOOR:
            turns.setdefault(sound.turn, []).append(sound)
    for sounds in turns.values():
        spans = [span for sound in sounds for span in sound.spans]
        ends = {sound.end for sound in sounds}  # a sentence is over: the user goes on with another
        for (_, first), (behind, _) in pairwise(spans):
            if behind - first >= MIN_PAUSE_SAMPLES and not overlaps(agent, first, behind):
                yield _mark("pause", first, behind, sounds[0]) | {"sentence_end": first in ends}


def _turn_ends(script: Script, agent: Spans) -> Iterable[dict[str, Any]]:
    onsets = sorted([*(s.onset for s in script.sounds), *(first for first, _ in agent)])
    for end in script.turn_ends:
        if not overlaps(agent, end - 1, end):
            sound = next(s for s in script.sounds if s.end == end and s.role in TAKES_FLOOR)
            behind = next((onset for onset in onsets if onset >= end), script.n_samples)
            yield _mark("turn_end", end, behind, sound)


def _events(script: Script, agent: Spans) -> Iterable[dict[str, Any]]:
    for sound in script.sounds:
        if sound.role is not Role.TURN and overlaps(agent, sound.onset, sound.onset + 1):
            yield _mark(sound.role.value, sound.onset, sound.end, sound)


def _mark(kind: str, start: int, end: int, sound: Sound) -> dict[str, Any]:
    return {
        "kind": kind,
        "start_s": round(start / USER_RATE_HZ, 4),
        "end_s": round(end / USER_RATE_HZ, 4),
        "voice": sound.voice or sound.source,
        "engine": sound.engine or "noise",
    }


def overlaps(spans: Spans, first: int, behind: int) -> bool:
    """Whether any span shares a sample with [first, behind)."""
    return any(a < behind and first < b for a, b in spans)


def user_speech(script: Script) -> list[tuple[int, int]]:
    """Spans in which the user speaks to the agent: turns, interruptions, backchannels."""
    return [span for s in script.sounds if s.role in USER_SPEECH for span in s.spans]


def ahead(spans: Spans, n_ticks: int) -> Float32:
    """Share of speech [T, 4] in the next 200, 400, 600 and 800 ms, in turn; 0 past the end."""
    active = np.zeros(n_ticks * TICK_USER_SAMPLES + AHEAD_EDGES[-1] + 1, np.bool_)
    for first, behind in spans:
        active[first:behind] = True
    sums = np.concatenate([[0], np.cumsum(active)])
    end_T1 = (np.arange(n_ticks)[:, None] + 1) * TICK_USER_SAMPLES
    at_TE = sums[end_T1 + np.array(AHEAD_EDGES)]
    return np.asarray(np.diff(at_TE, axis=1) / np.diff(AHEAD_EDGES), np.float32)


def near_edges(script: Script, agent: Spans) -> Float32:
    """Factor of the loss [T]: 3 within 400 ms of any sound's onset or end, else 1."""
    spans = [*agent, *(span for sound in script.sounds for span in sound.spans)]
    weight_T = np.ones(script.n_ticks, np.float32)
    for edge in (edge for span in spans for edge in span):
        first = max((edge - NEAR_SAMPLES) // TICK_USER_SAMPLES, 0)
        weight_T[first : (edge + NEAR_SAMPLES) // TICK_USER_SAMPLES + 1] = NEAR_WEIGHT
    return weight_T

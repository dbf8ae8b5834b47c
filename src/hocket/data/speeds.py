"""Voices at other speeds: played slower or faster, a recording sounds as another person's.

Law: pitch, formants and pace move together, by one factor a voice; every voice has one slower and one faster
self, by its name, for ever. Spans move with the sound. For training alone: who is held out stays as they are.
Source: speed perturbation (Ko et al., Interspeech 2015).
"""

import zlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from hocket.audio.resample import resample
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Utterance
from hocket.data.spans import Float32, Spans
from hocket.data.splits import MEETING, SPEED

SLOWER: Final = (0.84, 0.88, 0.92)
FASTER: Final = (1.08, 1.12, 1.16)


def at_other_speeds(utterances: Iterable[Utterance]) -> list[Utterance]:
    """What other people would have said: every utterance twice, of other voices; meetings left out."""
    return [
        _at(utterance, speed)
        for utterance in utterances
        if utterance.engine != MEETING
        for speed in speeds_of(utterance.voice)
    ]


def speeds_of(voice: str) -> tuple[float, float]:
    """The slower and the faster self of a voice."""
    drawn = zlib.crc32(voice.encode())
    return SLOWER[drawn % len(SLOWER)], FASTER[drawn // len(SLOWER) % len(FASTER)]


def speed_of(source: str) -> tuple[str, float]:
    """The utterance's own id, and the speed at which it is heard."""
    own, _, speed = source.partition(SPEED)
    return own, float(speed) if speed else 1.0


def heard_at(sound_S: Float32, speed: float) -> Float32:
    """A sound at 16 kHz at another speed."""
    return sound_S if speed == 1 else resample(sound_S, round(USER_RATE_HZ * speed), USER_RATE_HZ)


def spans_at(spans: Spans, speed: float) -> Spans:
    """Spans of speech as they lie at another speed."""
    return tuple((round(first / speed), round(behind / speed)) for first, behind in spans)


def _at(utterance: Utterance, speed: float) -> Utterance:
    return replace(
        utterance,
        id=f"{utterance.id}{SPEED}{speed}",
        voice=f"{utterance.voice}{SPEED}{speed}",
        n_samples=-(-utterance.n_samples * USER_RATE_HZ // round(USER_RATE_HZ * speed)),
        spans=spans_at(utterance.spans, speed),
        words=(),
    )

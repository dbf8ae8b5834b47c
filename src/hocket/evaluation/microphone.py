"""What the user's microphone takes up: their voice, others across the room, noise, our own echo.

Law: a tick holds what was placed before it was asked for, and nothing that comes later; equal
placements give equal samples.
Source: docs/bench-scenes.md. Rooms are exponentially decaying noise (Schroeder, 1965).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.levels import from_db
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.bank import LEVEL_DB
from hocket.data.mix import at_level, convolved, pink, room_tone
from hocket.data.spans import Float32
from hocket.evaluation.connection import PIECE
from hocket.evaluation.scenes.scene import BABBLE, Scene, Sound
from hocket.evaluation.sounds import Rendered, SceneSounds

LOOP_S: Final = 20  # of a background: long enough that nobody waits for its return
AUDIBLE: Final = 10 ** (-60 / 20)
REVERBERATION_S: Final = (0.25, 0.6)


class Microphone:
    """One scene's microphone."""

    def __init__(self, scene: Scene, sounds: SceneSounds) -> None:
        self._scene, self._sounds = scene, sounds
        rng = np.random.default_rng((scene.seed, 22))
        self._room_R = room_response(rng)
        self._loop_S = _background(scene, sounds, rng)
        self._user_S = np.zeros(USER_RATE_HZ * 60, np.float32)
        self._tone_S = np.ones(USER_RATE_HZ * 60, np.float32)  # 0 where a recording has its own

    def place(self, sound: Sound, first: int) -> tuple[tuple[int, int], ...]:
        """Let a sound's first audible sample be ``first``; returns its spans, placed."""
        rendered = self._sounds.render(sound)
        start = first - rendered.spans[0][0]
        samples_S = self._heard(sound, rendered)
        self._grow(start + len(samples_S))
        skip = max(-start, 0)
        self._user_S[start + skip : start + len(samples_S)] += samples_S[skip:]
        if self._scene.around.tone and sound.source == self._scene.around.tone:
            self._tone_S[start + skip : start + len(samples_S)] = 0
        return tuple((a + start, b + start) for a, b in rendered.spans)

    def tick(self, tick: int, echo_S: Float32) -> tuple[Float32, NDArray[np.bool_]]:
        """Float32 [3200], and in which 20 ms of it [10] somebody near is heard."""
        first, behind = tick * TICK_USER_SAMPLES, (tick + 1) * TICK_USER_SAMPLES
        self._grow(behind)
        near_S = self._user_S[first:behind]
        around_S = np.take(self._loop_S, np.arange(first, behind), mode="wrap")
        mixed_S = near_S + around_S * self._tone_S[first:behind] + echo_S
        loud_P = np.max(np.abs(near_S).reshape(-1, PIECE), axis=1) >= AUDIBLE
        return np.clip(mixed_S, -1, 1).astype(np.float32), loud_P

    def _heard(self, sound: Sound, rendered: Rendered) -> Float32:
        """A sound with the room between it and the microphone."""
        if sound.far or self._scene.around.room:
            return convolved(rendered.samples_S, self._room_R)
        return rendered.samples_S

    def _grow(self, n: int) -> None:
        if n > len(self._user_S):
            longer = 2 * n - len(self._user_S)
            self._user_S = np.pad(self._user_S, (0, longer))
            self._tone_S = np.pad(self._tone_S, (0, longer), constant_values=1)


def room_response(rng: np.random.Generator) -> Float32:
    """A room's impulse response made by rule, direct sound first and of gain 1, float32 [R]."""
    tail_s = float(rng.uniform(*REVERBERATION_S))
    time_R = np.arange(round(tail_s * USER_RATE_HZ)) / USER_RATE_HZ
    late_R = rng.standard_normal(len(time_R)) * 10 ** (-3 * time_R / tail_s)
    response_R = 0.12 * late_R * (time_R > 0.004)
    response_R[0] = 1
    return response_R.astype(np.float32)


def _background(scene: Scene, sounds: SceneSounds, rng: np.random.Generator) -> Float32:
    """What goes on behind the scene, float32 [20 s], looped."""
    around, n = scene.around, LOOP_S * USER_RATE_HZ
    if around.tone:
        return room_tone(sounds, around.tone, n, rng)  # type: ignore[arg-type]  # asks for speech only
    hiss_S = pink(n, rng) * np.float32(from_db(around.hiss_db))
    if not around.noise:
        return hiss_S
    if around.noise == BABBLE:
        voices = [np.resize(sounds.render(s).samples_S, n) for s in scene.babble]
        rolled = [np.roll(voice_S, int(rng.integers(n))) for voice_S in voices]
        noise_S = at_level(np.sum(rolled, axis=0), LEVEL_DB)
    else:
        noise_S = sounds.noise(around.noise, n, scene.seed)
    return hiss_S + noise_S * np.float32(from_db(-around.snr_db))

"""The user's lane: what sounds at the microphone (voices, rooms, noise, our own echo), down the line.

Law: a tick of the mix depends on the script and on the agent's lane before the end of that tick, on
nothing later; equal scripts over equal sounds give equal samples. A silence put into an utterance and
the silence behind its end are the same silence, the session's: nothing but speech tells them apart.
Source: docs/data.md.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from hocket.audio.levels import from_db, rms_db
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.bank import LEVEL_DB
from hocket.data.line import Line
from hocket.data.script import Role, Script, Sound
from hocket.data.spans import Float32, Spans, quietest_sample
from hocket.data.splits import READER

FADE_SAMPLES: Final = USER_RATE_HZ // 50  # 20 ms around a cut in a silence
FLOOR_DB: Final = (-72.0, -55.0)  # of the quiet microphone that every session has
TONE_SAMPLES: Final = USER_RATE_HZ // 10
MARGIN_SAMPLES: Final = USER_RATE_HZ // 25  # a decay or a breath still sounds there


class Sounds(Protocol):
    """Where a script's names become samples."""

    def speech(self, source: str) -> Float32:
        """The utterance of that id, float32 [S] at 16 kHz."""
        ...

    def spans(self, source: str) -> Spans:
        """Its spans of speech."""
        ...

    def recording(self, source: str) -> str:
        """The id of the whole recording that a piece was cut from; of anything else its own."""
        ...

    def noise(self, name: str, n_samples: int, seed: int) -> Float32:
        """Noise of that name, float32 [n_samples]."""
        ...

    def response(self, name: str) -> Float32:
        """A room's impulse response, float32 [S]."""
        ...


class Mixer:
    """The user's lane of one session, a tick at a time."""

    def __init__(self, script: Script, sounds: Sounds) -> None:
        self._script = script
        self._air_S = _air(script, sounds)
        self._line = Line(script.surroundings, script.n_samples, seed=script.seed)

    def tick(self, tick: int, agent_S: Float32) -> Float32:
        """Float32 [3200] of a tick; ``agent_S`` is the agent's lane, right up to the tick's end."""
        here = slice(tick * TICK_USER_SAMPLES, (tick + 1) * TICK_USER_SAMPLES)
        return self._line.carry(tick, self._air_S[here] + self._echo(here.start, agent_S))

    def _echo(self, start: int, agent_S: Float32) -> Float32:
        around = self._script.surroundings
        echo_S = np.zeros(TICK_USER_SAMPLES, np.float32)
        if around.echo_db is None:
            return echo_S
        first = start - round(around.echo_delay_s * USER_RATE_HZ)
        skip = max(-first, 0)
        piece = agent_S[first + skip : max(first + TICK_USER_SAMPLES, 0)]
        echo_S[TICK_USER_SAMPLES - len(piece) :] = piece * np.float32(from_db(around.echo_db))
        return echo_S


def _air(script: Script, sounds: Sounds) -> Float32:
    """All that sounds around the microphone but the agent, float32 [n_samples]."""
    near_S = np.zeros(script.n_samples, np.float32)
    far_S = np.zeros(script.n_samples, np.float32)
    for number, sound in enumerate(script.sounds):
        samples = sound_of(script, number, sound, sounds)
        if sound.room:
            samples = convolved(samples, sounds.response(sound.room))
        lane = far_S if sound.room or sound.role is Role.NOISE else near_S
        _add(lane, sound.start, samples)
    around = script.surroundings
    if around.room:
        near_S = convolved(near_S, sounds.response(around.room))[: script.n_samples]
    air_S = near_S + far_S + background(script, sounds)
    return np.asarray(air_S, np.float32)


def background(script: Script, sounds: Sounds) -> Float32:
    """The session's own silence, a reader's room or a microphone's hiss, and a noise over it."""
    around, rng = script.surroundings, np.random.default_rng((script.seed, 2))
    if script.engine == READER:
        own_S = _readers_room(script, sounds, rng)
    else:
        own_S = pink(script.n_samples, rng) * np.float32(from_db(float(rng.uniform(*FLOOR_DB))))
    if not around.noise:
        return own_S
    noise = sounds.noise(around.noise, script.n_samples, script.seed)
    return own_S + at_level(noise, LEVEL_DB - around.snr_db)


def sound_of(script: Script, number: int, sound: Sound, sounds: Sounds) -> Float32:
    """One sound with its stretches and its gain, float32 [S]."""
    gain = np.float32(from_db(sound.gain_db))
    if sound.role is Role.NOISE:
        noise = sounds.noise(sound.source, sound.end - sound.onset, script.seed + number)
        return _faded(at_level(noise, LEVEL_DB)) * gain
    samples = sounds.speech(sound.source)
    parts: list[Float32] = []
    at = 0
    for cut, n_samples in _cuts(sound, sounds):
        parts += [_faded(samples[at:cut], lead=at > 0), np.zeros(n_samples, np.float32)]
        at = cut
    parts.append(_faded(samples[at:], lead=at > 0))
    return np.concatenate(parts) * gain


def _cuts(sound: Sound, sounds: Sounds) -> list[tuple[int, int]]:
    """Where a sound is cut open, in its own samples, and how much silence is put there."""
    samples, spans = sounds.speech(sound.source), sounds.spans(sound.source)
    return [
        (quietest_sample(samples, spans[s.after_span][1], spans[s.after_span + 1][0]), s.n_samples)
        for s in sound.stretches
    ]


def room_tone(sounds: Sounds, source: str, n_samples: int, rng: np.random.Generator) -> Float32:
    """Noise like 100 ms of an utterance's own silence: the same spectrum and level, [n_samples].

    The piece is the middle one by level of those in its silences: the quietest lies up to 20 dB under
    its pauses (recordings were gated), and a tail that soft would tell an end from a pause.
    """
    samples, spans = sounds.speech(source), sounds.spans(source)
    pieces = _silent_pieces(samples, spans)
    pieces.sort(key=rms_db)
    piece = pieces[len(pieces) // 2]
    shape = piece * np.hanning(len(piece)).astype(np.float32)
    white = rng.standard_normal(n_samples + len(shape), dtype=np.float32)
    return at_level(convolved(white, shape)[len(shape) : len(shape) + n_samples], rms_db(piece))


def _silent_pieces(samples_S: Float32, spans: Spans) -> list[Float32]:
    """Pieces of 100 ms between spans, or where there is none, before and behind all speech."""
    inner = [(a[1], b[0]) for a, b in pairwise(spans)]
    outer = [(0, spans[0][0]), (spans[-1][1], len(samples_S))]
    for silences in (inner, outer, [(0, len(samples_S))]):
        starts = [
            start
            for first, behind in silences
            for start in range(
                first + MARGIN_SAMPLES, behind - MARGIN_SAMPLES - TONE_SAMPLES + 1, MARGIN_SAMPLES
            )
        ]
        if starts:
            return [samples_S[start : start + TONE_SAMPLES] for start in starts]
    return [samples_S]


def convolved(samples_S: Float32, response_R: Float32) -> Float32:
    """Full linear convolution, float32 [S + R - 1]."""
    n = len(samples_S) + len(response_R) - 1
    size = 1 << (n - 1).bit_length()
    product = np.fft.rfft(samples_S, size) * np.fft.rfft(response_R, size)
    return np.fft.irfft(product, size)[:n].astype(np.float32)


def at_level(samples_S: Float32, level_db: float) -> Float32:
    """The sound with that RMS in dBFS."""
    return np.asarray(samples_S * np.float32(from_db(level_db - rms_db(samples_S))), np.float32)


def pink(n_samples: int, rng: np.random.Generator) -> Float32:
    """Noise of 3 dB less an octave, RMS 1, float32 [n_samples]."""
    size = 1 << (n_samples - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size, dtype=np.float32))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 8 * size / USER_RATE_HZ))
    noise = np.fft.irfft(spectrum, size)[:n_samples]
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), np.float32)


def _readers_room(script: Script, sounds: Sounds, rng: np.random.Generator) -> Float32:
    """A reader's room tone wherever no recording of theirs brings its own, with short fades."""
    own = [sound for sound in script.sounds if sound.voice == script.voice]
    whole = sounds.recording(own[0].source)
    tone_S = room_tone(sounds, whole, script.n_samples, rng)
    share_S = np.ones(len(tone_S), np.float32)
    for first, behind in (stretch for sound in own for stretch in _recorded(sound, sounds)):
        share_S[max(first, 0) : max(behind, 0)] = 0
    ramp = np.full(FADE_SAMPLES, 1 / FADE_SAMPLES, np.float32)
    return tone_S * np.convolve(share_S, ramp, mode="same").astype(np.float32)


def _recorded(sound: Sound, sounds: Sounds) -> Iterator[tuple[int, int]]:
    """The stretches of session time that a sound's own samples fill."""
    at, start = 0, sound.start
    for cut, n_samples in _cuts(sound, sounds):
        yield start, start + cut - at
        at, start = cut, start + cut - at + n_samples
    yield start, start + len(sounds.speech(sound.source)) - at


def _faded(samples_S: Float32, *, lead: bool = True, tail: bool = True) -> Float32:
    n = min(FADE_SAMPLES, len(samples_S) // 2)
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    faded = samples_S.copy()
    if lead:
        faded[:n] *= ramp
    if tail and n:
        faded[-n:] *= ramp[::-1]
    return faded


def _add(lane_S: Float32, start: int, samples_S: Float32) -> None:
    skip = max(-start, 0)
    room = lane_S[start + skip : start + len(samples_S)]
    room += samples_S[skip : skip + len(room)]

"""Sounds made by rule: coughs and the like, doors, horns, dogs, music, and what cues are made of.

Law: a name and a seed are the same samples everywhere; nothing is recorded, so nothing is owed.
They are told apart by ear, not taken for recordings: the report says which rates rest on them.
Source: resonances of the vocal tract (Fant, 1960) for coughs, laughs and barks; decaying sinusoids
and filtered noise for things.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32

Rng = np.random.Generator
Array = NDArray[np.float64]


def made(name: str, seed: int) -> Float32:
    """The sound of that name, float32 [S] at 16 kHz, peak 0.9.

    Raises:
        KeyError: no such sound.
    """
    sound_S = MADE[name](np.random.default_rng((seed, 11)))
    edge = min(len(sound_S) // 2, USER_RATE_HZ // 200)
    sound_S[:edge] *= np.linspace(0, 1, edge)
    sound_S[-edge:] *= np.linspace(1, 0, edge)
    return np.asarray(0.9 * sound_S / np.max(np.abs(sound_S)), np.float32)


# -- pieces of sound -------------------------------------------------------------------------------


def _time(length_s: float) -> Array:
    return np.arange(round(length_s * USER_RATE_HZ)) / USER_RATE_HZ


def _joined(*parts: Array) -> Array:
    return np.concatenate(parts)


def _pause(length_s: float) -> Array:
    return np.zeros(round(length_s * USER_RATE_HZ))


def _hiss(length_s: float, rng: Rng) -> Array:
    return rng.standard_normal(round(length_s * USER_RATE_HZ))


def _decay(length_s: float, tau_s: float, rise_s: float = 0.004) -> Array:
    time_S = _time(length_s)
    return np.exp(-time_S / tau_s) * np.minimum(time_S / rise_s, 1)


def _hump(length_s: float) -> Array:
    return np.asarray(np.sin(np.pi * _time(length_s) / length_s) ** 0.7)


def _voice(length_s: float, from_hz: float, to_hz: float, rng: Rng) -> Array:
    """A buzz that glides, a little rough."""
    pitch_S = np.geomspace(from_hz, to_hz, round(length_s * USER_RATE_HZ))
    pitch_S = pitch_S * (1 + 0.01 * np.cumsum(rng.standard_normal(len(pitch_S))) / 40)
    phase_S = 2 * np.pi * np.cumsum(pitch_S) / USER_RATE_HZ
    return np.asarray(sum(np.sin(n * phase_S) / n for n in range(1, 16)), np.float64)


def _shaped(sound_S: Array, *formants: tuple[float, float]) -> Array:
    """Through resonances (centre, width in Hz), side by side."""
    spectrum = np.fft.rfft(sound_S)
    hz = np.fft.rfftfreq(len(sound_S), 1 / USER_RATE_HZ)
    gain = sum(1 / (1 + ((hz - centre) / (width / 2)) ** 2) for centre, width in formants)
    return np.asarray(np.fft.irfft(spectrum * gain, len(sound_S)))


def _ring(length_s: float, tau_s: float, *partials_hz: float) -> Array:
    time_S = _time(length_s)
    tones = [np.sin(2 * np.pi * hz * time_S) / (n + 1) for n, hz in enumerate(partials_hz)]
    return np.asarray(np.sum(tones, axis=0) * _decay(length_s, tau_s))


# -- people ----------------------------------------------------------------------------------------


def _cough(rng: Rng) -> Array:
    parts = []
    size = rng.uniform(0.85, 1.2)
    for n in range(int(rng.integers(1, 4))):
        length_s = rng.uniform(0.22, 0.34)
        burst = _hiss(length_s, rng) * _decay(length_s, 0.07)
        buzz = _voice(length_s, 180 * size, 120 * size, rng) * _decay(length_s, 0.05, 0.03)
        body = _shaped(burst + 0.5 * buzz, (650 * size, 300), (1500 * size, 500), (2900, 1200))
        parts += [body * 0.8**n, _pause(rng.uniform(0.05, 0.16))]
    return _joined(*parts)


def _throat(rng: Rng) -> Array:
    length_s = rng.uniform(0.3, 0.55)
    buzz = _voice(length_s, 95, 80, rng) * (1 + 0.8 * np.sign(np.sin(60 * np.pi * _time(length_s))))
    rough = _shaped(buzz + 0.6 * _hiss(length_s, rng), (500, 250), (1200, 400), (2500, 900))
    return rough * _hump(length_s)


def _laugh(rng: Rng) -> Array:
    pitch_hz = rng.uniform(150, 300)
    parts = []
    for n in range(int(rng.integers(3, 7))):
        length_s = rng.uniform(0.09, 0.13)
        breath = _shaped(_hiss(0.06, rng) * _hump(0.06), (900, 700), (1800, 900)) * 0.5
        top_hz = pitch_hz * (1.15 - 0.05 * n)
        vowel = _shaped(_voice(length_s, top_hz, 0.85 * top_hz, rng), (750, 150), (1250, 200))
        parts += [breath, vowel * _hump(length_s) * 0.92**n, _pause(0.03)]
    return _joined(*parts)


def _sniff(rng: Rng) -> Array:
    length_s = rng.uniform(0.25, 0.5)
    return _shaped(_hiss(length_s, rng) * _hump(length_s), (2200, 1200), (4500, 2000))


def _sneeze(rng: Rng) -> Array:
    intake = _shaped(_hiss(0.35, rng) * np.linspace(0.05, 0.4, 5600), (1000, 700), (2500, 1500))
    blast = _hiss(0.3, rng) * _decay(0.3, 0.08) + 0.4 * _voice(0.3, 260, 150, rng) * _hump(0.3)
    return _joined(intake, _pause(0.08), 2 * _shaped(blast, (800, 500), (3500, 2500)))


def _sigh(rng: Rng) -> Array:
    length_s = rng.uniform(0.6, 0.9)
    return _shaped(_hiss(length_s, rng) * _hump(length_s), (600, 400), (1400, 800))


# -- things ----------------------------------------------------------------------------------------


def _door(rng: Rng) -> Array:
    thump = _ring(0.5, 0.09, 62, 97, 141) + 0.3 * _hiss(0.5, rng) * _decay(0.5, 0.03)
    latch = _shaped(_hiss(0.08, rng) * _decay(0.08, 0.01), (2600, 900), (4200, 1200))
    return _joined(latch, _pause(rng.uniform(0.03, 0.12)), 1.5 * thump)


def _horn(rng: Rng) -> Array:
    low_hz = rng.uniform(330, 430)
    blast = sum(_voice(0.45, hz, hz, rng) for hz in (low_hz, 1.25 * low_hz))
    blast = _shaped(np.asarray(blast), (1100, 1500), (2500, 1500)) * _hump(0.45) ** 0.2
    n = int(rng.integers(1, 4))
    return _joined(*[part for _ in range(n) for part in (blast, _pause(0.12))])


def _dog(rng: Rng) -> Array:
    top_hz = rng.uniform(350, 700)
    parts = []
    for _ in range(int(rng.integers(2, 5))):
        length_s = rng.uniform(0.13, 0.2)
        bark = _voice(length_s, top_hz, 0.55 * top_hz, rng) + 0.8 * _hiss(length_s, rng)
        bark = _shaped(bark, (2.2 * top_hz, 500), (4 * top_hz, 900)) * _hump(length_s)
        parts += [bark, _pause(rng.uniform(0.12, 0.35))]
    return _joined(*parts)


def _music(rng: Rng) -> Array:
    root_hz = rng.uniform(180, 330)
    steps = rng.choice([0, 2, 4, 5, 7, 9, 12], size=int(rng.integers(5, 9)))
    notes = [_ring(0.28, 0.25, *(root_hz * 2 ** (s / 12) * np.arange(1, 6))) for s in steps]
    bass = _ring(0.28 * len(steps), 1.5, root_hz / 2, root_hz, 1.5 * root_hz)
    return 0.5 * bass + _joined(*notes)[: len(bass)]


def _phone(rng: Rng) -> Array:
    warble = np.sign(np.sin(2 * np.pi * 11 * _time(0.7)))
    hz = rng.uniform(900, 1300)
    tone = np.sin(2 * np.pi * np.cumsum(hz * (1 + 0.12 * warble)) / USER_RATE_HZ)
    return _joined(tone, _pause(0.3), tone)


def _dishes(rng: Rng) -> Array:
    parts = []
    for _ in range(int(rng.integers(3, 8))):
        hz = rng.uniform(1800, 5200)
        clink = _ring(0.14, 0.04, hz, 1.51 * hz * 0.9, 2.3 * hz * 0.6)
        parts += [clink * rng.uniform(0.3, 1), _pause(rng.uniform(0.0, 0.1))]
    return _joined(*parts)


def _typing(rng: Rng) -> Array:
    parts = []
    for _ in range(int(rng.integers(8, 18))):
        key = _shaped(_hiss(0.025, rng) * _decay(0.025, 0.005), (3100, 1500), (1200, 600))
        parts += [key * rng.uniform(0.4, 1), _pause(rng.uniform(0.06, 0.17))]
    return _joined(*parts)


def _drop(rng: Rng) -> Array:
    heavy = _ring(0.35, 0.05, 140, 233, 390) + 0.4 * _hiss(0.35, rng) * _decay(0.35, 0.02)
    return _joined(heavy, 0.4 * heavy[: len(heavy) // 2], 0.2 * heavy[: len(heavy) // 3])


def _siren(rng: Rng) -> Array:
    swing = 1 + 0.25 * np.sin(2 * np.pi * rng.uniform(0.6, 1.2) * _time(1.8))
    phase = 2 * np.pi * np.cumsum(rng.uniform(600, 900) * swing) / USER_RATE_HZ
    return np.asarray((np.sin(phase) + 0.4 * np.sin(3 * phase)) * _hump(1.8))


# -- cues ------------------------------------------------------------------------------------------


def _clap(rng: Rng) -> Array:
    return _shaped(_hiss(0.16, rng) * _decay(0.16, 0.018, 0.001), (1300, 900), (2600, 1800))


def _knock(rng: Rng) -> Array:
    return _ring(0.15, 0.025, 190, 410, 760) + 0.2 * _hiss(0.15, rng) * _decay(0.15, 0.01)


def _bell(rng: Rng) -> Array:
    hz = rng.uniform(1000, 1400)
    return _ring(0.8, 0.22, hz, 2.0 * hz, 2.76 * hz, 5.4 * hz)


def _whistle(rng: Rng) -> Array:
    hz_S = np.geomspace(1100, 2200, round(0.5 * USER_RATE_HZ))
    tone = np.sin(2 * np.pi * np.cumsum(hz_S) / USER_RATE_HZ)
    return np.asarray((tone + 0.05 * _hiss(0.5, rng)) * _hump(0.5))


# -- what goes on behind a scene -------------------------------------------------------------------


def _engine(rng: Rng) -> Array:
    """A car's inside, 10 s."""
    rumble = _shaped(_hiss(10, rng), (90, 120), (300, 400))
    return rumble + 0.1 * np.std(rumble) * _voice(10, 47, 49, rng)


def _wind(rng: Rng) -> Array:
    gusts = np.interp(_time(10), np.linspace(0, 10, 21), rng.uniform(0.2, 1.0, 21))
    return _shaped(_hiss(10, rng), (250, 300), (700, 500)) * gusts


def _kitchen(rng: Rng) -> Array:
    """A fan with dishes now and then, 10 s."""
    fan = _shaped(_hiss(10, rng), (400, 900), (1800, 2500))
    fan = 0.2 * fan / np.std(fan)
    for start in rng.integers(0, 9 * USER_RATE_HZ, 6):
        clink = _dishes(rng)[:USER_RATE_HZ]
        fan[start : start + len(clink)] += clink
    return fan


TICS: Final = ("cough", "throat", "laugh", "sniff", "sneeze", "sigh")
BURSTS: Final = (
    "door", "horn", "dog", "music", "phone", "dishes", "typing", "drop", "siren"
)  # fmt: skip
STEADY: Final = ("engine", "wind", "kitchen")
MADE: Final[dict[str, Callable[[Rng], Array]]] = {
    "cough": _cough, "throat": _throat, "laugh": _laugh, "sniff": _sniff, "sneeze": _sneeze,
    "sigh": _sigh, "door": _door, "horn": _horn, "dog": _dog, "music": _music, "phone": _phone,
    "dishes": _dishes, "typing": _typing, "drop": _drop, "siren": _siren, "clap": _clap,
    "knock": _knock, "bell": _bell, "whistle": _whistle, "engine": _engine, "wind": _wind,
    "kitchen": _kitchen,
}  # fmt: skip

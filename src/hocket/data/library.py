"""Where a script's names become samples: the bank's utterances, rooms' responses, noises.

Law: a name and a seed stand for the same samples everywhere. Noises that are made by rule need no file;
so with rooms; recordings are looked up in a folder, and their split is that of their name.
Source: docs/data.md; splits.py.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from hocket.audio.resample import resample
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank, Utterance
from hocket.data.mix import pink
from hocket.data.pieces import in_pieces
from hocket.data.rooms import made_room, made_rooms
from hocket.data.spans import Float32, Spans
from hocket.data.speeds import heard_at, spans_at, speed_of
from hocket.data.splits import ROOM, SPEED, split_of


def _hiss(n_samples: int, rng: np.random.Generator) -> Float32:
    return rng.standard_normal(n_samples, dtype=np.float32)


def _hum(n_samples: int, rng: np.random.Generator) -> Float32:
    """Mains and its harmonics, as from a fan or a fridge."""
    phase_S = 2 * np.pi * float(rng.uniform(48, 62)) * np.arange(n_samples) / USER_RATE_HZ
    tones = [np.sin(n * phase_S + rng.uniform(0, 6)) / n for n in range(1, 9)]
    hum_S = np.sum(tones, axis=0) + 0.1 * rng.standard_normal(n_samples)
    return np.asarray(hum_S, np.float32)


def _struck(n_samples: int, rng: np.random.Generator, per_s: float, decay_s: float) -> Float32:
    """Short decaying bursts at random times, the first at once."""
    n = max(1, int(rng.poisson(per_s * n_samples / USER_RATE_HZ)))
    starts = np.concatenate([[0], rng.integers(0, n_samples, n - 1)])
    strokes_S = np.zeros(n_samples, np.float32)
    strokes_S[starts] = rng.uniform(0.4, 1.0, n)
    length = round(6 * decay_s * USER_RATE_HZ)
    burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (decay_s * USER_RATE_HZ))
    size = 1 << (n_samples + length).bit_length()
    sound = np.fft.irfft(np.fft.rfft(strokes_S, size) * np.fft.rfft(burst, size), size)
    return sound[:n_samples].astype(np.float32) + 1e-4 * _hiss(n_samples, rng)


def _keys(n_samples: int, rng: np.random.Generator) -> Float32:
    return _struck(n_samples, rng, per_s=7, decay_s=0.006)


def _knocks(n_samples: int, rng: np.random.Generator) -> Float32:
    return np.convolve(
        _struck(n_samples, rng, per_s=3, decay_s=0.03), np.full(24, 1 / 24, np.float32), mode="same"
    ).astype(np.float32)


MADE: Final[dict[str, Callable[[int, np.random.Generator], Float32]]] = {
    "hiss": _hiss,
    "hum": _hum,
    "keys": _keys,
    "knocks": _knocks,
    "pink": pink,
}
BABBLE: Final = "babble"
STEADY: Final = ("hiss", "hum", "pink", BABBLE)  # fit to go on behind a whole session
SPEAKERS: Final = 6


class Library:
    """All sounds of one split. Without ``rooms`` there are only noises and rooms made by rule.

    Raises:
        BadInput: the folder of rooms is not there.
    """

    def __init__(self, bank: Bank, *, split: str, rooms: Path | None = None) -> None:
        if rooms is not None and not rooms.is_dir():
            raise BadInput(f"expected a folder of rooms and noises, got {rooms}")
        self._bank = bank
        said = in_pieces(bank.utterances)
        self._by_id = {u.id: u for u in (*bank.utterances, *said)}
        self.utterances: list[Utterance] = [u for u in said if u.split == split]
        self._talk = [u for u in self.utterances if u.kind in ("turn", "side")]
        files = sorted(rooms.glob("*.wav")) if rooms else []
        self._files = {f.stem: f for f in files if split_of(f"{ROOM}/{f.stem}") == split}
        self._made_rooms = made_rooms(split)
        rooms_recorded = (name for name in self._files if name.startswith("rir"))
        self.responses = (*rooms_recorded, *self._made_rooms)
        recorded = tuple(name for name in self._files if name.startswith("noise"))
        self.backgrounds = (*STEADY, *recorded)
        self.noises = (*sorted(MADE), *recorded)
        self._recording = lru_cache(maxsize=16)(_read)

    def speech(self, source: str) -> Float32:
        """The utterance of that id, float32 [S] at 16 kHz."""
        own, speed = speed_of(source)
        return heard_at(self._bank.samples(self._by_id[own]), speed)

    def spans(self, source: str) -> Spans:
        """Its spans of speech."""
        own, speed = speed_of(source)
        return spans_at(self._by_id[own].spans, speed)

    def recording(self, source: str) -> str:
        """The id of the whole recording that a piece was cut from, at its speed; of anything else its own."""
        own, speed = speed_of(source)
        whole = own.partition("@")[0]
        return whole if speed == 1 else f"{whole}{SPEED}{speed}"

    def response(self, name: str) -> Float32:
        """A room's impulse response, its direct sound first, float32 [S].

        Its energy is 1, so that speech keeps its level: with a direct sound of gain 1 a small room
        added 6 dB, and loud sessions were clipped.
        """
        if name in self._made_rooms:
            return made_room(name)
        response = self._recording(self._files[name])
        heard = response[int(np.argmax(np.abs(response))) :]
        return np.asarray(heard / np.sqrt(np.sum(heard**2)), np.float32)

    def noise(self, name: str, n_samples: int, seed: int) -> Float32:
        """Noise of that name, float32 [n_samples], at any level."""
        rng = np.random.default_rng((seed, 4))
        if name in MADE:
            return MADE[name](n_samples, rng)
        if name == BABBLE:
            return self._babble(n_samples, rng)
        recording = self._recording(self._files[name])
        start = int(rng.integers(len(recording)))
        return np.resize(np.roll(recording, -start), n_samples)

    def _babble(self, n_samples: int, rng: np.random.Generator) -> Float32:
        """Many people at once: utterances of the split, looped against each other."""
        babble = np.zeros(n_samples, np.float32)
        for index in rng.integers(len(self._talk), size=SPEAKERS):
            samples = self._bank.samples(self._talk[int(index)])
            babble += np.resize(np.roll(samples, int(rng.integers(len(samples)))), n_samples)
        return babble


def _read(path: Path) -> Float32:
    try:
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadInput(f"expected a recording in {path}, got: {error}") from error
    mono = np.ascontiguousarray(samples[:, 0])
    return mono if rate_hz == USER_RATE_HZ else resample(mono, rate_hz, USER_RATE_HZ)

"""Which ticks of which sessions make a batch.

Law: the order is a function of the seed alone, so a stopped training finds its place by counting. In
an epoch every session is cut at a new random place and nearly every tick is seen once; short rests at
the ends are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.data.pack import Pack, Packs
from hocket.model.duplex_config import Sound
from hocket.model.layout import positions
from hocket.protocol.modes import Manner
from hocket.training.config import TrainingConfig
from hocket.training.manners import EVERY, is_told

LEAST_SHARE: Final = 0.2  # of a crop's length; shorter rests cost more padding than they teach
POOL_BATCHES: Final = 8  # crops of so many batches are sorted by length before they are grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """Ticks [first, stop) of a session, with or without their sound and words. ``gain``: the seed of how
    the microphone's gain moves (gain.py); None: it stays. ``manner``: shown instead of the session's,
    which tells nothing of it (manners.py). ``voice``: the session towards whose voice this one's is moved,
    and how much of the way (other_voices.py)."""

    session: int
    first: int
    stop: int
    sound: bool
    words: bool
    gain: int | None = None
    manner: Manner | None = None
    voice: tuple[int, float] | None = None

    def __len__(self) -> int:
        return self.stop - self.first


class Crops:
    """Endless batches of crops of a pack."""

    def __init__(self, pack: Pack | Packs, config: TrainingConfig, *, seed: int) -> None:
        self._config = config
        self._seed = seed
        # Tokens before each tick's end, [T + 1] a session.
        self._tokens = [np.concatenate(([0], session.input_end)) for session in pack]
        self._told = [is_told(session.about) for session in pack]

    def batches(self) -> Iterator[tuple[Crop, ...]]:
        """Batches of ``batch_crops`` crops of like length; an epoch's last may be smaller."""
        epoch = 0
        while True:
            yield from self._epoch(np.random.default_rng((self._seed, epoch)))
            epoch += 1

    def _epoch(self, rng: np.random.Generator) -> Iterator[tuple[Crop, ...]]:
        crops = [crop for i in range(len(self._tokens)) for crop in self._cut(i, rng)]
        shuffled = [crops[i] for i in rng.permutation(len(crops))]
        size = self._config.batch_crops
        for pool in _chunks(shuffled, size * POOL_BATCHES):
            batches = list(_chunks(sorted(pool, key=self._n_positions), size))
            yield from (tuple(batches[i]) for i in rng.permutation(len(batches)))

    def _cut(self, session: int, rng: np.random.Generator) -> Iterator[Crop]:
        n_ticks = len(self._tokens[session]) - 1
        most = self._config.crop_ticks
        edges = [0, *range(int(rng.integers(1, most + 1)), n_ticks, most), n_ticks]
        for first, stop in pairwise(edges):
            if stop - first >= min(LEAST_SHARE * most, n_ticks):
                crop = self._crop(session, first, stop, rng.random())
                if self._config.gain_share:
                    moves, seed = rng.random(), int(rng.integers(2**31))
                    crop = replace(crop, gain=seed if moves < self._config.gain_share else None)
                if self._config.network.manner and not self._told[session]:
                    crop = replace(crop, manner=EVERY[int(rng.integers(len(EVERY)))])
                if self._config.voice_share and rng.random() < self._config.voice_share:
                    other = int(rng.integers(len(self._told)))
                    crop = replace(crop, voice=(other, float(rng.random())))
                yield crop

    def _crop(self, session: int, first: int, stop: int, chance: float) -> Crop:
        network = self._config.network
        sound, words = network.sound is not Sound.NONE, network.words
        if sound and words:
            words = chance >= self._config.words_dropout
            sound = chance < 1 - self._config.sound_dropout
        return Crop(session=session, first=first, stop=stop, sound=sound, words=words)

    def _n_positions(self, crop: Crop) -> int:
        tokens = self._tokens[crop.session]
        n_tokens = int(tokens[crop.stop] - tokens[crop.first]) if crop.words else 0
        sound_T = np.full(len(crop), crop.sound)
        return n_tokens + int(positions(np.zeros(len(crop), np.int64), sound_T).sum())


def windows(n_ticks: int, *, window_ticks: int, context_ticks: int) -> NDArray[np.int64]:
    """Windows [W, 3] that run over a session: first, stop, and the first tick whose outcome counts.

    Every tick counts in one window and sees at least ``context_ticks`` before it, or all there are;
    which ones depends on nothing that comes later.
    """
    step = window_ticks - context_ticks
    n_windows = 1 + max(0, -(-(n_ticks - window_ticks) // step))
    first_W = np.arange(n_windows) * step
    stop_W = np.minimum(first_W + window_ticks, n_ticks)
    counts_W = first_W + context_ticks * (first_W > 0)
    return np.stack((first_W, stop_W, counts_W), axis=1)


def _chunks(crops: Sequence[Crop], size: int) -> Iterator[Sequence[Crop]]:
    return (crops[i : i + size] for i in range(0, len(crops), size))

"""The network of model/timbre.py, fitted to recordings of many people.

    python -m hocket.training.voices BANK --out FILE [--steps N]

Law: what is learned is what is asked later: which of many voices a second or less of sound is, beside a few
seconds of each heard before. Every recording is also heard slower and faster, as other people, and in a
room; each sample is made louder or softer, darker or brighter and noisier by chance, so that neither level
nor microphone tells who it is. Voices of the training split alone. A function of the bank, the steps and
the seed. Source: prototypical networks (Snell et al., arXiv 1703.05175) as used to tell speakers.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional

from hocket.audio.dmel import MELS, lane_log_mel, levels_of
from hocket.audio.resample import resample
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank, Utterance
from hocket.data.mix import convolved
from hocket.data.rooms import made_room, made_rooms
from hocket.data.splits import Split
from hocket.model.timbre import INPUTS, KERNEL, TIMBRES, frames

Float32: TypeAlias = NDArray[np.float32]

WIDTH: Final = 96  # of the convolutions
SPEEDS: Final = (0.88, 1.0, 1.13)
MOST_S: Final = 40.0  # of one voice
LEAST_TICKS: Final = 16  # of one voice
VOICED: Final = 0.75  # of log10, 15 dB: under a recording's loudest ticks, and still the voice
QUERY_TICKS: Final = (2, 8)
KNOWN_TICKS: Final = (5, 16)
BATCH_VOICES: Final = 96
RATE: Final = 2e-3
GAIN: Final = (-1.2, 0.3)  # of log10 of the magnitude
TILT: Final = 0.35  # log10, of the largest change of a microphone's curve
NOISE: Final = (-3.0, -1.0)  # log10 under the loudest


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One voice in one room or none: voiced ticks."""

    whose: str
    log_mel_TFM: Float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Voices; of each, dMel levels [T, 8, 80] of two samples."""

    names: list[str]
    known: list[NDArray[np.uint8]]
    query: list[NDArray[np.uint8]]


class TimbreNetwork(nn.Module):
    """As model/timbre.py computes it, to be trained."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(INPUTS, WIDTH, KERNEL, padding=KERNEL // 2)
        self.second = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=KERNEL // 2)
        self.out = nn.Linear(2 * WIDTH, TIMBRES)

    def forward(self, x_TFC: Tensor) -> Tensor:
        """Of ``frames`` [T, 8, 81] the numbers [T, 48]."""
        x_TCF = x_TFC.transpose(1, 2)
        for layer in (self.first, self.second):
            x_TCF = functional.relu(layer(x_TCF))
        pooled: Tensor = self.out(torch.cat((x_TCF.mean(dim=2), x_TCF.amax(dim=2)), dim=1))
        return pooled


class Voices:
    """Samples of voices, by chance."""

    def __init__(self, heard: Iterable[Heard], rng: np.random.Generator) -> None:
        found: dict[str, list[Float32]] = {}
        for each in heard:
            if len(each.log_mel_TFM) >= LEAST_TICKS:
                found.setdefault(each.whose, []).append(each.log_mel_TFM)
        self._found, self._names, self._rng = found, sorted(found), rng

    def __len__(self) -> int:
        return len(self._names)

    @classmethod
    def of(cls, bank: Bank, split: Split, rng: np.random.Generator) -> Self:
        """All that a bank has of a split."""
        return cls(_heard(bank, split, rng), rng)

    def batch(self) -> "Batch":
        """Of some voices, each: what is known of it, and what it says next."""
        n = min(BATCH_VOICES, len(self._names))
        chosen = [self._names[i] for i in self._rng.choice(len(self._names), n, replace=False)]
        pairs = [self._pair(self._found[name]) for name in chosen]
        return Batch(
            names=chosen, known=[known for known, _ in pairs], query=[query for _, query in pairs]
        )

    def _pair(self, of_voice: Sequence[Float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        known, query = (of_voice[i] for i in self._rng.integers(len(of_voice), size=2))
        return self._sample(known, KNOWN_TICKS), self._sample(query, QUERY_TICKS)

    def _sample(self, log_mel_TFM: Float32, ticks: tuple[int, int]) -> NDArray[np.uint8]:
        rng = self._rng
        n = min(int(rng.integers(ticks[0], ticks[1] + 1)), len(log_mel_TFM))
        first = int(rng.integers(len(log_mel_TFM) - n + 1))
        heard = log_mel_TFM[first : first + n] + rng.uniform(*GAIN) + _curve(rng)
        noise_M = heard.max() + rng.uniform(*NOISE) + _curve(rng)
        return levels_of(np.logaddexp(heard * np.log(10), noise_M * np.log(10)) / np.log(10))


def main() -> None:
    """Fit, and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4_000)
    options = parser.parse_args()
    voices = Voices.of(Bank(options.bank), Split.TRAIN, np.random.default_rng(1))
    network = fit(voices, steps=options.steps, listener=typer.echo)
    save(network, options.out, {"voices": str(len(voices)), "steps": str(options.steps)})


def fit(
    voices: Voices, *, steps: int, listener: Callable[[str], None] = lambda line: None
) -> TimbreNetwork:
    """The network after so many steps; ``listener`` gets a line now and then.

    Raises:
        ValueError: there are not two voices.
    """
    if len(voices) < 2:
        raise ValueError(f"expected voices of two people, got {len(voices)}")
    torch.manual_seed(0)
    network = TimbreNetwork()
    sharpness = nn.Parameter(torch.tensor(10.0))
    optimiser = torch.optim.AdamW([*network.parameters(), sharpness], lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for step in range(steps):
        batch = voices.batch()
        known, query = (_directions(network, side) for side in (batch.known, batch.query))
        alike_QV = sharpness * query @ known.T
        own_V = torch.arange(len(known))
        loss = functional.cross_entropy(alike_QV, own_V) + functional.cross_entropy(
            alike_QV.T, own_V
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            right = float((alike_QV.argmax(dim=1) == own_V).float().mean())
            listener(f"step {step}: loss {loss.item():.3f}, found again {right:.2f}")
    return network


def save(network: TimbreNetwork, path: Path, told: dict[str, str]) -> None:
    """What model/timbre.py reads, in half precision."""
    arrays = {name: x.detach().numpy() for name, x in network.state_dict().items()}
    save_file({name: x.astype(np.float16) for name, x in arrays.items()}, path, metadata=told)


def _directions(network: TimbreNetwork, samples: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Of each sample's ticks the mean's direction [V, 48]."""
    each_TK = network(torch.from_numpy(frames(np.concatenate(samples))))
    sums = [part.sum(dim=0) for part in each_TK.split([len(sample) for sample in samples])]
    return functional.normalize(torch.stack(sums), dim=1)


def _heard(bank: Bank, split: Split, rng: np.random.Generator) -> Iterator[Heard]:
    """Every voice at every speed, near and in a room."""
    rooms = made_rooms(str(split))
    for voice, utterances in _by_voice(bank, split, rng):
        sound_S = np.concatenate([bank.samples(each) for each in utterances])
        for speed in SPEEDS:
            played_S = resample(sound_S, round(USER_RATE_HZ * speed), USER_RATE_HZ)
            response_R = made_room(rooms[int(rng.integers(len(rooms)))])
            for heard_S in (played_S, convolved(played_S, response_R)):
                log_mel_TFM = lane_log_mel(np.asarray(heard_S, np.float32))
                yield Heard(whose=f"{voice} at {speed}", log_mel_TFM=_voiced(log_mel_TFM))


def _by_voice(
    bank: Bank, split: Split, rng: np.random.Generator
) -> Iterator[tuple[str, list[Utterance]]]:
    found: dict[str, list[Utterance]] = {}
    for each in bank.select(split=str(split)):
        found.setdefault(each.voice, []).append(each)
    for voice in sorted(found):
        chosen: list[Utterance] = []
        for i in rng.permutation(len(found[voice])):
            if sum(each.duration_s for each in chosen) < MOST_S:
                chosen.append(found[voice][i])
        yield voice, chosen


def _voiced(log_mel_TFM: Float32) -> Float32:
    loud_T = log_mel_TFM.mean(axis=(1, 2))
    loud_enough_T = loud_T > np.quantile(loud_T, 0.95) - VOICED
    return np.asarray(log_mel_TFM[loud_enough_T])


def _curve(rng: np.random.Generator) -> Float32:
    """A smooth change over mels, log10 [80]: another microphone."""
    at_M = np.linspace(0, np.pi, MELS)
    waves = [rng.normal() / k * np.cos(k * at_M + rng.uniform(0, np.pi)) for k in (1, 2, 3)]
    return np.asarray(TILT * sum(waves), np.float32)


if __name__ == "__main__":
    main()

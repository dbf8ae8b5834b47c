"""Trains the linear probe that tells the word decoder when to rest, and says how well it does.

    python -m benchmarks.ears_probe --speech DIR [--write]

Law: what it reports is measured on readers, and on a noise recording, that the reported weights
never saw; what it writes is fitted on all. DIR holds librispeech/*.flac (16 kHz) and
rooms/noise*.wav; word times come from whisper-base (benchmarks/ears_reference.py).
"""

import argparse
import base64
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.ears_reference import moonshine, references
from hocket.engine import speech_probe

WINDOW = 32_000
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    frame: Array  # [288]
    speech: bool
    reader: int  # -1: none
    noise: int  # -1: none or synthetic


def synthetic(rng: np.random.Generator) -> Array:
    """Two seconds of white or coloured noise, hum or clicks, at 0 dB."""
    t_S = np.arange(WINDOW) / 16_000
    kind = rng.integers(4)
    x_S = rng.standard_normal(WINDOW)
    if kind == 1:
        spectrum = np.fft.rfft(x_S)
        x_S = np.fft.irfft(spectrum * (np.arange(spectrum.size) + 5.0) ** -rng.uniform(0.2, 1.4))
    elif kind == 2:
        base_hz = rng.choice([50, 60, 100, 120, 220, 440, 1000])
        tones = [rng.uniform() / n * np.sin(2 * np.pi * base_hz * n * t_S) for n in range(1, 6)]
        x_S = sum(tones) + 0.05 * x_S
    elif kind == 3:
        decay_S = np.exp(-np.arange(800) / rng.uniform(20, 200))
        clicks_S = np.zeros(WINDOW)
        for start in rng.integers(0, WINDOW - 800, rng.integers(1, 12)):
            clicks_S[start : start + 800] += rng.standard_normal(800) * decay_S
        x_S = clicks_S + 0.02 * x_S
    if rng.random() < 0.3:
        x_S *= 1 + 0.8 * np.sin(2 * np.pi * rng.uniform(0.3, 6) * t_S)
    return level(x_S, 0)


def level(x_S: Array, db: float) -> Array:
    scaled_S: Array = x_S / np.sqrt(np.mean(x_S**2) + 1e-12) * 10 ** (db / 20)
    return scaled_S


def examples(speech: Path, rng: np.random.Generator) -> list[Example]:
    model = moonshine()
    noises = [soundfile.read(path)[0] for path in sorted((speech / "rooms").glob("noise*.wav"))]
    found: list[Example] = []

    def add(x_S: Array, is_speech: bool, reader: int, noise: int, loudest_db: float = -15) -> None:
        x_S = x_S * 10 ** (rng.uniform(-50, loudest_db) / 20)
        if rng.random() < 0.25:  # the start of a stream
            x_S[: rng.integers(WINDOW // 2, WINDOW - 2_000)] = 0
        frames_TD = model.encode(x_S.astype(np.float32).clip(-1, 1))[-8:]
        found.append(Example(frame=frames_TD.mean(0), speech=is_speech, reader=reader, noise=noise))

    def any_noise() -> tuple[Array, int]:
        if rng.random() < 0.4:
            return synthetic(rng), -1
        i = int(rng.integers(len(noises)))
        start = rng.integers(0, noises[i].size - WINDOW)
        return level(noises[i][start : start + WINDOW], 0), i

    readers = references(speech)
    for reader, (path, words) in enumerate(track(readers.items(), "encoding readers")):
        x_S = level(soundfile.read(speech / "librispeech" / path)[0], 0)
        padded_S = np.concatenate([np.zeros(WINDOW), x_S])
        for _ in range(24):
            word = words[rng.integers(len(words))]
            # a tick counts as speech when 0.15 s of a word lie in it
            end = int(rng.uniform(word.start_s + 0.15, max(word.end_s, word.start_s + 0.2)) * 16e3)
            if end > x_S.size:
                continue
            window_S, noise, i = padded_S[end : end + WINDOW].copy(), *any_noise()
            clean = rng.random() < 0.4
            if not clean:
                window_S += noise * 10 ** (-rng.uniform(3, 25) / 20)
            add(window_S, True, reader, -1 if clean else i)
        for _ in range(4):  # noise that follows speech
            end = int(words[rng.integers(len(words))].end_s * 16e3)
            window_S, i = any_noise()
            window_S *= 10 ** (-rng.uniform(8, 40) / 20)
            rest = int(rng.uniform(0.5, 1.6) * 16e3)
            window_S[: WINDOW - rest] += padded_S[end + rest : end + WINDOW]
            add(window_S, False, reader, i)
    for i, noise in enumerate(track(noises, "encoding noise")):
        for start in rng.integers(0, noise.size - WINDOW, 200):
            add(level(noise[start : start + WINDOW], 0), False, -1, i, -8)
    for _ in track(range(900), "encoding synthetic noise"):
        add(synthetic(rng), False, -1, -1, -8)
    return found


def fit(found: list[Example]) -> Array:
    """Logistic regression, both classes weighed alike: 288 weights and a bias."""
    x_ND = np.array([example.frame for example in found])
    y_N = np.array([example.speech for example in found], float)
    mean_D, scale_D = x_ND.mean(0), x_ND.std(0) + 1e-6
    x_ND = np.c_[(x_ND - mean_D) / scale_D, np.ones(len(x_ND))]
    weight_N = np.where(y_N == 1, 0.5 / y_N.mean(), 0.5 / (1 - y_N.mean()))
    ridge_DD = 3.0 * np.eye(x_ND.shape[1])
    ridge_DD[-1, -1] = 1e-3
    w_D = np.zeros(x_ND.shape[1])
    for _ in range(30):  # Newton
        p_N = 1 / (1 + np.exp(-x_ND @ w_D))
        slope_D = x_ND.T @ (weight_N * (p_N - y_N)) + ridge_DD @ w_D
        curve_DD = (x_ND.T * (weight_N * p_N * (1 - p_N))) @ x_ND + ridge_DD
        w_D -= np.linalg.solve(curve_DD, slope_D)
    weights_D = w_D[:-1] / scale_D
    return np.append(weights_D, w_D[-1] - weights_D @ mean_D)


def report(found: list[Example]) -> None:
    """Share of speech ticks below 0 and of noise ticks above, on what the fit never saw."""
    for noise in range(max(example.noise for example in found) + 1):
        seen = [e for e in found if e.noise != noise and not is_held_out(e)]
        w_D = fit(seen)

        def share(chosen: list[Example], w_D: Array = w_D) -> str:
            odds_N = np.array([e.frame for e in chosen]) @ w_D[:-1] + w_D[-1]
            return f"{np.mean(odds_N > 0):.3f} of {len(chosen)}"

        speech = share([e for e in found if is_held_out(e) and e.speech])
        alarm = share([e for e in found if e.noise == noise and e.reader < 0])
        print(f"without noise{noise + 1}: speech found {speech}, that noise taken for it {alarm}")


def is_held_out(example: Example) -> bool:
    return example.reader >= 0 and example.reader % 3 == 0


def write(weights_D: Array) -> None:
    """Put the weights into the probe's module."""
    text = base64.b85encode(weights_D.astype("<f2").tobytes()).decode()
    lines = "\n".join(f'    b"{text[i : i + 88]}"' for i in range(0, len(text), 88))
    path = Path(speech_probe.__file__)
    body = re.sub(
        r"WEIGHTS: Final = \(\n.*?\n\)",
        lambda _: f"WEIGHTS: Final = (\n{lines}\n)",
        path.read_text(),
        flags=re.DOTALL,
    )
    path.write_text(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found = examples(options.speech, np.random.default_rng(5))
    report(found)
    if options.write:
        write(fit(found))


if __name__ == "__main__":
    main()

"""What the ears cost, how late their words come, and how many are wrong, lost, doubled or invented.

    python -m benchmarks.ears --speech DIR [--json FILE] [--readers N] [--threads N]

Law: one recording of all readers, joined with gaps of 0.5 to 2 s, heard tick by tick by one stream;
the reference is whisper-base, offline, which errs as well. Beside it: what the same Moonshine writes
offline from whole utterances, so that the price of streaming is seen apart from the model's.
DIR holds librispeech/*.flac (16 kHz) and rooms/noise*.wav. Some of the noise files and readers
trained the probe of the gate (benchmarks/ears_probe.py says how it does on unseen ones).
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import soundfile
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import result
from benchmarks.ears_reference import TimedWord, moonshine, references
from hocket.core.units import TICK_S, TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.agreement import key
from hocket.engine.ears import MoonshineEars
from hocket.engine.moonshine import Moonshine
from hocket.engine.port import Float32, HeardTick

SIGHTING_TICKS = 10  # how long before its agreement a word's first sighting is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One stream over one recording."""

    ticks: list[HeardTick]
    ms: list[float]  # of each tick
    reading: list[bool]  # whether words were read in it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--readers", type=int, default=56)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    model = moonshine(options.threads)
    ears = MoonshineEars(model)
    known = references(options.speech)
    readers = dict(list(known.items())[: options.readers])
    samples, truth = joined(options.speech, readers)
    heard = hear(ears, samples, "hearing readers")
    results = {
        "readers": len(readers),
        "recording_s": round(samples.size / USER_RATE_HZ, 1),
        "threads": options.threads,
        **speaking(heard, truth),
        "offline": offline(model, options.speech, readers),
        "noise": {name: on_noise(ears, name, sound) for name, sound in noises(options.speech)},
    }
    show(results)
    result.write(options.json, "ears", results)


def joined(speech: Path, readers: dict[str, list[TimedWord]]) -> tuple[Float32, list[TimedWord]]:
    """All readers in a row, with gaps of faint noise, and the words with their times there."""
    rng = np.random.default_rng(0)
    pieces: list[Float32] = []
    truth: list[TimedWord] = []
    at_s = 0.0
    for name, words in readers.items():
        sound, _ = soundfile.read(speech / "librispeech" / name, dtype="float32")
        gap = rng.standard_normal(int(rng.uniform(0.5, 2.0) * USER_RATE_HZ)) * 1e-3
        pieces += [sound, gap.astype(np.float32)]
        truth += [
            TimedWord(text=word.text, start_s=word.start_s + at_s, end_s=word.end_s + at_s)
            for word in words
        ]
        at_s += (sound.size + gap.size) / USER_RATE_HZ
    return np.concatenate(pieces), truth


def noises(speech: Path) -> Iterator[tuple[str, Float32]]:
    """Recorded noise as it is, and 20 s of white and brown noise at several levels."""
    for path in sorted((speech / "rooms").glob("noise*.wav")):
        yield path.stem, soundfile.read(path, dtype="float32")[0]
    white = np.random.default_rng(1).standard_normal(20 * USER_RATE_HZ)
    spectrum = np.fft.rfft(white)
    brown = np.fft.irfft(spectrum / np.maximum(np.arange(spectrum.size), 20))
    for color, sound in (("white", white), ("brown", brown / brown.std())):
        for level_db in (-70, -50, -35, -20):
            scaled = sound * 10 ** (level_db / 20)
            yield f"{color} {level_db} dB", scaled.clip(-1, 1).astype(np.float32)
    yield "digital silence", np.zeros(10 * USER_RATE_HZ, np.float32)


def hear(ears: MoonshineEars, samples: Float32, what: str) -> Heard:
    stream = ears.open()
    heard = Heard(ticks=[], ms=[], reading=[])
    n = samples.size // TICK_USER_SAMPLES
    ticks = samples[: n * TICK_USER_SAMPLES].reshape(n, TICK_USER_SAMPLES)
    for tick in track(ticks, what, transient=True):
        before = stream.snapshot().window.size
        start_s = time.perf_counter()
        heard.ticks.append(stream.step(tick))
        heard.ms.append((time.perf_counter() - start_s) * 1e3)
        heard.reading.append(max(before, stream.snapshot().window.size) > 0)
    return heard


def keys(text: str) -> list[str]:
    spelled = (key(word) for word in text.replace("-", " ").split())
    return [word for word in spelled if word]


def speaking(heard: Heard, truth: list[TimedWord]) -> dict[str, Any]:
    """Costs, errors and lags of the joined recording."""
    said = [(word, at.end_s) for at in truth for word in keys(at.text)]
    got = [(w, k) for k, tick in enumerate(heard.ticks) for text in tick.heard for w in keys(text)]
    found = jiwer.process_words(" ".join(w for w, _ in said), " ".join(w for w, _ in got))
    agreement_s: list[float] = []
    sighting_s: list[float] = []
    for chunk in found.alignments[0]:
        if chunk.type != "equal":
            continue
        for i in range(chunk.ref_end_idx - chunk.ref_start_idx):
            word, end_s = said[chunk.ref_start_idx + i]
            tick = got[chunk.hyp_start_idx + i][1]
            agreement_s.append((tick + 1) * TICK_S - end_s)
            sighting_s.append((first_sighting(heard, word, tick) + 1) * TICK_S - end_s)
    return {
        "reading_ms": spread(of(heard, reading=True), 0),
        "resting_ms": spread(of(heard, reading=False), 0),
        "first_sighting_lag_s": spread(sighting_s, 2),
        "agreement_lag_s": spread(agreement_s, 2),
        "word_error": errors(found),
    }


def first_sighting(heard: Heard, word: str, agreed: int) -> int:
    """The first tick of the run of ticks, up to its agreement, in which the word was tentative."""
    tick = agreed
    while tick > max(agreed - SIGHTING_TICKS, 0) and word in keys(
        " ".join(heard.ticks[tick - 1].tentative)
    ):
        tick -= 1
    return tick


def of(heard: Heard, *, reading: bool) -> list[float]:
    return [ms for ms, was in zip(heard.ms, heard.reading, strict=True) if was == reading]


def offline(
    model: Moonshine, speech: Path, readers: dict[str, list[TimedWord]]
) -> dict[str, float]:
    said, got = [], []
    for name, words in track(readers.items(), "reading offline", transient=True):
        sound, _ = soundfile.read(speech / "librispeech" / name, dtype="float32")
        text = model.tokens.text(model.decode(model.encode(sound)).tokens)
        said.append(" ".join(keys(" ".join(word.text for word in words))))
        got.append(" ".join(keys(text)))
    return errors(jiwer.process_words(said, got))


def on_noise(ears: MoonshineEars, name: str, samples: Float32) -> dict[str, Any]:
    heard = hear(ears, samples, name)
    return {
        "seconds": round(samples.size / USER_RATE_HZ, 1),
        "words": " ".join(word for tick in heard.ticks for word in tick.heard),
        "tentative_ticks": sum(bool(tick.tentative) for tick in heard.ticks),
        "ms": spread(heard.ms, 0),
    }


def errors(found: jiwer.WordOutput) -> dict[str, float]:
    return {
        "rate": round(found.wer, 4),
        "substitutions": found.substitutions,
        "deletions": found.deletions,
        "insertions": found.insertions,
        "words": found.hits + found.substitutions + found.deletions,
    }


def spread(values: list[float], digits: int) -> dict[str, float]:
    p50, p90, p99 = np.percentile(values or [0.0], [50, 90, 99])
    shown = {"p50": p50, "p90": p90, "p99": p99}
    return {name: round(float(value), digits + 1) for name, value in shown.items()} | {
        "n": len(values)
    }


def show(results: dict[str, Any]) -> None:
    table = Table("", "p50", "p90", "p99", "n")
    for name in ("reading_ms", "resting_ms", "first_sighting_lag_s", "agreement_lag_s"):
        table.add_row(name, *(str(value) for value in results[name].values()))
    wrong = Table("word error", "rate", "substituted", "deleted", "inserted", "words")
    for name, found in (("live", results["word_error"]), ("offline", results["offline"])):
        wrong.add_row(name, *(str(value) for value in found.values()))
    noise = Table("noise", "s", "words invented", "ms p50", "ms p99")
    for name, found in results["noise"].items():
        seconds, ms = str(found["seconds"]), found["ms"]
        noise.add_row(name, seconds, found["words"] or "-", str(ms["p50"]), str(ms["p99"]))
    for shown in (table, wrong, noise):
        Console().print(shown)


if __name__ == "__main__":
    main()

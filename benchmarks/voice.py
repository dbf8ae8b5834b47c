"""What the voice costs and how well it is understood.

    python -m benchmarks.voice [--json FILE] [--words]

One thread throughout. ``--words`` adds the word error of an offline recogniser (faster-whisper base,
weights/whisper-base), by whole sentences and by phrases as they are said live; numerals are written
out before counting.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from hocket.core.provenance import machine
from hocket.engine.phonemes import espeak
from hocket.engine.phrasing import phrases
from hocket.engine.port import Float32, Phrase
from hocket.engine.voice import PiperVoice
from hocket.weights.store import path_of

SHORT = [
    "Yes, of course.",
    "Sure, I can help with that.",
    "Let me look that up.",
    "That is a good question,",
    "Sorry, I did not catch that.",
    "At half past nine on Monday.",
]
SENTENCES = [
    "Sure, I can help you with that.",
    "The train to the city leaves from platform three in twenty minutes.",
    "Would you like me to set a timer for ten minutes?",
    "I am sorry, I did not catch the name of the restaurant.",
    "Photosynthesis is the process by which plants turn light into chemical energy.",
    "Please turn left at the second traffic light, and then keep going straight.",
    "That is a good question; let me look it up for you.",
    "Your appointment with Doctor Smith is on Monday at half past nine.",
    "The weather tomorrow will be cloudy with a chance of rain in the afternoon.",
    "Okay, stop me if I am going too fast.",
]
NUMERALS = {"3": "three", "10": "ten", "20": "twenty", "dr": "doctor", "okay": "ok"}


def timed_ms(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def spread(values_ms: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(values_ms, [50, 95])
    return {
        "n": len(values_ms),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "max_ms": round(max(values_ms), 1),
    }


def n_phonemes(text: str) -> int:
    return len(espeak(text).replace(" ", ""))


def first_sound(voice: PiperVoice, tick: int) -> dict[str, Any]:
    """From a phrase's text to its first 200 ms, for phrases of at most 30 phonemes."""
    prepare, render, total, silence = [], [], [], []
    for seed in range(10):
        for text in SHORT:
            assert n_phonemes(text) <= 30, (text, n_phonemes(text))
            espeak.cache_clear()
            start = time.perf_counter()
            phrase = voice.prepare(text, seed=seed)
            middle = time.perf_counter()
            piece = voice.render(phrase, 0, tick)
            end = time.perf_counter()
            prepare.append((middle - start) * 1e3)
            render.append((end - middle) * 1e3)
            total.append((end - start) * 1e3)
            silence.append(float(np.argmax(np.abs(piece) > 0.01)) / voice.rate_hz * 1e3)
    return {
        "prepare": spread(prepare),
        "first_tick": spread(render),
        "total": spread(total),
        "silence_before_sound": spread(silence),
    }


def piece_cost(voice: PiperVoice, tick: int) -> dict[str, float]:
    """The cost of each 200 ms piece after the first."""
    costs = []
    for text in SENTENCES:
        phrase = voice.prepare(text)
        voice.render(phrase, 0, tick)
        for at in range(tick, phrase.n_samples - tick, tick):
            costs.append(timed_ms(partial(voice.render, phrase, at, at + tick)))
    return spread(costs)


def prepare_by_length(voice: PiperVoice) -> dict[str, float]:
    words = " ".join(SENTENCES).replace(".", "").replace("?", "").split()
    costs = {}
    for n_words in (2, 4, 8, 12, 20):
        text = " ".join(words[:n_words])
        times = [timed_ms(partial(voice.prepare, text, seed=seed)) for seed in range(7)]
        costs[f"{n_phonemes(text)} phonemes"] = round(float(np.median(times)), 1)
    return costs


def seam_db(voice: PiperVoice, context: int, block: int = 18) -> float:
    """Level of blockwise minus whole decoding, against the sound."""
    latents = voice.prepare(SENTENCES[5]).payload.latents
    decode = voice._graphs.decode
    whole, pieces = decode(latents), []
    for at in range(0, latents.shape[1], block):
        first = max(0, at - context)
        sound = decode(latents[:, first : at + block + context])
        pieces.append(sound[(at - first) * 256 : (at - first + block) * 256])
    error = np.concatenate(pieces) - whole
    return round(float(20 * np.log10(error.std() / whole.std())), 1)


def level(voice: PiperVoice) -> dict[str, float]:
    """Level of the speech (20 ms frames above -40 dBFS) and the highest peak."""
    levels, peaks = [], []
    for text in SENTENCES:
        phrase = voice.prepare(text)
        sound = voice.render(phrase, 0, phrase.n_samples)
        energy = np.mean(np.square(sound[: len(sound) // 441 * 441].reshape(-1, 441)), axis=1)
        levels.append(float(10 * np.log10(energy[energy > 1e-4].mean())))
        peaks.append(float(np.abs(sound).max()))
    return {
        "mean_dbfs": round(float(np.mean(levels)), 1),
        "min_dbfs": round(min(levels), 1),
        "max_dbfs": round(max(levels), 1),
        "peak": round(max(peaks), 3),
    }


def word_error(voice: PiperVoice, seeds: int = 2) -> dict[str, float]:
    import jiwer
    from faster_whisper import WhisperModel

    folder = path_of("whisper-base/model.bin").parent
    recogniser = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def heard(sound: Float32) -> str:
        times = np.arange(int(len(sound) * 16_000 / voice.rate_hz)) * voice.rate_hz / 16_000
        wave = np.interp(times, np.arange(len(sound)), sound).astype(np.float32)
        segments, _ = recogniser.transcribe(wave, language="en", beam_size=5)
        return plain("".join(segment.text for segment in segments))

    def whole(phrase: Phrase) -> Float32:
        return voice.render(phrase, 0, phrase.n_samples)

    pause = np.zeros(voice.rate_hz // 5, np.float32)
    truth, by_sentence, by_phrase = [], [], []
    for seed in range(seeds):
        for text in SENTENCES:
            truth.append(plain(text))
            by_sentence.append(
                heard(np.concatenate([pause, whole(voice.prepare(text, seed=seed))]))
            )
            pieces = [whole(voice.prepare(phrase, seed=seed)) for phrase in phrases(text)]
            by_phrase.append(heard(np.concatenate([pause, *pieces])))
    return {
        "n_words": sum(len(text.split()) for text in truth),
        "by_sentence": round(jiwer.wer(truth, by_sentence), 4),
        "by_phrase": round(jiwer.wer(truth, by_phrase), 4),
    }


def plain(text: str) -> str:
    letters = "".join(c if c.isalnum() or c in " '" else " " for c in text.lower())
    return " ".join(NUMERALS.get(word, word) for word in letters.split())


def measure(*, words: bool) -> dict[str, Any]:
    model = path_of("piper-en-us-joe/en_US-joe-medium.onnx")
    start = time.perf_counter()
    voice = PiperVoice(model, threads=1)
    results: dict[str, Any] = {"load_s": round(time.perf_counter() - start, 2)}
    tick = voice.rate_hz // 5
    results["first_sound_at_most_30_phonemes"] = first_sound(voice, tick)
    results["piece_200_ms"] = piece_cost(voice, tick)
    results["prepare_ms_by_length"] = prepare_by_length(voice)
    results["seam_db_by_context_frames"] = {str(c): seam_db(voice, c) for c in (4, 6, 8, 10)}
    results["level"] = level(voice)
    if words:
        results["word_error"] = word_error(voice)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--words", action="store_true")
    options = parser.parse_args()
    report = {
        "command": "python -m benchmarks.voice --words --json benchmarks/results/voice.json",
        "machine": machine(),
        "load_average_at_start": round(os.getloadavg()[0], 1),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("onnxruntime", "espeakng-loader", "numpy")},
        "results": measure(words=options.words),
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Short conversations: do questions get audible, relevant answers, and how soon?

    python -m benchmarks.talk --readers FOLDER [--n-readers 20] [--model cascade-vad] [--json FILE]

Questions are asked by flite (voices slt, rms, awb) and espeak-ng; real readers are recordings of one
sentence each (LibriSpeech). The answer is read back from the agent's lane by faster-whisper base.
A question's answer counts as relevant when it holds one of the words listed beside it; a reader's sentence
asks nothing, so only audibility and the gap are measured there.
"""

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile
from faster_whisper import WhisperModel

from benchmarks.result import write
from hocket.audio.levels import rms_db
from hocket.audio.resample import resample
from hocket.core.clock import VirtualClock
from hocket.core.units import USER_RATE_HZ
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import Conversation
from hocket.transports.files import Recording
from hocket.transports.playout import LanePlayer
from hocket.weights import store

QUESTIONS = (
    ("What is the capital of France?", "paris"),
    ("Why is the sky blue?", "blue sky light scatter"),
    ("What is a good name for a dog?", "name dog"),
    ("Tell me something about the moon.", "moon earth planet night"),
    ("How do I boil an egg?", "egg boil water"),
    ("What do cows drink?", "water milk drink cow"),
    ("Can you recommend a book?", "book read novel"),
    ("What should I eat for breakfast?", "breakfast eat egg bread fruit oat"),
    ("How many days are in a week?", "seven 7 days"),
    ("What is your favorite color?", "color blue red green"),
    ("Who wrote Romeo and Juliet?", "shakespeare romeo juliet"),
    ("What is the largest ocean?", "ocean pacific"),
)
VOICES = ("flite slt", "flite rms", "flite awb", "espeak en-us")
LEAD_S, TAIL_S = 0.6, 6.0


def spoken(voice: str, words: str, folder: Path) -> Float32:
    program, name = voice.split()
    path = folder / "line.wav"
    command = {
        "flite": ["flite", "-voice", name, "-t", words, "-o", str(path)],
        "espeak": ["espeak-ng", "-v", name, "-w", str(path), words],
    }[program]
    subprocess.run(command, check=True)
    samples, rate_hz = soundfile.read(path, dtype="float32")
    return resample(np.asarray(samples), rate_hz, USER_RATE_HZ)


def ticks(speech: Float32) -> Iterator[Float32]:
    lead, tail = (np.zeros(int(s * USER_RATE_HZ), np.float32) for s in (LEAD_S, TAIL_S))
    lane = np.concatenate([lead, speech, tail])
    lane = np.pad(lane, (0, -len(lane) % 3_200))
    yield from lane.reshape(-1, 3_200)


def converse(worker: Worker, model: str, speech: Float32) -> tuple[Float32, tuple[float, ...]]:
    config = SessionConfig(model=model, voice_rate_hz=worker.voice.rate_hz)
    lane: list[Float32] = []
    conversation = Conversation(
        session=Session(config),
        worker=worker,
        player=LanePlayer(rate_hz=config.voice_rate_hz, sink=lane.append),
        clock=VirtualClock(),
        record=lambda line: None,
    )
    totals = conversation.run(ticks(speech))
    return resample(np.concatenate(lane), config.voice_rate_hz, USER_RATE_HZ), totals.responses


def listen(recogniser: WhisperModel, lane: Float32) -> dict[str, Any]:
    loud = np.flatnonzero(np.abs(lane) > 0.01)
    if not len(loud):
        return {"answer": "", "level_db": -90.0}
    piece = lane[loud[0] : loud[-1] + 1]
    segments, _ = recogniser.transcribe(piece, language="en", beam_size=1)
    text = " ".join(segment.text.strip() for segment in segments)
    return {"answer": text, "level_db": round(rms_db(piece), 1)}


def wilson(good: int, n: int) -> list[float]:
    """95 % interval of a share."""
    if not n:
        return [0.0, 1.0]
    z, p = 1.96, good / n
    centre, width = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (centre - width) / (1 + z * z / n), (centre + width) / (1 + z * z / n)
    return [round(float(low), 3), round(float(high), 3)]


def measure(model: str, readers: Path, n_readers: int) -> dict[str, Any]:
    store.ensure([*engines.recipe(model).files, "evaluate"])
    worker = engines.worker(store.path_of, model)
    folder = store.path_of("whisper-base/model.bin").parent
    recogniser = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    asked, read = [], []
    with tempfile.TemporaryDirectory() as scratch:
        for index, (question, wanted) in enumerate(QUESTIONS * 2):
            voice = VOICES[(index + index // len(QUESTIONS)) % len(VOICES)]
            lane, gaps = converse(worker, model, spoken(voice, question, Path(scratch)))
            heard = listen(recogniser, lane)
            words = set(re.findall(r"[a-z0-9]+", heard["answer"].lower()))
            relevant = any(w.startswith(want) for want in wanted.split() for w in words)
            asked.append(
                {"voice": voice, "asked": question, "gaps_s": gaps, "relevant": relevant, **heard}
            )
    for path in sorted(readers.glob("*.flac"))[:n_readers]:
        speech = np.concatenate(list(Recording(path).ticks()))
        lane, gaps = converse(worker, model, speech)
        read.append({"reader": path.stem.split("-")[0], "gaps_s": gaps, **listen(recogniser, lane)})
    return {"model": model, "questions": summary(asked), "readers": summary(read)}


def summary(cases: list[dict[str, Any]]) -> dict[str, Any]:
    audible = sum(case["level_db"] > -35 and len(case["answer"].split()) > 0 for case in cases)
    gaps = [gap for case in cases for gap in case["gaps_s"][-1:]]
    result = {
        "n": len(cases),
        "audible": audible,
        "audible_interval": wilson(audible, len(cases)),
        "last_gap_median_s": round(median(gaps), 3) if gaps else None,
        "last_gap_p90_s": round(float(np.percentile(gaps, 90)), 3) if gaps else None,
    }
    if cases and "relevant" in cases[0]:
        relevant = sum(case["relevant"] for case in cases)
        result |= {"relevant": relevant, "relevant_interval": wilson(relevant, len(cases))}
    return {**result, "cases": cases}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=Path, required=True)
    parser.add_argument("--n-readers", type=int, default=20)
    parser.add_argument("--model", default=engines.DEFAULT, choices=engines.names())
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    write(arguments.json, "talk", measure(arguments.model, arguments.readers, arguments.n_readers))


if __name__ == "__main__":
    main()

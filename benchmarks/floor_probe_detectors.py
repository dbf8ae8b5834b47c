"""What Silero and smart-turn say about a lane, asked once and kept under the data folder.

Law: an answer is kept under the hash of the very samples it is about, so a lane that changed is asked
again. Smart-turn hears what it would hear in serving: the last 8 s up to the end of the tick.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.baselines.silero import SileroVad, VadState
from hocket.engine.baselines.smart_turn import WINDOW_S, SmartTurn
from hocket.engine.port import Float32
from hocket.evaluation.intervals import Float
from hocket.evaluation.silences import Silences, silences_of
from hocket.weights.store import path_of

ASK_MS = (200, 300)
VERSION = "silero-vad 6.2.3, smart-turn v3.2, 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """The detectors' answers about one lane."""

    silences: Silences
    asked: Mapping[int, Mapping[int, float]]  # ask_ms -> tick -> probability that the turn is over


class Detectors:
    """Both models, loaded when a lane is met that they have not heard yet."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._cache.mkdir(parents=True, exist_ok=True)
        self._models: tuple[SileroVad, SmartTurn] | None = None

    def hear(self, lane: Path, n_ticks: int) -> Detected:
        """Answers about a lane (FLAC, 16 kHz, mono), cut or filled up to ``n_ticks``."""
        samples, rate_hz = soundfile.read(lane, dtype="float32")
        if rate_hz != USER_RATE_HZ or samples.ndim != 1:
            raise ValueError(f"expected 16 kHz mono in {lane}, got {rate_hz} Hz {samples.shape}")
        n = n_ticks * TICK_USER_SAMPLES
        lane_S = np.pad(samples[:n], (0, max(0, n - len(samples))))
        key = hashlib.sha256(lane_S.tobytes() + VERSION.encode()).hexdigest()[:32]
        path = self._cache / f"{key}.npz"
        if not path.exists():
            self._keep(path, self._ask(lane_S, n_ticks))
        return _read(path, n_ticks)

    def _ask(self, lane_S: Float32, n_ticks: int) -> dict[str, Float]:
        vad, smart_turn = self._loaded()
        p_speech_C = np.array(vad.step(VadState(), lane_S))
        silences = silences_of(p_speech_C, n_ticks)
        answers: dict[str, Float] = {"speech": p_speech_C}
        for ask_ms in ASK_MS:
            ticks = silences.asks(ask_ms)
            given = [smart_turn.complete(_last(lane_S, tick)) for tick in ticks]
            answers[f"asked_{ask_ms}"] = np.array([ticks, given], np.float64)
        return answers

    def _loaded(self) -> tuple[SileroVad, SmartTurn]:
        if self._models is None:
            self._models = (
                SileroVad(path_of("silero-vad/silero_vad.onnx")),
                SmartTurn(path_of("smart-turn-v3.2/smart-turn-v3.2-cpu.onnx")),
            )
        return self._models

    def _keep(self, path: Path, answers: Mapping[str, Float]) -> None:
        part = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(part, **answers)  # type: ignore[arg-type]
        part.replace(path)


def _last(lane_S: Float32, tick: int) -> Float32:
    stop = (tick + 1) * TICK_USER_SAMPLES
    return lane_S[max(0, stop - WINDOW_S * USER_RATE_HZ) : stop]


def _read(path: Path, n_ticks: int) -> Detected:
    with np.load(path) as kept:
        asked = {
            ask_ms: {int(tick): float(p) for tick, p in kept[f"asked_{ask_ms}"].T}
            for ask_ms in ASK_MS
        }
        return Detected(silences=silences_of(kept["speech"], n_ticks), asked=asked)

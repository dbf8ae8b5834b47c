"""smart-turn v3.2: after a short silence, is the user's turn complete?

Law: one pure function of the last 8 s of sound. Source: the published model; features as Whisper's:
80 mel bins (Slaney scale and area norm), 25 ms Hann windows every 10 ms, log10 clamped to 8 below the
peak, (x + 4) / 4, over a waveform of zero mean and unit variance.
"""

from pathlib import Path

import numpy as np
import onnxruntime as ort

from hocket.audio.mel import mel_filters
from hocket.core.units import USER_RATE_HZ
from hocket.engine.port import Float32

WINDOW_S = 8
N_FFT, HOP, MELS = 400, 160, 80


class SmartTurn:
    """The shared graph; ``complete`` is a pure function."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._filters = mel_filters(rate_hz=USER_RATE_HZ, n_fft=N_FFT, n_mels=MELS)
        self._window = np.hanning(N_FFT + 1)[:-1]

    def complete(self, samples_S: Float32) -> float:
        """Probability that the turn which ends with these samples (float32 [any]) is complete."""
        return float(
            self._session.run(None, {"input_features": self.features(samples_S)})[0].item()
        )

    def features(self, samples_S: Float32) -> Float32:
        """Log-mel features [1, MELS, 800] of the last 8 s, silence put in front of a shorter sound."""
        n = WINDOW_S * USER_RATE_HZ
        x = np.zeros(n, np.float64)
        tail = samples_S[-n:]
        x[n - len(tail) :] = tail
        x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
        padded = np.pad(x, N_FFT // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP][:-1]
        power = np.abs(np.fft.rfft(frames * self._window)) ** 2
        mel = np.log10(np.maximum(self._filters @ power.T.astype(np.float32), 1e-10))
        mel = np.maximum(mel, mel.max() - 8)
        features: Float32 = ((mel + 4) / 4).astype(np.float32)[None]
        return features

"""The voice: Piper en_US-joe, said in pieces of any length.

Laws: equal text, seed, rate and level give equal samples; and a sample depends on its place in the
phrase only, never on the piece in which it was asked for, so pieces join without a seam.

Latents are decoded in fixed blocks of 18 frames (209 ms, just over a tick) with 10 frames of
context on each side: the seam lies 120 dB below the sound (8 frames: 62 dB, 6 frames: 48 dB;
benchmarks/voice.py). The phonemes come from espeak-ng, which is GPL-3 and stays behind this port
(phonemes.py); the voice's data is CC0. Source: Piper's published graph (piper.py).
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.core.errors import ModelFileError
from hocket.engine.piper import FRAME_SAMPLES, LATENT_SIZE, PiperGraphs
from hocket.engine.port import Float32, Phrase, WordSpan
from hocket.engine.spoken_text import SpokenWord, spoken_words
from hocket.engine.utterance import IdMap, Utterance, utterances
from hocket.weights.store import home

Frames: TypeAlias = NDArray[np.int64]

BLOCK_FRAMES: Final = 18
CONTEXT_FRAMES: Final = 10
NOISE_SCALE: Final = 0.667  # Piper's own defaults for this voice
NOISE_W: Final = 0.8
RATES: Final = (0.5, 2.0)  # beyond, words are no longer understood
LEVELS_DB: Final = (-60.0, 12.0)
BASE_GAIN_DB: Final = 3.0  # the graph's own level is about -23 dBFS; the target is -20
KNEE: Final = 0.7  # above, samples are bent towards 1 instead of being clipped
LEAD_FRAMES: Final = 3  # Piper starts ~5 frames before the sound; with 2, "I" is cut into (-34 dB)
FADE_SAMPLES: Final = 66  # 3 ms at both ends: an early vowel, a late "z" must not click
TAIL_FRAMES: Final = {"": 2, ",": 10, ";": 10, ":": 10, ".": 20, "?": 20, "!": 20}


@dataclass(slots=True)
class _Payload:
    """Latents of a phrase, and the two blocks that were decoded last."""

    latents: Float32  # [192, t]
    gain: float
    recent: tuple[tuple[int, Float32], ...] = field(default=())


class PiperVoice:
    """Text to sound on one Piper voice; shared by all sessions of a worker.

    Raises:
        ModelFileError: the graph, its configuration or espeak-ng is missing or not as published.
        StorageError: the derived graphs could not be written.
    """

    def __init__(
        self,
        model_path: Path,
        config_path: Path | None = None,
        *,
        derived_dir: Path | None = None,
        threads: int = 1,
    ) -> None:
        config = config_path or model_path.with_name(model_path.name + ".json")
        self.rate_hz, self._id_map = _read_config(config)
        self._graphs = PiperGraphs(
            model_path, derived_dir=derived_dir or home() / "derived", threads=threads
        )
        self.render(self.prepare("Hello."), 0, 1)  # the first run of a graph allocates: not live

    def prepare(
        self, text: str, *, seed: int = 0, rate: float = 1.0, level_db: float = 0.0
    ) -> Phrase:
        """Timing and latents of a text; odd text gets a short or silent phrase, never an error.

        ``rate`` > 1 is faster and is held within [0.5, 2]; ``level_db`` within [-60, 12].
        """
        words = spoken_words(text)
        pace = _within(rate, RATES, otherwise=1.0)
        latents: list[Float32] = []
        spans: dict[int, tuple[int, int]] = {}
        n_frames = 0
        for index, utterance in enumerate(utterances(words, self._id_map)):
            noise = np.random.default_rng((abs(seed), index))
            said, starts = self._say(utterance, noise, pace)
            _note_words(spans, utterance, starts + n_frames)
            latents.append(said)
            n_frames += said.shape[1]
        gain = 10 ** ((BASE_GAIN_DB + _within(level_db, LEVELS_DB, otherwise=0.0)) / 20)
        whole_DT = np.concatenate([np.zeros((LATENT_SIZE, 0), np.float32), *latents], axis=1)
        return Phrase(
            text=text,
            words=_word_spans(words, spans),
            n_samples=n_frames * FRAME_SAMPLES,
            payload=_Payload(latents=whole_DT, gain=gain),
        )

    def render(self, phrase: Phrase, start: int, stop: int) -> Float32:
        """Samples [start, stop) of a phrase; what lies outside the phrase is left out."""
        first, last = max(start, 0), min(stop, phrase.n_samples)
        if first >= last:
            return np.zeros(0, np.float32)
        block_samples = BLOCK_FRAMES * FRAME_SAMPLES
        blocks = range(first // block_samples, (last - 1) // block_samples + 1)
        sound = np.concatenate([self._block(phrase.payload, index) for index in blocks])
        offset = blocks.start * block_samples
        return sound[first - offset : last - offset]

    def _say(
        self, utterance: Utterance, noise: np.random.Generator, rate: float
    ) -> tuple[Float32, Frames]:
        """Latents of one run, and the frame at which each id starts (one more: the end)."""
        ids_N = np.array(utterance.ids, np.int64)
        prior = self._graphs.text(
            ids_N, noise.standard_normal((2, len(ids_N)), dtype=np.float32), NOISE_W
        )
        frames_N = np.maximum(np.ceil(prior.frames / rate), 1).astype(np.int64)
        mean_DT = np.repeat(prior.mean, frames_N, axis=1)
        scale_DT = np.repeat(np.exp(prior.log_scale), frames_N, axis=1) * np.float32(NOISE_SCALE)
        prior_DT = mean_DT + scale_DT * noise.standard_normal(mean_DT.shape, dtype=np.float32)
        tail = max(1, round(TAIL_FRAMES[utterance.mark] / rate))
        return _fit_silence(self._graphs.flow(prior_DT), frames_N, tail)

    def _block(self, payload: _Payload, index: int) -> Float32:
        for known, samples in payload.recent:
            if known == index:
                return samples
        samples = self._decode(payload, index * BLOCK_FRAMES)
        payload.recent = (*payload.recent[-1:], (index, samples))
        return samples

    def _decode(self, payload: _Payload, start: int) -> Float32:
        first = max(0, start - CONTEXT_FRAMES)
        piece_DT = payload.latents[:, first : start + BLOCK_FRAMES + CONTEXT_FRAMES]
        sound = self._graphs.decode(piece_DT)[(start - first) * FRAME_SAMPLES :]
        block = _bend(sound[: BLOCK_FRAMES * FRAME_SAMPLES] * np.float32(payload.gain))
        ramp = np.linspace(0, 1, FADE_SAMPLES, dtype=np.float32)
        if start == 0:
            block[:FADE_SAMPLES] *= ramp
        if start + BLOCK_FRAMES >= payload.latents.shape[1]:
            block[-FADE_SAMPLES:] *= ramp[::-1]
        return block


def _read_config(path: Path) -> tuple[int, IdMap]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        rate_hz, id_map = int(config["audio"]["sample_rate"]), dict(config["phoneme_id_map"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"expected a Piper configuration at {path}, got: {error!r}") from error
    missing = [sign for sign in "_^$ .,?!;:" if sign not in id_map]
    if missing:
        raise ModelFileError(f"expected phoneme ids for {missing} in {path}, found none")
    return rate_hz, id_map


def _within(value: float, bounds: tuple[float, float], *, otherwise: float) -> float:
    return min(max(value, bounds[0]), bounds[1]) if np.isfinite(value) else otherwise


def _fit_silence(latents_DT: Float32, frames_N: Frames, tail: int) -> tuple[Float32, Frames]:
    """Shorten the silence before the first sound; make the one after the last ``tail`` frames."""
    lead = max(0, int(frames_N[:2].sum()) - LEAD_FRAMES)
    sound_end = len(latents_DT[0]) - int(frames_N[-2:].sum())
    kept_DT = latents_DT[:, lead : sound_end + tail]
    missing = sound_end + tail - lead - kept_DT.shape[1]
    silence_DT = np.repeat(latents_DT[:, -1:], missing, axis=1)
    starts = np.concatenate([[0], np.cumsum(frames_N)]) - lead
    fitted_DT = np.concatenate([kept_DT, silence_DT], axis=1)
    return fitted_DT, np.clip(starts, 0, fitted_DT.shape[1])


def _note_words(spans: dict[int, tuple[int, int]], utterance: Utterance, starts: Frames) -> None:
    for index, word in enumerate(utterance.words):
        if word >= 0:
            begin = spans[word][0] if word in spans else int(starts[index])
            spans[word] = (begin, int(starts[index + 1]))


def _word_spans(
    words: tuple[SpokenWord, ...], spans: dict[int, tuple[int, int]]
) -> tuple[WordSpan, ...]:
    """Spans in samples; a word without sound stands, empty, at the end of the word before."""
    placed: list[WordSpan] = []
    at = 0
    for index, word in enumerate(words):
        start, end = spans.get(index, (at, at))
        placed.append(
            WordSpan(text=word.text, start=start * FRAME_SAMPLES, end=end * FRAME_SAMPLES)
        )
        at = end
    return tuple(placed)


def _bend(samples: Float32) -> Float32:
    """A memoryless limiter: straight up to the knee, then towards, never reaching, full scale."""
    room = np.float32(1 - KNEE)
    over = np.maximum(np.abs(samples) - np.float32(KNEE), 0)
    bent = np.float32(KNEE) + room * np.tanh(over / room) * np.float32(0.99)
    return np.where(over > 0, np.sign(samples) * bent, samples).astype(np.float32)

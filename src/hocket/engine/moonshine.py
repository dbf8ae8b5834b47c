"""Moonshine-tiny, frozen: 16 kHz sound to encoder frames, and frames to text tokens.

Law: stateless. The same samples and the same forced prefix give the same tokens; any number of
streams share one pair of onnxruntime sessions.
Source: Moonshine (arXiv 2410.15608); the two graphs are the published quantised tiny-en files.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from hocket.core.errors import ModelFileError
from hocket.core.units import USER_RATE_HZ
from hocket.engine.moonshine_tokens import BOS, EOS, Tokens
from hocket.engine.port import Float32

FRAME_SAMPLES: Final = 384
FRAME_SIZE: Final = 288
MIN_SAMPLES: Final = 6_400  # shorter sounds are padded in front: below 0.4 s the encoder wanders
TOKENS_PER_S: Final = 6.5  # the fastest speech; past it the decoder only repeats itself
LAYERS: Final = 6
NOT_A_GRAPH: Final = (failures.InvalidProtobuf, failures.InvalidGraph, failures.Fail)
Inputs: TypeAlias = dict[str, NDArray[Any]]

NO_PAST: Final[Float32] = np.zeros((1, 8, 0, 36), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the decoder wrote after the forced prefix."""

    tokens: tuple[int, ...]
    log_p: tuple[float, ...]  # natural log probability of each token, then of the end
    ended: bool  # False: stopped by the cap


class Moonshine:
    """The two graphs and the tokenizer.

    Raises:
        ModelFileError: a file is missing or is not what its name says.
    """

    def __init__(
        self, *, encoder: Path, decoder: Path, tokenizer: Path, intra_op_threads: int = 1
    ) -> None:
        self._encoder = _open_session(encoder, intra_op_threads)
        self._decoder = _open_session(decoder, intra_op_threads)
        self.tokens = Tokens.load(tokenizer)
        layers = [f"{i}.{{}}.{part}" for i in range(LAYERS) for part in ("key", "value")]
        self._past_decoder = ["past_key_values." + name.format("decoder") for name in layers]
        self._past_encoder = ["past_key_values." + name.format("encoder") for name in layers]
        self._now_decoder = ["present." + name.format("decoder") for name in layers]
        self._now_encoder = ["present." + name.format("encoder") for name in layers]

    def encode(self, samples_S: Float32) -> Float32:
        """Encoder frames [T, 288], about 41.7 a second, of float32 samples [S] at 16 kHz."""
        short = MIN_SAMPLES - samples_S.size
        if short > 0:
            samples_S = np.concatenate([np.zeros(short, np.float32), samples_S])
        inputs = {
            "input_values": samples_S[None],
            "attention_mask": np.ones((1, samples_S.size), np.int64),
        }
        frames_1TD: Float32 = self._encoder.run(None, inputs)[0]
        frames_TD: Float32 = frames_1TD[0]
        return frames_TD

    def decode(
        self, frames_TD: Float32, prefix: tuple[int, ...] = (), draft: tuple[int, ...] = ()
    ) -> Reading:
        """Greedy tokens after ``prefix``; the cap counts the prefix.

        ``draft`` is a guess of the answer (the last tick's). One run checks all of it, and single
        steps follow from the first token that differs: most ticks need one to four steps. The
        answer is the one without a draft, save near ties: the graph's 8-bit scales span the run.
        """
        cap = int(frames_TD.shape[0] * FRAME_SAMPLES / USER_RATE_HZ * TOKENS_PER_S) + 1
        room = max(cap - len(prefix), 2)
        draft = draft[:room]
        logits_NV, past, cross = self._first(frames_TD, (BOS, *prefix, *draft))
        answers = logits_NV[len(prefix) :]
        tokens: list[int] = []
        log_p: list[float] = []
        for row_V in answers:
            token, score = _best(row_V)
            log_p.append(score)
            if token == EOS or len(tokens) == room:
                return Reading(tokens=tuple(tokens), log_p=tuple(log_p), ended=token == EOS)
            tokens.append(token)
            if len(tokens) > len(draft) or token != draft[len(tokens) - 1]:
                break
        known = len(prefix) + len(tokens)  # BOS stands for the newest token, not yet fed
        past = [part[:, :, :known] for part in past]
        while True:
            row_V, past = self._next(cross, past, tokens[-1])
            token, score = _best(row_V)
            log_p.append(score)
            if token == EOS or len(tokens) == room:
                return Reading(tokens=tuple(tokens), log_p=tuple(log_p), ended=token == EOS)
            tokens.append(token)

    def _first(
        self, frames_TD: Float32, tokens: tuple[int, ...]
    ) -> tuple[Float32, list[Float32], Inputs]:
        """All ``tokens`` in one run: logits [N, V], their keys and values, what later runs need."""
        inputs: Inputs = {
            "encoder_hidden_states": frames_TD[None],
            # One a sample: a mask of frame length seems to work until 384 frames, then crashes.
            "encoder_attention_mask": np.ones((1, frames_TD.shape[0] * FRAME_SAMPLES), np.int64),
        }
        pasts = dict.fromkeys(self._past_decoder + self._past_encoder, NO_PAST)
        fed = {"input_ids": np.array([tokens], np.int64), "use_cache_branch": np.array([False])}
        wanted = ["logits", *self._now_decoder, *self._now_encoder]
        logits_1NV, *present = self._decoder.run(wanted, inputs | pasts | fed)
        cross = inputs | dict(zip(self._past_encoder, present[2 * LAYERS :], strict=True))
        cross["use_cache_branch"] = np.array([True])
        return np.asarray(logits_1NV)[0], present[: 2 * LAYERS], cross

    def _next(
        self, cross: Inputs, past: list[Float32], token: int
    ) -> tuple[Float32, list[Float32]]:
        """One token more: logits [V], the grown keys and values."""
        fed: Inputs = {"input_ids": np.array([[token]], np.int64)}
        fed |= zip(self._past_decoder, past, strict=True)
        logits_11V, *present = self._decoder.run(["logits", *self._now_decoder], cross | fed)
        return np.asarray(logits_11V)[0, -1], present


def _best(logits_V: Float32) -> tuple[int, float]:
    token = int(logits_V.argmax())
    return token, -float(np.log(np.exp(logits_V - logits_V[token]).sum()))


def _open_session(path: Path, threads: int) -> ort.InferenceSession:
    if not path.is_file():
        raise ModelFileError(f"expected a Moonshine graph at {path}, found nothing")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except NOT_A_GRAPH as error:
        raise ModelFileError(f"expected an ONNX Runtime graph in {path}: {error}") from error

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
GUESS_TOKENS: Final = 8  # a guess costs 0.7 ms a token, a step that it saves 5
NOT_A_GRAPH: Final = (failures.InvalidProtobuf, failures.InvalidGraph, failures.Fail)
Inputs: TypeAlias = dict[str, NDArray[Any]]

NO_PAST: Final[Float32] = np.zeros((1, 8, 0, 36), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the decoder wrote after the forced prefix."""

    tokens: tuple[int, ...]
    log_p: tuple[float, ...]  # natural log probability of each token, then of the end
    ended: bool  # False: stopped by a cap or in a circle


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
        self,
        frames_TD: Float32,
        prefix: tuple[int, ...] = (),
        draft: tuple[int, ...] = (),
        *,
        growth: int | None = None,
    ) -> Reading:
        """Greedy tokens after ``prefix``; at most ``growth`` more than the draft has.

        ``draft`` is a guess of the answer (the last tick's). One run checks all of it; where it
        fails, its rest is tried again after the token that came instead. Speech costs two runs a
        tick so, where single steps took ten to thirty. The answer is the one without a draft, save
        near ties: the graph's 8-bit scales span all tokens of a run.
        """
        cap = int(frames_TD.shape[0] * FRAME_SAMPLES / USER_RATE_HZ * TOKENS_PER_S) + 1
        room = max(cap - len(prefix), 2)
        if growth is not None:
            room = min(room, len(draft) + growth)
        tokens: list[int] = []
        log_p: list[float] = []
        guess = draft[:room]
        logits_NV, past, cross = self._first(frames_TD, (BOS, *prefix, *guess))
        answers_NV = logits_NV[len(prefix) :]
        while True:
            for n, row_V in enumerate(answers_NV):
                token, score = _best(row_V)
                log_p.append(score)
                if token == EOS or len(tokens) == room:
                    return Reading(tokens=tuple(tokens), log_p=tuple(log_p), ended=token == EOS)
                tokens.append(token)
                if _circles(tokens):
                    return Reading(tokens=tuple(tokens), log_p=tuple(log_p), ended=False)
                if n == len(guess) or token != guess[n]:
                    break
            guess = _rest(guess[n:], token)[: room - len(tokens)]
            past = [part[:, :, : len(prefix) + len(tokens)] for part in past]
            answers_NV, past = self._next(cross, past, (token, *guess))

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
        self, cross: Inputs, past: list[Float32], tokens: tuple[int, ...]
    ) -> tuple[Float32, list[Float32]]:
        """More tokens: logits [N, V], the grown keys and values."""
        fed: Inputs = {"input_ids": np.array([tokens], np.int64)}
        fed |= zip(self._past_decoder, past, strict=True)
        logits_1NV, *present = self._decoder.run(["logits", *self._now_decoder], cross | fed)
        return np.asarray(logits_1NV)[0], present


def _rest(missed: tuple[int, ...], came: int) -> tuple[int, ...]:
    """What to guess after ``came`` stood where ``missed`` was expected: it replaced or skipped."""
    near = missed[: GUESS_TOKENS // 2]
    after = near.index(came) + 1 if came in near else 1
    return missed[after : after + GUESS_TOKENS]


def _circles(tokens: list[int]) -> bool:
    """Whether the end repeats: one token four times, two or three thrice, four to six twice."""
    return any(
        len(tokens) >= n * times and tokens[-n * times :] == tokens[-n:] * times
        for n, times in ((1, 4), (2, 3), (3, 3), (4, 2), (5, 2), (6, 2))
    )


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

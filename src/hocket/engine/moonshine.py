"""Moonshine-tiny, frozen: 16 kHz sound to encoder frames, and frames to text tokens.

Law: stateless. The same samples and the same forced prefix give the same tokens; any number of
streams share one set of onnxruntime sessions.
Source: Moonshine (arXiv 2410.15608); moonshine_graphs.py for the graphs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from hocket.core.units import USER_RATE_HZ
from hocket.engine.moonshine_graphs import (
    CROSS_NAMES,
    HEAD_SIZE,
    HEADS,
    PAST_NAMES,
    PRESENT_NAMES,
    WIDTH,
    derive,
)
from hocket.engine.moonshine_tokens import BOS, EOS, Tokens
from hocket.engine.port import Float32

FRAME_SAMPLES: Final = 384
FRAME_SIZE: Final = WIDTH
MIN_SAMPLES: Final = 6_400  # shorter sounds are padded in front: below 0.4 s the encoder wanders
TOKENS_PER_S: Final = 6.5  # the fastest speech; past it the decoder only repeats itself
GUESS_TOKENS: Final = 8  # a guess costs 0.3 ms a token, a step that it saves 2
Inputs: TypeAlias = dict[str, NDArray[Any]]

NO_PAST: Final[Float32] = np.zeros((1, HEADS, 0, HEAD_SIZE), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the decoder wrote after the forced prefix."""

    tokens: tuple[int, ...]
    log_p: tuple[float, ...]  # natural log probability of each token, then of the end
    ended: bool  # False: stopped by a cap or in a circle


class Moonshine:
    """The graphs and the tokenizer. ``encoder`` and ``decoder`` are the published files.

    Raises:
        ModelFileError: a file is missing or is not what its name says.
        StorageError: the graphs derived from them could not be written.
    """

    def __init__(
        self, *, encoder: Path, decoder: Path, tokenizer: Path, intra_op_threads: int = 1
    ) -> None:
        folder = derive(encoder, decoder)
        self._encoder = _open_session(folder / "encoder.onnx", intra_op_threads)
        self._cross = _open_session(folder / "cross.onnx", intra_op_threads)
        self._decoder = _open_session(folder / "decoder.onnx", intra_op_threads)
        self.tokens = Tokens.load(tokenizer)

    def encode(self, samples_S: Float32) -> Float32:
        """Encoder frames [T, 288], about 41.7 a second, of float32 samples [S] at 16 kHz."""
        short = MIN_SAMPLES - samples_S.size
        if short > 0:
            samples_S = np.concatenate([np.zeros(short, np.float32), samples_S])
        frames_1TD: Float32 = self._encoder.run(None, {"samples": samples_S[None, None, None]})[0]
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
        cross = self._heard(frames_TD)
        past = [NO_PAST] * len(PAST_NAMES)
        answers_NV, past = self._next(cross, past, (BOS, *prefix, *guess), first=len(prefix))
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

    def _heard(self, frames_TD: Float32) -> Inputs:
        """What every step reads of the frames."""
        parts = self._cross.run(CROSS_NAMES, {"frames": frames_TD[None]})
        return dict(zip(CROSS_NAMES, parts, strict=True))

    def _next(
        self, cross: Inputs, past: list[Float32], tokens: tuple[int, ...], *, first: int = 0
    ) -> tuple[Float32, list[Float32]]:
        """More tokens: logits [M, V] of those from ``first`` on, the grown keys and values."""
        fed: Inputs = {
            "ids": np.array([tokens], np.int64),
            "position": np.array([past[0].shape[2]], np.int64),
            "first": np.array([first], np.int64),
        }
        fed |= zip(PAST_NAMES, past, strict=True)
        logits_1MV, *present = self._decoder.run(["scores", *PRESENT_NAMES], cross | fed)
        return np.asarray(logits_1MV)[0], present


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
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

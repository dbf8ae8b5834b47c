"""From scores to a token. Law: the same scores, generator state and settings give the same token."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def greedy(logits_V: NDArray[np.float32]) -> int:
    """The likeliest token; the first of equals."""
    return int(np.argmax(logits_V))


def repeating(written: Sequence[int], length: int) -> list[int]:
    """Tokens behind which the last ``length`` would be some that were written before."""
    last = [*written[len(written) - length + 1 :]] if len(written) >= length else None
    return [
        written[i + length - 1]
        for i in range(len(written) - length + 1)
        if [*written[i : i + length - 1]] == last
    ]


def sample(
    logits_V: NDArray[np.float32], rng: np.random.Generator, *, temperature: float, top_k: int
) -> int:
    """A token drawn from the ``top_k`` likeliest; temperature 0 is greedy.

    Raises:
        ValueError: a negative temperature, or fewer than one token to draw from.
    """
    if temperature < 0 or top_k < 1:
        raise ValueError(f"expected temperature >= 0, top_k >= 1, got {temperature}, {top_k}")
    if temperature == 0 or top_k == 1:
        return greedy(logits_V)
    k = min(top_k, len(logits_V))
    top = np.argpartition(logits_V, -k)[-k:]
    top.sort()  # argpartition's order is not defined; ids are
    scores = logits_V[top].astype(np.float64) / temperature
    p = np.exp(scores - scores.max())
    return int(rng.choice(top, p=p / p.sum()))

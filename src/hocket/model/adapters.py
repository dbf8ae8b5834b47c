"""What a base model learns, without torch: low-rank adapters, and whether the user means the agent.

Law: merged weights compute what the adapted network of lora.py computes, so what is served knows nothing of
adapters.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.model.config import Weights

SCALE: Final = 2.0
MEANT: Final = "meant"  # a row over hidden states of the user's words, and a bias
MATRICES: Final = ("q", "k", "v", "o", "gate", "up", "down")


def merged(
    base: Weights, adapters: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """The base's weights with adapters ``<matrix>.a`` and ``<matrix>.b`` added in, by the base's names.

    What else was learned stands beside the base and is left out.

    Raises:
        KeyError: an adapter belongs to no weight of the base.
    """
    weights = {name: np.asarray(w, np.float32) for name, w in base.items()}
    for name in {name.removesuffix(".a") for name in adapters if name.endswith(".a")}:
        low = adapters[f"{name}.b"] @ adapters[f"{name}.a"]
        weights[f"{name}.weight"] = weights[f"{name}.weight"] + np.float32(SCALE) * low
    return weights

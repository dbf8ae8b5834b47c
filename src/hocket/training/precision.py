"""In how many bits this machine learns fastest.

Law: what a training began with it keeps, wherever it goes on: the choice stands in its card.
Measured: hocket-135m learns 320 tokens/s in bfloat16 and 207 in float32 on two AMD Zen 4 cores
(docs/decisions/0070); without such products in the machine bfloat16 is slower.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import torch

from hocket.training.checkpoint import can_resume, load_card
from hocket.training.config import Optimisation

How = TypeVar("How", bound=Optimisation)
PRODUCTS: Final = ("avx512_bf16", "amx_bf16")


def bf16_here() -> bool:
    """Whether this processor multiplies bfloat16 itself."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in PRODUCTS)


def precise(config: How, out: Path) -> How:
    """The configuration in the bits of the training in ``out``, or in this machine's if there is none.

    Raises:
        BadInput: the training in ``out`` cannot be read.
    """
    bf16 = load_card(out).config.bf16 if can_resume(out) else bf16_here()
    return replace(config, bf16=bf16)

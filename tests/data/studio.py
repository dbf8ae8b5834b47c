"""A studio of fakes: a bank of tones, ears that hear what they are told, an agent that hums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from hocket.data.agent_lines import LINES, NODS
from hocket.data.library import Library
from hocket.data.script import Script
from hocket.data.simulation import Studio
from hocket.data.spans import Float32
from hocket.engine.fake import FakeEars
from hocket.recipes import sessions
from tests.data.fake_bank import fake_bank


def hums() -> dict[str, Float32]:
    """The agent's lines, three to six seconds each, and its nods of half a second."""
    lengths = {text: 16_000 * (3 + n % 4) for n, text in enumerate(LINES)}
    lengths |= dict.fromkeys(NODS, 8_000)
    return {
        text: (0.1 * np.sin(np.arange(n_samples) / 20)).astype(np.float32)
        for text, n_samples in lengths.items()
    }


def tokenizer() -> Tokenizer:
    """A token a byte."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={c: n for n, c in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return made


@dataclass(frozen=True, slots=True)
class StudioOf:
    """Opens the studio in any process: a value that can be sent there."""

    bank: Path
    split: str = "train"
    words: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self) -> Studio:
        return Studio(
            sounds=Library(fake_bank(self.bank), split=self.split),
            ears=FakeEars(self.words),
            tokenizer=tokenizer(),
            speech=hums(),
        )


def scripts(
    bank: Path, recipe: sessions.Sessions, *, hours: float = 0.05, seed: int = 0
) -> list[Script]:
    """Scripts over the fake bank."""
    lines = {text: len(sound) for text, sound in hums().items()}
    library = Library(fake_bank(bank), split=recipe.split)
    return sessions.write(recipe, library, lines, hours=hours, seed=seed)

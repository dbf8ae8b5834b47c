"""Small packs whose rules are known, and a network small enough to learn them in seconds.

In a toy session a tick should speak when a token below ``N_CUES`` comes in it; else it should hold
when its sound is loud; else listen. Features point along one direction when it is loud, dMel levels
are high. The floor that was taken and all else is noise.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from hocket.data.pack import Pack, PackWriter, SessionTicks
from hocket.model.config import BackboneConfig
from hocket.model.duplex_config import TOKEN_WIDTH, DuplexConfig, Sound
from hocket.model.token_vectors import TokenVectors
from hocket.training.config import TrainingConfig
from hocket.training.word_vectors import Embedded

LISTEN, SPEAK, HOLD = 0, 1, 2
VOCABULARY = 40
N_CUES = 10
BACKBONE = BackboneConfig(
    layers=2, width=96, heads=4, kv_heads=2, ff=192, vocab=VOCABULARY, max_positions=512
)
TABLE = TokenVectors(np.random.default_rng(7).standard_normal((VOCABULARY, TOKEN_WIDTH)) * 0.13)
VECTORS = Embedded(TABLE)


def config(
    *, sound: Sound = Sound.FEATURES, words: bool = True, user_voice: bool = False
) -> TrainingConfig:
    """A small network of that variant."""
    return TrainingConfig(
        name="toy",
        network=DuplexConfig(backbone=BACKBONE, sound=sound, words=words, user_voice=user_voice),
        crop_ticks=24,
        batch_crops=8,
        context_ticks=8,
        peak_rate=5e-3,
        warmup_steps=5,
    )


def session(n_ticks: int, seed: int) -> SessionTicks:
    """One session by the rules."""
    rng = np.random.default_rng(seed)
    loud_T = rng.random(n_ticks) < 0.5
    counts_T = rng.integers(0, 3, n_ticks)
    ids_N = rng.integers(0, VOCABULARY, counts_T.sum())
    tick_of_N = np.repeat(np.arange(n_ticks), counts_T)
    cued_T = np.isin(np.arange(n_ticks), tick_of_N[ids_N < N_CUES])
    wanted_T = np.where(cued_T, SPEAK, np.where(loud_T, HOLD, LISTEN))
    direction = np.sin(np.arange(576))
    noise = rng.standard_normal((n_ticks, 4, 576))
    return SessionTicks(
        about={
            "id": f"toy-{seed}",
            "marks": [],
            "switches": ["backchannel"][: seed % 2],
            "conversation": "toy",
        },
        features=(noise + 0.5 * loud_T[:, None, None] * direction).astype(np.float16),
        dmel=(rng.integers(0, 8, (n_ticks, 8, 80)) + 8 * loud_T[:, None, None]).astype(np.uint8),
        level_db=np.where(loud_T, -20, -60).astype(np.float16),
        played_db=rng.uniform(-90, -10, n_ticks).astype(np.float16),
        played_share=rng.random(n_ticks).astype(np.float16),
        played_dmel=rng.integers(0, 16, (n_ticks, 80)).astype(np.uint8),
        floor=rng.integers(0, 5, n_ticks).astype(np.uint8),
        target=np.eye(5, dtype=np.float16)[wanted_T],
        weight=np.ones(n_ticks, np.float16),
        user_ahead=np.repeat(loud_T[:, None], 4, axis=1).astype(np.float16),
        agent_ahead=np.zeros((n_ticks, 4), np.float16),
        input_ids=ids_N.astype(np.uint16),
        input_kinds=rng.integers(0, 4, len(ids_N)).astype(np.uint8),
        input_end=np.cumsum(counts_T),
        text_ids=np.zeros(0, np.uint16),
        text_end=np.zeros(n_ticks, np.int64),
    )


def write(folder: Path, sessions: list[SessionTicks]) -> Path:
    """A pack of sessions; its folder."""
    with PackWriter(folder) as writer:
        for each in sessions:
            writer.add(each)
        writer.finish({"recipe": "toy"})
    return folder


def pack(folder: Path, *, sessions: int, n_ticks: int = 60, seed: int = 0) -> Pack:
    """A pack of that many sessions by the rules."""
    return Pack(write(folder, [session(n_ticks, 1000 * seed + i) for i in range(sessions)]))


def head_of(whole: SessionTicks, n_ticks: int) -> SessionTicks:
    """The first ticks of a session, as if no more had come yet."""
    tokens, text = (int(end[n_ticks - 1]) for end in (whole.input_end, whole.text_end))
    rows = {
        name: getattr(whole, name)[:n_ticks]
        for name in SessionTicks.__dataclass_fields__
        if name not in ("about", "input_ids", "input_kinds", "text_ids")
    }
    return replace(
        whole,
        **rows,
        input_ids=whole.input_ids[:tokens],
        input_kinds=whole.input_kinds[:tokens],
        text_ids=whole.text_ids[:text],
    )

"""Where the positions of every tick lie in the sequences of a batch.

Law: a tick is ``F`` (1 position), then its sound (4, or none where it is not shown), then its tokens;
ticks of a row follow one another without gaps and a row is padded on the right. The last position of
a tick predicts. Source: model.md section 1.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.model.duplex_config import SOUND_POSITIONS

Index: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Places in the flat sequence [rows x length] of T ticks, A of which show their sound."""

    rows: int
    length: int
    tick_at_T: Index  # of F
    sound_at_S: Index  # S = 4 A
    token_at_N: Index
    last_at_T: Index


def positions(n_tokens_T: Index, sound_T: NDArray[np.bool_]) -> Index:
    """How many positions each tick takes [T]."""
    return np.asarray(1 + SOUND_POSITIONS * sound_T.astype(np.int64) + n_tokens_T, np.int64)


def lay_out(n_tokens_T: Index, sound_T: NDArray[np.bool_], row_T: Index) -> Layout:
    """Places of ticks in order; ``row_T`` is each tick's row, rising from 0 without a gap."""
    n_positions_T = positions(n_tokens_T, sound_T)
    before_T = np.cumsum(n_positions_T) - n_positions_T
    first_of_row = np.searchsorted(row_T, np.arange(int(row_T[-1]) + 1))
    length = int(np.bincount(row_T, weights=n_positions_T).max())
    tick_at_T = row_T * length + before_T - before_T[first_of_row][row_T]
    sound_at_SP = tick_at_T[sound_T, None] + 1 + np.arange(SOUND_POSITIONS)
    tokens_at_T = tick_at_T + n_positions_T - n_tokens_T
    return Layout(
        rows=len(first_of_row),
        length=length,
        tick_at_T=tick_at_T,
        sound_at_S=sound_at_SP.reshape(-1),
        token_at_N=np.repeat(tokens_at_T, n_tokens_T) + _place_in_tick(n_tokens_T),
        last_at_T=tick_at_T + n_positions_T - 1,
    )


def _place_in_tick(n_tokens_T: Index) -> Index:
    before_T = np.cumsum(n_tokens_T) - n_tokens_T
    return np.arange(int(n_tokens_T.sum())) - np.repeat(before_T, n_tokens_T)

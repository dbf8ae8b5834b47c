"""The real ears over a mixed lane: features, words as the model's tokens, levels, our own sound.

Law: training sees what serving sees, word lag and errors included, so nothing here is simulated.
Agreed words come first, then the open tail, its last four tokens at most and only when it changed, then
what was typed, then events.
Source: docs/data.md; engine/ears.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from hocket.audio.dmel import lane_dmel, lane_mean_dmel
from hocket.audio.levels import FLOOR_DB, rms_db
from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.pack import Array
from hocket.data.spans import Float32
from hocket.engine.port import EarsStream, HeardTick
from hocket.model.duplex_config import AGREED, EVENT, TAIL_TOKENS, TENTATIVE, TYPED


@dataclass(slots=True)
class Hearing:
    """The ears of one session, and all that they gave so far."""

    stream: EarsStream
    tokenizer: Tokenizer
    ticks: list[HeardTick] = field(default_factory=list)
    lane: list[Float32] = field(default_factory=list)
    _ids: list[int] = field(default_factory=list)
    _kinds: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    _shown: list[int] = field(default_factory=list)

    def step(
        self, samples_S: Float32, *, typed: Sequence[str] = (), events: Sequence[str] = ()
    ) -> HeardTick:
        """Hear 200 ms, float32 [3200] at 16 kHz, and take what reached the agent as text."""
        heard = self.stream.step(samples_S)
        self.ticks.append(heard)
        self.lane.append(samples_S)
        self._take(self._tokens(heard.heard), AGREED)
        tail = self._tokens(heard.tentative)[-TAIL_TOKENS:]
        if tail != self._shown:
            self._take(tail, TENTATIVE)
        self._shown = tail
        for kind, texts in ((TYPED, typed), (EVENT, events)):
            for text in texts:
                self._take(self._tokens((text,)), kind)
        self._ends.append(len(self._ids))
        return heard

    def rows(self) -> dict[str, Array]:
        """Arrays of a pack: what was heard, a row a tick, and the tokens."""
        return {
            "features": np.stack([tick.features for tick in self.ticks]),
            "level_db": np.array([tick.level_db for tick in self.ticks]),
            "dmel": lane_dmel(np.concatenate(self.lane)),
            "input_ids": np.array(self._ids, np.uint16),
            "input_kinds": np.array(self._kinds, np.uint8),
            "input_end": np.array(self._ends, np.int64),
        }

    def _tokens(self, words: tuple[str, ...]) -> list[int]:
        return list(self.tokenizer.encode("".join(f" {word}" for word in words)).ids)

    def _take(self, ids: list[int], kind: int) -> None:
        self._ids += ids
        self._kinds += [kind] * len(ids)


def played_rows(agent_S: Float32, spans: list[tuple[int, int]]) -> dict[str, Array]:
    """Arrays of a pack: what was played of us, from the agent's lane [T * 3200] and its spans."""
    ticks_TS = agent_S.reshape(-1, TICK_USER_SAMPLES)
    sounding = np.zeros(len(agent_S), np.bool_)
    for first, behind in spans:
        sounding[first:behind] = True
    share_T = sounding.reshape(ticks_TS.shape).mean(axis=1)
    level_T: NDArray[np.float64] = np.array([rms_db(tick_S) for tick_S in ticks_TS])
    return {
        "played_db": np.where(share_T > 0, level_T, FLOOR_DB),
        "played_share": share_T,
        "played_dmel": lane_mean_dmel(agent_S),
    }

"""How surely the user's turn ends behind each word: a language model that was trained on turns reads along.

Law: it reads what the ears gave by now, after the agent's last line: agreed words stay, the open tail is read
and forgotten. Training reads packed sessions by this same code. Source: Ekstedt and Skantze 2020 (TurnGPT),
arXiv 2010.10874: the end of a turn is a token like any other.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.engine.kv import KvSnapshot
from hocket.engine.runtime import Backbone
from hocket.model.chat import ChatTemplate, Turn

Float32: TypeAlias = NDArray[np.float32]

MOST_TOKENS: Final = 200  # of a turn that are kept in mind
MOST_CONTEXT: Final = 80  # of what the agent said before it
LEAST_LOG_P: Final = -10.0  # natural; what is less likely is all the same
UNKNOWN: Final = -1.0  # of what is no heard word


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSnapshot:
    """What a stream remembers."""

    kv: KvSnapshot


class TurnReader:
    """One model for all sessions of a worker."""

    def __init__(self, backbone: Backbone) -> None:
        self.backbone = backbone
        self.template = ChatTemplate(backbone.tokenizer)

    def open(self) -> "ReaderStream":
        """A stream in which nothing was said yet."""
        return ReaderStream(self)


class ReaderStream:
    """The turns of one session."""

    def __init__(self, reader: TurnReader) -> None:
        self._reader = reader
        self._kv = reader.backbone.open(MOST_CONTEXT + MOST_TOKENS)
        self.begin("")

    def begin(self, line: str) -> None:
        """The agent has said a line: another turn of the user's begins behind it."""
        template = self._reader.template
        opens = template.opens("user")
        said = template.turn(Turn(role="assistant", text=line)) if line else []
        self._restart([*said[: MOST_CONTEXT - len(opens)], *opens])

    def read(self, agreed: list[int], tail: list[int]) -> Float32:
        """Of tokens newly agreed and of the open tail: -1 surely no end, 1 surely one, [n]."""
        backbone, ids = self._reader.backbone, [*agreed, *tail]
        if not ids:
            return np.zeros(0, np.float32)
        if self._kv.length + len(ids) > self._kv.max_positions:
            self._restart(self._reader.template.opens("user"))
        before = self._kv.length
        hidden_ND = backbone.append(self._kv, backbone.embed(ids))
        backbone.rollback(self._kv, before + len(agreed))
        return scaled_end(backbone.logits(hidden_ND), self._reader.template.end_id)

    def snapshot(self) -> ReaderSnapshot:
        """A value from which ``restore`` continues exactly."""
        return ReaderSnapshot(kv=self._reader.backbone.snapshot(self._kv))

    def restore(self, snapshot: ReaderSnapshot) -> None:
        """Go back to a snapshot of a stream of the same model."""
        self._reader.backbone.restore(self._kv, snapshot.kv)

    def _restart(self, ids: list[int]) -> None:
        self._reader.backbone.rollback(self._kv, 0)
        self._reader.backbone.append(self._kv, self._reader.backbone.embed(ids))


def scaled_end(logits_NV: Float32, end_id: int) -> Float32:
    """The log chance of the token that ends a turn, from -1 (e^-10 and less) to 1 (certain) [N]."""
    most_N1 = logits_NV.max(axis=1, keepdims=True)
    total_N = np.log(np.exp(logits_NV - most_N1).sum(axis=1)) + most_N1[:, 0]
    share_N = np.clip((logits_NV[:, end_id] - total_N) / LEAST_LOG_P, 0, 1)
    return np.asarray(1 - 2 * share_N, np.float32)

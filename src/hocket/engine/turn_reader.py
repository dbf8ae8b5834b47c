"""What the words tell of a turn: how surely it ends behind each of them, and whether it is meant for us.

Law: it reads what is there by now: the agent's line as it is written, behind it the user's words, agreed ones
for good, the open tail to be forgotten. Words across a line are read behind as much of it as was written, and
forgotten when the line goes on. Training reads packed sessions by this same code.
Source: Ekstedt and Skantze 2020 (TurnGPT), arXiv 2010.10874: the end of a turn is a token like any other.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.engine.kv import Kv, KvSnapshot
from hocket.engine.runtime import Backbone
from hocket.model.chat import ChatTemplate
from hocket.model.duplex_config import SIGNS

Float32: TypeAlias = NDArray[np.float32]

MOST_TOKENS: Final = 200  # of a turn that are kept in mind
MOST_CONTEXT: Final = 80  # of what the agent said before it
LEAST_LOG_P: Final = -10.0  # natural; what is less likely is all the same
UNKNOWN: Final = (-1.0, 0.0)  # of what is no heard word
REST_TICKS: Final = 5  # without a word, after which words across a line are over


@dataclass(slots=True)
class _Place:
    """Where a stream stands."""

    line: tuple[int, ...] = ()  # of the agent's, as far as it is written
    read: int = 0  # of these tokens that are in memory
    speaking: bool = False  # the line may go on
    user: bool = True  # the user's words are being read
    line_end: int = 0  # positions before the user's
    rest: int = 0  # ticks since the last word


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSnapshot:
    """What a stream remembers."""

    kv: KvSnapshot
    place: _Place


class TurnReader:
    """One model for all sessions of a worker. ``meant_D``, ``bias``: what it learned of whom is meant."""

    def __init__(
        self, backbone: Backbone, meant_D: Float32 | None = None, bias: float = 0.0
    ) -> None:
        self.backbone = backbone
        self.template = ChatTemplate(backbone.tokenizer)
        self._meant_D, self._bias = meant_D, bias

    def open(self) -> "ReaderStream":
        """A stream in which nothing was said yet."""
        return ReaderStream(self)

    def signs(self, hidden_ND: Float32) -> Float32:
        """Of each position: -1 surely no end to 1 surely one; -1 surely not for us to 1 surely [N, 2]."""
        ends_N = scaled_end(self.backbone.logits(hidden_ND), self.template.end_id)
        meant_N = np.zeros(len(hidden_ND), np.float32)
        if self._meant_D is not None:
            meant_N = np.tanh((hidden_ND @ self._meant_D + self._bias) / 2)  # 2 p - 1
        return np.stack([ends_N, meant_N], axis=1).astype(np.float32)


class ReaderStream:
    """The turns of one session."""

    def __init__(self, reader: TurnReader) -> None:
        self._reader = reader
        self._kv: Kv = reader.backbone.open(MOST_CONTEXT + MOST_TOKENS)
        self._place = _Place()
        self._append(reader.template.opens("user"))

    def speaks(self, ids: list[int]) -> None:
        """The agent has the floor, and wrote these tokens of its line; the first call begins one."""
        place = self._place
        if not place.speaking:
            self._place = place = _Place(speaking=True, user=False)
            self._rollback(0)
            self._append(self._reader.template.opens("assistant"))
        place.line = (*place.line, *ids)[:MOST_CONTEXT]
        if not place.user:
            self._read_line()

    def stops(self) -> None:
        """The agent's line is over, whole or not."""
        self._place.speaking = False

    def read(self, agreed: list[int], tail: list[int]) -> Float32:
        """The signs of tokens newly agreed and of the open tail [n, 2]. Call it once a tick."""
        place, ids = self._place, [*agreed, *tail]
        if not ids:
            place.rest += 1
            if place.speaking and place.user and place.rest >= REST_TICKS:
                self._back_to_line()
            return np.zeros((0, SIGNS), np.float32)
        place.rest = 0
        self._open_user()
        if self._kv.length + len(ids) > self._kv.max_positions:
            self._place = _Place(speaking=place.speaking)
            self._rollback(0)
            self._append(self._reader.template.opens("user"))
        before = self._kv.length
        hidden_ND = self._append(ids)
        self._rollback(before + len(agreed))
        return self._reader.signs(hidden_ND)

    def snapshot(self) -> ReaderSnapshot:
        """A value from which ``restore`` continues exactly."""
        kv = self._reader.backbone.snapshot(self._kv)
        return ReaderSnapshot(kv=kv, place=replace(self._place))

    def restore(self, snapshot: ReaderSnapshot) -> None:
        """Go back to a snapshot of a stream of the same model."""
        self._reader.backbone.restore(self._kv, snapshot.kv)
        self._place = replace(snapshot.place)

    def _open_user(self) -> None:
        """Close the agent's line, as far as it is written, and open the user's message."""
        place, template = self._place, self._reader.template
        if not place.user:
            place.user, place.line_end = True, self._kv.length
            self._append([*template.closes(), *template.opens("user")])

    def _back_to_line(self) -> None:
        """What was heard across the line is forgotten."""
        place = self._place
        place.user = False
        self._rollback(place.line_end)
        if not place.line_end:  # forgotten, its beginning too
            self._append(self._reader.template.opens("assistant"))
        self._read_line()

    def _read_line(self) -> None:
        place = self._place
        if new := place.line[place.read :]:
            self._append(list(new))
            place.read = len(place.line)

    def _append(self, ids: list[int]) -> Float32:
        backbone = self._reader.backbone
        return backbone.append(self._kv, backbone.embed(ids))

    def _rollback(self, length: int) -> None:
        self._reader.backbone.rollback(self._kv, length)


def scaled_end(logits_NV: Float32, end_id: int) -> Float32:
    """The log chance of the token that ends a turn, from -1 (e^-10 and less) to 1 (certain) [N]."""
    most_N1 = logits_NV.max(axis=1, keepdims=True)
    total_N = np.log(np.exp(logits_NV - most_N1).sum(axis=1)) + most_N1[:, 0]
    share_N = np.clip((logits_NV[:, end_id] - total_N) / LEAST_LOG_P, 0, 1)
    return np.asarray(1 - 2 * share_N, np.float32)

"""What a heard token looks like to a network: its frozen embedding, or what a language model makes of it.

Law: a token's vector depends on tokens that were there by its tick, on nothing later. Both kinds have
the base model's width and about the same size, so that a network can be trained on either.
Source: model.md section 1; docs/decisions/0040 for why the second kind was tried.
"""

import hashlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.data.addressed import written
from hocket.data.pack import SessionTicks
from hocket.engine.runtime import Backbone
from hocket.engine.turn_reader import UNKNOWN, TurnReader
from hocket.model.chat import ChatTemplate
from hocket.model.duplex_config import AGREED, SIGNS, TENTATIVE, TOKEN_WIDTH
from hocket.model.token_vectors import TokenVectors

Float32: TypeAlias = NDArray[np.float32]

SPOKE_SHARE: Final = 0.2  # of a tick: then the agent had the floor, and a new turn begins behind it
MOST_TOKENS: Final = 200  # of a turn that are kept in mind
STATE_SCALE: Final = 0.05  # last hidden states are some 20 times as large as embeddings


class WordVectors(Protocol):
    """Vectors of a session's input tokens."""

    @property
    def size(self) -> int:
        """Of a vector."""
        ...

    def of(self, session: SessionTicks, inside: slice) -> Float32:
        """Float32 [n, size] of the tokens ``session.input_ids[inside]``."""
        ...


class Embedded:
    """A token is its frozen embedding, wherever it stands."""

    size = TOKEN_WIDTH

    def __init__(self, table: TokenVectors) -> None:
        self._table = table

    def of(self, session: SessionTicks, inside: slice) -> Float32:
        """Rows of the table."""
        return self._table.rows(session.input_ids[inside])


class LanguageStates:
    """A token is the frozen base model's last hidden state behind it: what may come next.

    The model reads each user turn (what was heard since the agent last sounded) as a chat's user
    message. Tentative tokens are read and forgotten, as in serving. Kept on disk by content.
    """

    def __init__(self, backbone: Backbone, folder: Path) -> None:
        self._backbone = backbone
        self._opening = ChatTemplate(backbone.tokenizer).opens("user")
        self._kept = _Kept(folder)
        self.size = backbone.config.width

    def of(self, session: SessionTicks, inside: slice) -> Float32:
        """The states, from memory, from disk, or from the model."""
        return self._kept.of(session, self._read)[inside].astype(np.float32)

    def _read(self, session: SessionTicks) -> NDArray[np.float16]:
        kv = self._backbone.open(len(self._opening) + MOST_TOKENS)
        self._begin(kv)
        states_NE = np.zeros((len(session.input_ids), self._backbone.config.width), np.float16)
        ends = np.concatenate(([0], session.input_end))
        for tick in range(len(session)):
            if session.played_share[tick] > SPOKE_SHARE:
                self._begin(kv)
            first, stop = int(ends[tick]), int(ends[tick + 1])
            if stop > first:
                states_NE[first:stop] = self._states(kv, session, first, stop)
        return states_NE

    def _states(self, kv: Any, session: SessionTicks, first: int, stop: int) -> Float32:
        """States of one tick's tokens; only agreed ones stay."""
        ids = [int(each) for each in session.input_ids[first:stop]]
        if kv.length + len(ids) > kv.max_positions:
            self._begin(kv)
        n_agreed = int(np.sum(session.input_kinds[first:stop] == AGREED))
        before = kv.length
        states_NE: Float32 = self._backbone.append(kv, self._backbone.embed(ids)) * STATE_SCALE
        self._backbone.rollback(kv, before + n_agreed)  # agreed tokens come first
        return states_NE

    def _begin(self, kv: Any) -> None:
        self._backbone.rollback(kv, 0)
        self._backbone.append(kv, self._backbone.embed(self._opening))


class LanguageSigns:
    """A token is its frozen embedding, and what it tells of the turn (engine/turn_reader.py)."""

    size = TOKEN_WIDTH + SIGNS

    def __init__(self, reader: TurnReader, table: TokenVectors, folder: Path) -> None:
        self._reader, self._table, self._kept = reader, table, _Kept(folder)

    def of(self, session: SessionTicks, inside: slice) -> Float32:
        """Rows of the table, each with its signs beside it."""
        signs_N2 = self._kept.of(session, self._read)[inside].astype(np.float32)
        rows_NE = self._table.rows(session.input_ids[inside])
        return np.concatenate([rows_NE, signs_N2], axis=1)

    def _read(self, session: SessionTicks) -> NDArray[np.float16]:
        """In each tick the words first, then what the agent writes, as in serving."""
        stream = self._reader.open()
        found_N2 = np.full((len(session.input_ids), SIGNS), UNKNOWN, np.float16)
        ends = np.concatenate(([0], session.input_end))
        for (first, stop), line in zip(pairwise(ends), written(session), strict=True):
            kinds = session.input_kinds[first:stop]
            ids = {
                kind: session.input_ids[first:stop][kinds == kind] for kind in (AGREED, TENTATIVE)
            }
            signs = stream.read(*([int(i) for i in ids[kind]] for kind in (AGREED, TENTATIVE)))
            found_N2[first:stop][np.isin(kinds, (AGREED, TENTATIVE))] = signs
            if line is None:
                stream.stops()
            else:
                stream.speaks(list(line))
        return found_N2


class _Kept:
    """Arrays by a session's content: in memory, on disk, or made now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, NDArray[np.float16]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def of(
        self, session: SessionTicks, made: Callable[[SessionTicks], NDArray[np.float16]]
    ) -> NDArray[np.float16]:
        """The array of a session."""
        key = _key(session)
        if key not in self._known:
            path = self._folder / f"{key}.npy"
            if not path.exists():
                part = path.with_suffix(".part.npy")
                np.save(part, made(session))
                part.replace(path)
            self._known[key] = np.load(path)
        return self._known[key]


def _key(session: SessionTicks) -> str:
    digest = hashlib.blake2b(digest_size=12)
    names = (
        "input_ids",
        "input_kinds",
        "input_end",
        "played_share",
        "text_ids",
        "text_end",
        "floor",
    )
    for name in names:
        digest.update(np.ascontiguousarray(getattr(session, name)).tobytes())
    return digest.hexdigest()

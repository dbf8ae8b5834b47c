"""The language model as a subject of training: a base's adapters learn to answer what the ears hear.

Law: what the agent said is learned, and that it ended there; at a smaller weight also what the user says,
and that the turn was over where an answer came: so the model knows of an end before it is silent. Of words
across or behind a line of the agent's it learns whether they were meant for it, behind each of them. What it
is told is read. A chat longer than a batch takes is cut between messages, its instructions kept.
Source: loop.py for what a subject is; data/chats.py, data/heard_chats.py and data/addressed.py for what is
read; Ekstedt and
Skantze 2020 (TurnGPT), arXiv 2010.10874, for ends of turns as tokens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hocket.core.errors import BadInput
from hocket.core.provenance import commit
from hocket.data.addressed import Addressed
from hocket.data.chats import Message
from hocket.evaluation.roc import auc
from hocket.model.adapters import MEANT
from hocket.model.chat import ChatTemplate, Turn
from hocket.model.config import BackboneConfig, Weights
from hocket.model.lora import adapt
from hocket.model.network import Backbone, load_weights
from hocket.training.checkpoint import Card, begin_as
from hocket.training.config import LanguageConfig
from hocket.training.curves import Row
from hocket.training.loop import Loss

POOL_CHATS: Final = 64  # are sorted by length before they are grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A message as tokens; those from ``first`` up to ``stop`` are learned."""

    ids: tuple[int, ...]
    first: int = 0
    stop: int = 0
    users: bool = False  # whose words they are
    meant: bool | None = None  # for the agent; where it is asked, that is learned and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as tokens: the instructions (or none), then the messages."""

    head: tuple[int, ...]
    messages: tuple[Piece, ...]

    @property
    def n_tokens(self) -> int:
        """Of all of it."""
        return len(self.head) + sum(len(piece.ids) for piece in self.messages)

    @property
    def teaches(self) -> bool:
        """Whether the agent says anything in it, or is told who is meant."""
        return any(
            piece.stop > piece.first and (not piece.users or piece.meant is not None)
            for piece in self.messages
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Messages [first, ...) of a chat, as many as fit."""

    chat: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Chats to learn from and others to be checked on, with hashes of both. ``asked``: who is meant."""

    learned: Sequence[Chat]
    checked: Sequence[Chat]
    asked: Sequence[Chat] = ()
    data: str
    validation: str


def chat_of(messages: Sequence[Message], template: ChatTemplate, instructions: str) -> Chat:
    """Messages as the template writes them."""
    roles = [message.role for message in messages]
    pieces = [
        _piece(message, template, answered=roles[n + 1 : n + 2] == ["assistant"])
        for n, message in enumerate(messages)
    ]
    head = template.turn(Turn(role="system", text=instructions))
    return Chat(head=tuple(head), messages=tuple(pieces))


def addressed_chat(one: Addressed, template: ChatTemplate) -> Chat:
    """A line of the agent's and the words across or behind it, as engine/turn_reader.py reads them."""
    opens, words = template.opens("user"), template.words(one.words, first=False)
    said = tuple(template.turn(Turn(role="assistant", text=one.line)))
    meant = Piece(
        ids=(*opens, *words),
        first=len(opens),
        stop=len(opens) + len(words),
        users=True,
        meant=one.meant,
    )
    return Chat(head=(), messages=(Piece(ids=said), meant))


def _piece(message: Message, template: ChatTemplate, *, answered: bool) -> Piece:
    opens, closes = template.opens(message.role), template.closes()
    words = template.words(message.text, first=True)
    ids = (*opens, *words, *closes)
    if message.role == "system":
        return Piece(ids=ids)
    users = message.role == "user"
    ended = answered if users else message.ended
    first = len(opens)
    return Piece(ids=ids, first=first, stop=first + len(words) + ended, users=users)


class LanguageTraining:
    """Adapters of a base model that learn from chats.

    ``start``: exported words to begin as.

    Raises:
        BadInput: the base has fewer positions than are read at once, or the start is of another base.
        ModelFileError: there is no such start.
    """

    def __init__(
        self,
        config: LanguageConfig,
        base: BackboneConfig,
        weights: Weights,
        texts: Texts,
        *,
        seed: int,
        start: Path | None = None,
    ) -> None:
        if base.max_positions < config.max_tokens:
            raise BadInput(
                f"expected a base of {config.max_tokens} positions, got {base.max_positions}"
            )
        self._config, self._texts, self._seed = config, texts, seed
        torch.manual_seed(seed)
        self.network = Backbone(base)
        load_weights(self.network, weights)
        adapt(self.network, config.rank)
        self.card = Card(
            config=config,
            seed=seed,
            data=texts.data,
            validation=texts.validation,
            commit=commit(),
            start=begin_as(self.network, start) if start is not None else "",
        )

    def batches(self) -> Iterator[tuple[Part, ...]]:
        """Parts of chats of like length; every chat once an epoch."""
        epoch = 0
        while True:
            yield from self._epoch(np.random.default_rng((self._seed, epoch)))
            epoch += 1

    def loss(self, batch: tuple[Part, ...]) -> Loss:
        """Cross-entropy of what the agent wrote, and the user's share."""
        read = self._read([self._cut(self._texts.learned, part) for part in batch])
        total = read.text + self._config.user_share * read.users
        total = total + self._config.meant_share * read.meant
        figures = {
            "text_loss": read.text.item(),
            "user_loss": read.users.item(),
            "meant_loss": read.meant.item(),
        }
        return Loss(total=total, figures=figures, n_positions=read.n_positions)

    def validate(self) -> Row:
        """The same over all chats that are not learned from, the agent's by token."""
        checked = self._texts.checked
        cuts = [self._cut(checked, Part(chat=number, first=0)) for number in range(len(checked))]
        with torch.no_grad():
            read = [self._read([cut]) for cut in cuts]
        counts = np.array([each.n_text for each in read])
        figures = np.array([[r.text.item(), r.hits, r.users.item()] for r in read]).reshape(-1, 3)
        by_token = counts @ figures[:, :2] / max(int(counts.sum()), 1)
        return {
            "text_loss": float(by_token[0]),
            "text_accuracy": float(by_token[1]),
            "user_loss": float(figures[:, 2].mean()) if len(figures) else 0.0,
            **self._of_meant(),
        }

    def _of_meant(self) -> Row:
        """How well words meant for the agent are told from others, behind the last of them."""
        asked = self._texts.asked
        cuts = [self._cut(asked, Part(chat=number, first=0)) for number in range(len(asked))]
        with torch.no_grad():
            read = [self._read([cut]) for cut in cuts]
        meant = np.array([chat.messages[-1].meant for chat in asked], bool)
        scores = np.array([float(each.said_M[-1]) for each in read])
        both = 0 < meant.sum() < len(meant)
        return {
            "meant_loss": float(np.mean([each.meant.item() for each in read])) if read else 0.0,
            "meant_auc": auc(scores[meant], scores[~meant]) if both else None,
        }

    def _epoch(self, rng: np.random.Generator) -> Iterator[tuple[Part, ...]]:
        chats = self._texts.learned
        parts = [
            Part(chat=int(i), first=self._first(chats[int(i)], rng))
            for i in rng.permutation(len(chats))
        ]
        for at in range(0, len(parts), POOL_CHATS):
            groups = self._grouped(parts[at : at + POOL_CHATS])
            yield from (groups[int(i)] for i in rng.permutation(len(groups)))

    def _grouped(self, parts: Sequence[Part]) -> list[tuple[Part, ...]]:
        """Parts of like length together, as many as a step takes."""
        groups: list[tuple[Part, ...]] = [()]
        for length, part in sorted(((self._length(p), p) for p in parts), key=lambda each: each[0]):
            if groups[-1] and (len(groups[-1]) + 1) * length > self._config.batch_tokens:
                groups.append(())
            groups[-1] += (part,)
        return groups

    def _first(self, chat: Chat, rng: np.random.Generator) -> int:
        """Where to begin: anywhere from which what is left still fills a part, or at the start."""
        left, most = chat.n_tokens, self._config.max_tokens
        last = 0
        for number, piece in enumerate(chat.messages):
            if left < most:
                break
            last, left = number, left - len(piece.ids)
        return int(rng.integers(last + 1))

    def _length(self, part: Part) -> int:
        return len(self._cut(self._texts.learned, part).ids_N)

    def _cut(self, chats: Sequence[Chat], part: Part) -> "_Cut":
        chat = chats[part.chat]
        ids, whose = list(chat.head), [_NOBODY] * len(chat.head)
        for piece in chat.messages[part.first :]:
            if len(ids) + len(piece.ids) > self._config.max_tokens:
                break
            ids += piece.ids
            own = _whose(piece)
            inside = (piece.first <= place < piece.stop for place in range(len(piece.ids)))
            whose += [own if learned else _NOBODY for learned in inside]
        return _Cut(ids_N=np.array(ids, np.int64), whose_N=np.array(whose, np.int64))

    def _read(self, cuts: "Sequence[_Cut]") -> "_Read":
        """Run the network over cuts, padded on the right."""
        longest = max(len(cut.ids_N) for cut in cuts)
        ids_BN = torch.zeros(len(cuts), longest, dtype=torch.long)
        whose_BN = torch.zeros(len(cuts), longest, dtype=torch.long)
        for row, cut in enumerate(cuts):
            ids_BN[row, : len(cut.ids_N)] = torch.from_numpy(cut.ids_N)
            whose_BN[row, : len(cut.ids_N)] = torch.from_numpy(cut.whose_N)
        hidden_BND = self.network(self.network.embed(ids_BN))
        learned_BN = (whose_BN[:, 1:] == _AGENT) | (whose_BN[:, 1:] == _USER)
        logits_LV = self.network.logits(hidden_BND[:, :-1][learned_BN]).float()
        wanted_L, whose_L = ids_BN[:, 1:][learned_BN], whose_BN[:, 1:][learned_BN]
        each_L = functional.cross_entropy(logits_LV, wanted_L, reduction="none")
        own_L = whose_L == _AGENT
        right_L = logits_LV.detach().argmax(-1) == wanted_L
        asked_BN = whose_BN >= _OTHERS
        meant_M = getattr(self.network, MEANT)(hidden_BND[asked_BN])[:, 0].float()
        wanted_M = (whose_BN[asked_BN] == _MEANT).float()
        return _Read(
            text=_mean(each_L[own_L]),
            users=_mean(each_L[~own_L]),
            meant=_mean(
                functional.binary_cross_entropy_with_logits(meant_M, wanted_M, reduction="none")
            ),
            said_M=meant_M.detach(),
            hits=float(_mean(right_L[own_L].float())),
            n_text=int(own_L.sum()),
            n_positions=sum(len(cut.ids_N) for cut in cuts),
        )


# Whose a token is that is learned; the last two: words of which only that is learned, whom they are for.
_NOBODY, _AGENT, _USER, _OTHERS, _MEANT = range(5)


def _whose(piece: Piece) -> int:
    if piece.meant is not None:
        return _MEANT if piece.meant else _OTHERS
    return _USER if piece.users else _AGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Tokens [N] that are read at once, and who says those of them that are learned [N]."""

    ids_N: NDArray[np.int64]
    whose_N: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Mean losses of the agent's tokens, of the user's, and of whom these were for, with the scores of
    that [M]; how many of the agent's were likeliest."""

    text: Tensor
    users: Tensor
    meant: Tensor
    said_M: Tensor
    hits: float
    n_text: int
    n_positions: int


def _mean(values: Tensor) -> Tensor:
    """0 of nothing, with a gradient all the same."""
    return values.sum() / max(len(values), 1)

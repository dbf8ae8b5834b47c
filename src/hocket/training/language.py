"""The language model as a subject of training: a base's adapters learn to answer what the ears hear.

Law: only what the agent said, and that it ended there, is learned; what it is told is read. A chat longer
than a batch takes is cut between messages, its instructions kept. Source: loop.py for what a subject is;
data/chats.py and data/heard_chats.py for what is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hocket.core.provenance import commit
from hocket.data.chats import Message
from hocket.model.chat import ChatTemplate, Turn
from hocket.model.config import BackboneConfig, Weights
from hocket.model.lora import adapt
from hocket.model.network import Backbone, load_weights
from hocket.training.checkpoint import Card
from hocket.training.config import LanguageConfig
from hocket.training.curves import Row
from hocket.training.loop import Loss

POOL_BATCHES: Final = 8  # chats of so many batches are sorted by length before they are grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat as tokens: the instructions, then the messages."""

    head: tuple[int, ...]
    messages: tuple[tuple[tuple[int, ...], int, int], ...]  # ids, learned from, to (in the message)

    @property
    def n_tokens(self) -> int:
        """Of all of it."""
        return len(self.head) + sum(len(ids) for ids, _, _ in self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Messages [first, ...) of a chat, as many as fit."""

    chat: int
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Chats to learn from and others to be checked on, with hashes of both."""

    learned: Sequence[Chat]
    checked: Sequence[Chat]
    data: str
    validation: str


def chat_of(messages: Sequence[Message], template: ChatTemplate, instructions: str) -> Chat:
    """Messages as the template writes them."""
    pieces: list[tuple[tuple[int, ...], int, int]] = []
    for message in messages:
        opens, closes = template.opens(message.role), template.closes()
        words = template.words(message.text, first=True)
        first = len(opens) if message.learned else 0
        stop = first + len(words) + message.ended if message.learned else 0
        pieces.append(((*opens, *words, *closes), first, stop))
    head = template.turn(Turn(role="system", text=instructions))
    return Chat(head=tuple(head), messages=tuple(pieces))


class LanguageTraining:
    """Adapters of a base model that learn from chats."""

    def __init__(
        self,
        config: LanguageConfig,
        base: BackboneConfig,
        weights: Weights,
        texts: Texts,
        *,
        seed: int,
    ) -> None:
        self._config, self._texts, self._seed = config, texts, seed
        torch.manual_seed(seed)
        self.network = Backbone(base)
        load_weights(self.network, weights)
        adapt(self.network, config.rank)
        self.card = Card(
            config=config, seed=seed, data=texts.data, validation=texts.validation, commit=commit()
        )

    def batches(self) -> Iterator[tuple[Part, ...]]:
        """Parts of chats of like length; every chat once an epoch."""
        epoch = 0
        while True:
            yield from self._epoch(np.random.default_rng((self._seed, epoch)))
            epoch += 1

    def loss(self, batch: tuple[Part, ...]) -> Loss:
        """Cross-entropy of what the agent wrote."""
        loss, hits, n_positions = self._read([self._cut(self._texts.learned, p) for p in batch])
        accuracy = hits.float().mean().item() if len(hits) else 0.0
        figures = {"text_loss": loss.item(), "text_accuracy": accuracy}
        return Loss(total=loss, figures=figures, n_positions=n_positions)

    def validate(self) -> Row:
        """The same over all chats that are not learned from, by token."""
        losses: list[float] = []
        hits: list[NDArray[np.bool_]] = []
        for number in range(len(self._texts.checked)):
            ids_N, learned_N = self._cut(self._texts.checked, Part(chat=number, first=0))
            if learned_N.any():
                with torch.no_grad():
                    loss, right, _ = self._read([(ids_N, learned_N)])
                losses += [loss.item()] * len(right)
                hits.append(right.numpy())
        accuracy = float(np.concatenate(hits).mean()) if hits else 0.0
        return {"text_loss": float(np.mean(losses or [0.0])), "text_accuracy": accuracy}

    def _epoch(self, rng: np.random.Generator) -> Iterator[tuple[Part, ...]]:
        chats, size = self._texts.learned, self._config.batch_chats
        parts = [
            Part(chat=int(i), first=self._first(chats[int(i)], rng))
            for i in rng.permutation(len(chats))
        ]
        for at in range(0, len(parts), size * POOL_BATCHES):
            pool = sorted(parts[at : at + size * POOL_BATCHES], key=self._length)
            groups = [tuple(pool[i : i + size]) for i in range(0, len(pool), size)]
            yield from (groups[int(i)] for i in rng.permutation(len(groups)))

    def _first(self, chat: Chat, rng: np.random.Generator) -> int:
        """Where to begin: anywhere from which what is left still fills a part, or at the start."""
        left, most = chat.n_tokens, self._config.max_tokens
        last = 0
        for number, (ids, _, _) in enumerate(chat.messages):
            if left < most:
                break
            last, left = number, left - len(ids)
        return int(rng.integers(last + 1))

    def _length(self, part: Part) -> int:
        return len(self._cut(self._texts.learned, part)[0])

    def _cut(
        self, chats: Sequence[Chat], part: Part
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Ids [N], and which of them are learned [N]."""
        chat = chats[part.chat]
        ids, learned = list(chat.head), [False] * len(chat.head)
        for piece, first, stop in chat.messages[part.first :]:
            if len(ids) + len(piece) > self._config.max_tokens:
                break
            ids += piece
            learned += [first <= place < stop for place in range(len(piece))]
        return np.array(ids, np.int64), np.array(learned, np.bool_)

    def _read(
        self, parts: Sequence[tuple[NDArray[np.int64], NDArray[np.bool_]]]
    ) -> tuple[Tensor, Tensor, int]:
        """Loss, which learned tokens were likeliest [L], and how many positions were read."""
        longest = max(len(ids) for ids, _ in parts)
        ids_BN = torch.zeros(len(parts), longest, dtype=torch.long)
        learned_BN = torch.zeros(len(parts), longest, dtype=torch.bool)
        for row, (ids, learned) in enumerate(parts):
            ids_BN[row, : len(ids)] = torch.from_numpy(ids)
            learned_BN[row, : len(ids)] = torch.from_numpy(learned)
        hidden_BND = self.network(self.network.embed(ids_BN))
        before_LD = hidden_BND[:, :-1][learned_BN[:, 1:]]
        wanted_L = ids_BN[:, 1:][learned_BN[:, 1:]]
        logits_LV = self.network.logits(before_LD).float()
        summed = functional.cross_entropy(logits_LV, wanted_L, reduction="sum")
        right_L = logits_LV.detach().argmax(-1) == wanted_L
        n_positions = sum(len(ids) for ids, _ in parts)
        return summed / max(len(wanted_L), 1), right_L, n_positions

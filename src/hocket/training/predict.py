"""A trained network as a function of a session: the probabilities of every tick.

Law: what it says of tick k depends on ticks 0..k alone. ``floor`` and ``played_*`` of the session are
taken as they are: what the agent did in it, not what this network would have done.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.core.errors import BadInput
from hocket.data.pack import SessionTicks
from hocket.engine.runtime import Backbone
from hocket.engine.shipped import language_model, turn_reader, words_hash
from hocket.model.duplex import Duplex
from hocket.model.token_vectors import TokenVectors
from hocket.training.checkpoint import Card, load_network
from hocket.training.config import TrainingConfig
from hocket.training.running import run_session
from hocket.training.word_vectors import Embedded, LanguageSigns, LanguageStates, WordVectors
from hocket.weights import store

Float32: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What a network says of the T ticks of a session."""

    p_T5: Float32  # over FLOORS; rows sum to 1
    user_ahead_T4: Float32  # chance of speech in the next 200, 400, 600, 800 ms, in turn
    agent_ahead_T4: Float32


class Predictor:
    """A trained network. Call it with a session."""

    def __init__(self, network: Duplex, card: Card, vectors: WordVectors | None) -> None:
        assert isinstance(card.config, TrainingConfig)  # load_network reads no other
        self.card, self._config = card, card.config
        self._network = network
        self._vectors = vectors

    @classmethod
    def load(
        cls, folder: Path, *, vectors: WordVectors | None = None, words: Path | None = None
    ) -> Self:
        """From a training's folder; the token embeddings come from the base model's own file.

        ``words``: see ``vectors_of``.

        Raises:
            BadInput: the folder holds no training.
            ModelFileError: the base model's file is not there.
        """
        network, card = load_network(folder)
        assert isinstance(card.config, TrainingConfig)
        return cls(network, card, vectors or vectors_of(card.config, words))

    def __call__(self, session: SessionTicks) -> Predicted:
        """The probabilities of all T ticks.

        Raises:
            ValueError: the session is empty.
        """
        logits = run_session(self._network, session, self._config, self._vectors)
        return Predicted(
            p_T5=logits.floor_TC.softmax(-1).numpy(),
            user_ahead_T4=logits.user_ahead_TB.sigmoid().numpy(),
            agent_ahead_T4=logits.agent_ahead_TB.sigmoid().numpy(),
        )


def vectors_of(config: TrainingConfig, words: Path | None = None) -> WordVectors | None:
    """What a configuration's network reads of heard words; None if it reads none.

    ``words``: a folder with an exported language model, for networks that read its signs.

    Raises:
        BadInput: the network reads signs, and no language model was given.
        ModelFileError: a model's file is not there.
    """
    if not config.vocabulary:
        return None
    path = store.path_of(config.vocabulary)
    if config.network.signs:
        if words is None:
            raise BadInput(f"expected an exported language model for {config.name}, got none")
        model = language_model(words, path, threads=1)
        kept = store.data_folder() / "signs" / words_hash(words)
        return LanguageSigns(turn_reader(words, model), TokenVectors.from_gguf(path), kept)
    if config.language_states:
        backbone = Backbone.from_gguf(path, threads=1)
        return LanguageStates(backbone, store.data_folder() / "states")
    return Embedded(TokenVectors.from_gguf(path))

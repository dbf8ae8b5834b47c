"""The floor probe: hocket-13m hears the end of a turn from words, from sound, or from both.

Law: the four differ in what they see and in nothing else; the same steps show them the same ticks.
Source: model.md sections 1 and 4.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hocket.model.config import HOCKET_13M
from hocket.model.duplex_config import DuplexConfig, Sound
from hocket.recipes.engines import BRAIN
from hocket.training.config import TrainingConfig


def _trained(name: str, *, sound: Sound, words: bool) -> TrainingConfig:
    """The recipe that all share, tuned on validation voices (docs/decisions/0040)."""
    network = DuplexConfig(
        backbone=HOCKET_13M, sound=sound, words=words, recent_ticks=7, recent_dropout=0.5
    )
    return TrainingConfig(
        name=name,
        network=network,
        vocabulary=BRAIN if words else "",
        peak_rate=5e-4,
        silence_weight=10.0,
    )


def words() -> TrainingConfig:
    """Heard words alone: no sound of the user at all."""
    return _trained("floor-probe-words", sound=Sound.NONE, words=True)


def sound() -> TrainingConfig:
    """The frozen encoder's features alone."""
    return _trained("floor-probe-sound", sound=Sound.FEATURES, words=False)


def dmel() -> TrainingConfig:
    """dMel levels alone."""
    return _trained("floor-probe-dmel", sound=Sound.DMEL, words=False)


def words_and_sound() -> TrainingConfig:
    """Both; each is sometimes taken away, so that neither becomes a crutch."""
    both = _trained("floor-probe-words-sound", sound=Sound.FEATURES, words=True)
    return replace(both, words_dropout=0.2, sound_dropout=0.1)


def states_and_sound() -> TrainingConfig:
    """Both, the words read by the frozen base model first: what it knows of sentences comes for free."""
    return replace(words_and_sound(), name="floor-probe-states-sound", language_states=True)


RECIPES: Final[dict[str, Callable[[], TrainingConfig]]] = {
    recipe().name: recipe for recipe in (words, sound, dmel, words_and_sound, states_and_sound)
}

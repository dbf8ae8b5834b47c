"""The floor of the interaction model: hocket-13m over all that is heard, with or without signs in words.

Law: what differs between the recipes is what they see.
Source: docs/decisions/0040 for the inputs, 0060 for the sessions.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hocket.recipes import floor_probe
from hocket.training.config import TrainingConfig

LAYERS: Final = 4  # half of hocket-13m's: what is shipped is to be small
GAIN_SHARE: Final = 0.35  # of crops whose microphone's gain moves, as a browser's does
VOICE_SHARE: Final = 0.5  # of crops that are heard as if another had spoken
RECENT_TICKS: Final = 5  # a second: with seven, floor and words would be 12.3 MB


def floor() -> TrainingConfig:
    """Sound, whose voice it is, words and manner; sound or words are missing at times: neither a crutch."""
    deep = floor_of_all_layers()
    backbone = replace(deep.network.backbone, layers=LAYERS)
    return replace(deep, name="hocket-floor", network=replace(deep.network, backbone=backbone))


def floor_of_all_layers() -> TrainingConfig:
    """The same on the whole of hocket-13m's backbone, to compare."""
    probe = floor_probe.words_and_sound()
    network = replace(probe.network, user_voice=True, manner=True, recent_ticks=RECENT_TICKS)
    return replace(
        probe,
        name="hocket-floor-deep",
        network=network,
        gain_share=GAIN_SHARE,
        voice_share=VOICE_SHARE,
    )


def floor_with_signs() -> TrainingConfig:
    """The first, and behind each word what the language model makes of it: an end? for the agent?"""
    plain = floor()
    network = replace(plain.network, signs=True)
    return replace(plain, name="hocket-floor-signs", network=network)


RECIPES: Final[dict[str, Callable[[], TrainingConfig]]] = {
    recipe().name: recipe for recipe in (floor, floor_of_all_layers, floor_with_signs)
}

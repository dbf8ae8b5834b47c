"""Everything about a training that is not data, seed or budget.

Law: equal configurations, packs, seeds and steps give equal weights on one thread. It knows no torch.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeAlias

from pydantic import TypeAdapter, ValidationError

from hocket.core.errors import BadInput
from hocket.model.duplex_config import DuplexConfig

START_RATE: Final = 0.5  # of the usual peak, for a network that has learned already


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimisation:
    """How weights are moved, whatever they are."""

    peak_rate: float = 1e-3
    weight_decay: float = 0.1
    warmup_steps: int = 30
    decay_share: float = 0.3  # of the budget, at its end
    clip_norm: float = 1.0
    bf16: bool = False  # only where the machine multiplies in it

    def going_on(self) -> Self:
        """The same for weights that have learned already: half the peak rate."""
        return replace(self, peak_rate=self.peak_rate * START_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(Optimisation):
    """A network and how it is trained."""

    name: str
    network: DuplexConfig
    vocabulary: str = ""  # id of the file whose token embeddings are read; "" without words
    language_states: bool = False  # words come as the frozen base model's states, not as embeddings
    crop_ticks: int = 200
    batch_crops: int = 2
    words_dropout: float = 0.0  # share of crops without words
    sound_dropout: float = 0.0
    gain_share: float = 0.0  # share of crops whose microphone's gain moves
    voice_share: float = 0.0  # share of crops that are moved towards another session's voice
    silence_weight: float = 1.0  # of the ticks in which ends are told from pauses
    ahead_share: float = 0.3  # of voice activity ahead in the loss
    context_ticks: int = (
        50  # that a window of ``crop_ticks`` shares with the one before, in running
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageConfig(Optimisation):
    """Adapters of a base model and how they are trained."""

    name: str
    base: str  # id of the file of the base model
    rank: int = 16
    user_share: float = 0.3  # of the user's words, and of their ends, in the loss
    meant_share: float = 1.0  # of whether the user means the agent
    max_tokens: int = 384  # of a chat that are read at once
    batch_tokens: int = 1_536  # of a step, padding counted


AnyConfig: TypeAlias = TrainingConfig | LanguageConfig
_FLOOR: Final[TypeAdapter[AnyConfig]] = TypeAdapter(TrainingConfig)
_LANGUAGE: Final[TypeAdapter[AnyConfig]] = TypeAdapter(LanguageConfig)


def to_json(config: AnyConfig) -> dict[str, Any]:
    """The configuration as JSON values."""
    adapter = _FLOOR if isinstance(config, TrainingConfig) else _LANGUAGE
    values: dict[str, Any] = adapter.dump_python(config, mode="json")
    return values


def from_json(values: object) -> AnyConfig:
    """What ``to_json`` gave.

    Raises:
        BadInput: it is no configuration.
    """
    try:
        adapter = _LANGUAGE if isinstance(values, dict) and "base" in values else _FLOOR
        config = adapter.validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"expected a training's configuration, got {place}: {first['msg']}"
        ) from None
    # Pydantic passes over settings it does not know; settings that came later have their defaults.
    if not _holds(meant := to_json(config), values):
        raise BadInput(f"expected a training's configuration, such as {meant}, got {values}")
    return config


def _holds(meant: Any, values: Any) -> bool:
    """Whether everything in ``values`` stands in ``meant`` too."""
    if isinstance(meant, dict) and isinstance(values, dict):
        return all(key in meant and _holds(meant[key], value) for key, value in values.items())
    return bool(meant == values)

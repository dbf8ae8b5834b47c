"""How long to train, and how the learning rate goes: warm up, stay, decay to zero.

Law: the decay is a share of the budget, so that it begins in time whatever the machine's speed; a
checkpoint of the stable part can be decayed at any time by resuming it with a smaller budget.
Source: model.md section 5; Hu et al. 2024 (MiniCPM), arXiv 2404.06395, section 4.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Training ends when any of the limits is reached. With steps alone it is exactly repeatable."""

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        limits = [limit for limit in (self.minutes, self.steps) if limit is not None]
        if not limits or min(limits) <= 0:
            raise ValueError(f"expected minutes or steps above 0, got {self}")

    def spent(self, *, step: int, elapsed_s: float) -> float:
        """The share that is used up; 1 and more when it is over."""
        shares = []
        if self.minutes is not None:
            shares.append(elapsed_s / (60 * self.minutes))
        if self.steps is not None:
            shares.append(step / self.steps)
        return max(shares)


def rate_factor(*, step: int, spent: float, warmup_steps: int, decay_share: float) -> float:
    """The learning rate of a step as a share of its peak."""
    rising = min(1.0, (step + 1) / max(1, warmup_steps))
    falling = min(1.0, (1.0 - spent) / decay_share) if decay_share else 1.0
    return max(0.0, min(rising, falling))

"""What a tick's last position says: the floor, and who will sound in the next two seconds.

Law: heads return logits; turning them into probabilities is the caller's. Source: model.md section 1.
"""

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from hocket.protocol.floor import FLOORS

AHEAD_BINS: Final = 4  # 200, 400, 600, 800 ms wide


@dataclass(frozen=True, slots=True, kw_only=True)
class TickLogits:
    """Logits of T ticks."""

    floor_TC: Tensor  # over FLOORS
    user_ahead_TB: Tensor  # each bin on its own: sigmoid
    agent_ahead_TB: Tensor


class Heads(nn.Module):
    """The floor head and the voice-activity-ahead head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.floor = nn.Linear(width, len(FLOORS))
        self.ahead = nn.Linear(width, 2 * AHEAD_BINS)
        for head in (self.floor, self.ahead):
            # From zero, so that training begins at even odds.
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, hidden_TD: Tensor) -> TickLogits:
        """Hidden states of the last positions [T, D] to logits."""
        user_TB, agent_TB = self.ahead(hidden_TD).float().chunk(2, dim=-1)
        return TickLogits(
            floor_TC=self.floor(hidden_TD).float(), user_ahead_TB=user_TB, agent_ahead_TB=agent_TB
        )

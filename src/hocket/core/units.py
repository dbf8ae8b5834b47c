"""The units of session time. Law: a tick is 200 ms and nothing rounds it.

Tick ``k`` covers ``[0.2 k, 0.2 (k + 1))`` seconds of session time (docs/architecture.md).
"""

from typing import Final

TICK_MS: Final = 200
TICK_S: Final = 0.2
USER_RATE_HZ: Final = 16_000
TICK_USER_SAMPLES: Final = USER_RATE_HZ * TICK_MS // 1000


def tick_start_s(tick: int) -> float:
    """Start of a tick in seconds of session time, exact to the millisecond."""
    return tick * TICK_MS / 1000


def tick_samples(rate_hz: int) -> int:
    """Samples in one tick at a rate that 200 ms divides.

    Raises:
        ValueError: the rate gives no whole number of samples a tick.
    """
    samples, rest = divmod(rate_hz * TICK_MS, 1000)
    if rest:
        raise ValueError(f"expected a rate with whole samples in {TICK_MS} ms, got {rate_hz} Hz")
    return samples

"""Public figures of other systems, as their publishers gave them.

Law: nothing here was measured by us, and nothing is filled in: None was not published.
Source: metrics.md, "Where others stand".
"""

from dataclasses import dataclass
from typing import Final

TAU_VOICE: Final = "τ-voice, arXiv 2603.13686"
FDB_V1: Final = "Full-Duplex-Bench v1, arXiv 2503.04721"
NOTE: Final = (
    "Rows of others are public figures, not ours, and were measured on other audio and another task: "
    "τ-voice runs a customer-service task over simulated callers, Full-Duplex-Bench plays clips of its "
    "own; our scenes are shorter. The definitions are the same, but that with us a silence of up to 0.4 s "
    "is a pause of the voice and no yield. Like can be held against like only among engines run here."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """One system. Shares, but for the gap in seconds."""

    system: str
    source: str
    gap_s: float | None = None
    yields: float | None = None  # R_Y
    backchannels: float | None = None  # S_BC
    tics: float | None = None  # S_VT
    others: float | None = None  # S_ND
    least: float | None = None
    pauses: float | None = None  # taken over


def _tau(system: str, gap_s: float, *rates: float) -> Public:
    yields, backchannels, tics, others, least = rates
    return Public(
        system=system,
        source=TAU_VOICE,
        gap_s=gap_s,
        yields=yields,
        backchannels=backchannels,
        tics=tics,
        others=others,
        least=least,
    )


PUBLIC: Final = (
    _tau("GPT-Live-1", 2.54, 0.36, 0.99, 0.59, 0.46, 0.36),
    _tau("GPT-realtime-2", 1.94, 1.00, 0.01, 0.11, 0.20, 0.01),
    _tau("Gemini 3.1 flash live, high", 3.15, 0.50, 0.94, 0.62, 0.43, 0.43),
    _tau("Grok voice 2.0", 1.71, 0.97, 0.47, 0.33, 0.28, 0.28),
    _tau("Qwen3.5-omni-plus", 1.70, 0.90, 0.84, 0.36, 0.15, 0.15),
    _tau("LiveKit cascade", 4.24, 0.99, 0.67, 0.49, 0.58, 0.49),
    Public(system="TML-Interaction-Small", source=FDB_V1, gap_s=0.40),
    Public(system="Moshi", source=FDB_V1, gap_s=0.27, pauses=0.98),
)

"""When people speak: the distributions that scripts draw their gaps and pauses from.

Law: every number stands here, once, with its source. Drawing takes a seeded generator.
Source: gaps between turns: Stivers et al. 2009 (ten languages, median near 200 ms), Levinson and
Torreira 2015; overlapping starts (about 40 % of changes) are drawn apart (scenes.py, staging.py).
Pauses inside turns: log-normal about half a second with a tail beyond two, as silent pauses of talkers are
(Campione and Veronis 2002, Heldner and Edlund 2010); so waiting is evidence, as it is with people
(docs/decisions/0040).
"""

from dataclasses import dataclass
from math import erf, log, sqrt
from typing import Final

import numpy as np

from hocket.core.units import USER_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """A log-normal time in seconds; draws are held within [low_s, high_s]."""

    median_s: float
    sigma: float
    low_s: float = 0.0
    high_s: float = 60.0

    def draw_s(self, rng: np.random.Generator) -> float:
        """One time in seconds."""
        drawn = self.median_s * float(np.exp(self.sigma * rng.standard_normal()))
        return min(max(drawn, self.low_s), self.high_s)

    def cdf(self, time_s: float) -> float:
        """Share of times up to ``time_s``, bounds left out of account."""
        if time_s <= 0:
            return 0.0
        return 0.5 * (1 + erf(log(time_s / self.median_s) / (self.sigma * sqrt(2))))


ANSWER_GAP: Final = LogNormal(median_s=0.2, sigma=0.6, high_s=1.2)
USER_GAP: Final = LogNormal(median_s=0.5, sigma=0.6, low_s=0.25, high_s=2.0)  # after the agent
PAUSE: Final = LogNormal(median_s=0.55, sigma=0.6, low_s=0.25, high_s=2.5)
GOING_ON_S: Final = (0.5, 1.2)  # the user adds a sentence to a finished one
LONG_SILENCE_S: Final = (3.0, 10.0)
SLOW_ANSWER_S: Final = (0.8, 3.2)  # an agent that misses the moment, as an untrained one does
LATE_ANSWER_S: Final = 3.0  # of an evaluation's agent: later than any start that is judged


def uniform_s(rng: np.random.Generator, bounds_s: tuple[float, float]) -> float:
    """A time between two bounds."""
    return float(rng.uniform(*bounds_s))


def samples(time_s: float) -> int:
    """A time in samples of the user lane, to the nearest."""
    return round(time_s * USER_RATE_HZ)

"""Places a live user's chunks on session time.

Law: sound that begins anew stands where it came (silence goes in front of it), and a lead that late
bursts or a fast clock built up is taken back in silence only. No clock is read. Without the first, a
microphone that starts in mid-tick would be up to 80 ms late for ever (each tick would wait its grace);
without the second, one network hiccup would delay every later answer.
"""

from typing import Final

import numpy as np

from hocket.audio.levels import rms_db
from hocket.core.units import USER_RATE_HZ
from hocket.engine.port import Float32

BEGINS_ANEW_S: Final = 0.2  # a pause longer than any jitter that the grace of a tick forgives
LEAD_S: Final = (0.1, 1.0)  # less is jitter; more is a client that sends a recording at once
QUIET_DB: Final = -50.0  # two chunks below it in a row hold no speech


class Intake:
    """One session's way in."""

    def __init__(self, *, sheds: bool = False) -> None:
        """``sheds``: take a lead back (for a microphone; a recording sent at once keeps its pauses)."""
        self._sheds = sheds
        self._last_s = -1.0
        self._was_quiet = False
        self.shed_samples = 0
        self.placed_samples = 0  # silence put in front

    def place(
        self, samples_S: Float32, *, now: float, tick_start: float, pending: int
    ) -> tuple[Float32, ...]:
        """Pieces to hand on for a chunk that came ``now``.

        ``pending`` samples wait already, the first of them for the tick that starts at ``tick_start``.
        """
        begins, self._last_s = now - self._last_s > BEGINS_ANEW_S, now
        elapsed = int((now - tick_start) * USER_RATE_HZ)
        lead = pending + len(samples_S) - elapsed
        if begins and not pending and lead < 0:
            self.placed_samples -= lead
            return np.zeros(-lead, np.float32), samples_S
        quiet = rms_db(samples_S) < QUIET_DB
        shed = self._sheds and quiet and self._was_quiet
        self._was_quiet = quiet
        if shed and LEAD_S[0] * USER_RATE_HZ < lead < LEAD_S[1] * USER_RATE_HZ:
            self.shed_samples += len(samples_S)
            return ()
        return (samples_S,)

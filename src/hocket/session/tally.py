"""Counting: the present tick's clock and costs, and the totals of the session."""

from statistics import median

import numpy as np

from hocket.core.units import TICK_S, tick_start_s
from hocket.protocol.score import DECIMALS, ComputeMs, ScoreTotals

TURN_GAP_S = 8.0  # an answer that comes later than this after the user answers nothing


class Tally:
    """What a session counts. One instance a session."""

    def __init__(self) -> None:
        self.dropped_samples = 0
        self.samples_without_permit = 0
        self._clock_s: list[float] = []
        self._compute_ms: list[float] = []
        self._ticks_ms: list[float] = []
        self._deadline_misses = 0
        self._responses: list[float] = []
        self._answered_s: float | None = None

    def begin(self, now: float) -> None:
        """A tick's compute begins."""
        self._clock_s, self._compute_ms = [now], []

    def stage(self, compute_ms: float, now: float) -> None:
        """A stage came back. Rounded as the score keeps it, so that a replay counts the same."""
        self._clock_s.append(now)
        self._compute_ms.append(round(compute_ms, DECIMALS))

    def finish(self, tick: int) -> tuple[ComputeMs, tuple[float, float, float, float], float]:
        """Costs and times of the tick, and by how many ms it missed its deadline (0 if it did not).

        A tick's answer must be there before the next tick's audio is complete.
        """
        hear, think, voice = self._compute_ms
        self._ticks_ms.append(hear + think + voice)
        late_ms = max(0.0, (self._clock_s[-1] - tick_start_s(tick + 1) - TICK_S) * 1000)
        self._deadline_misses += late_ms > 0
        began, heard, thought, sounded = self._clock_s
        compute = ComputeMs(hear=hear, think=think, voice=voice)
        return compute, (began, heard, thought, sounded), late_ms

    def response(self, last_speech_s: float | None, onset_s: float) -> float | None:
        """An onset of ours: the gap to the user's last speech if it answers speech not answered yet."""
        if last_speech_s is None or last_speech_s == self._answered_s:
            return None
        self._answered_s = last_speech_s
        gap_s = onset_s - last_speech_s
        if gap_s > TURN_GAP_S:
            return None
        self._responses.append(gap_s)
        return gap_s

    def totals(self, *, sent: int, played: int) -> ScoreTotals:
        """The last line of the score."""
        ticks = self._ticks_ms or [0.0]
        p50, p95, p99 = (float(x) for x in np.percentile(ticks, [50, 95, 99]))
        return ScoreTotals(
            ticks=len(self._ticks_ms),
            duration_s=tick_start_s(len(self._ticks_ms)),
            responses=tuple(self._responses),
            response_gap_median_s=median(self._responses) if self._responses else None,
            deadline_misses=self._deadline_misses,
            samples_sent=sent,
            samples_played=played,
            samples_without_permit=self.samples_without_permit,
            dropped_samples=self.dropped_samples,
            compute_ms_p50=p50,
            compute_ms_p95=p95,
            compute_ms_p99=p99,
            compute_ms_max=max(ticks),
        )

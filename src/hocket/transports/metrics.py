"""Counters of a server, for Prometheus.

Law: everything that a session could hide is counted: missed deadlines, sound dropped, sound that ran
dry, sessions refused. The registry is the server's own, so two servers in one process do not mix.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hocket.core.units import USER_RATE_HZ
from hocket.protocol.score import ScoreTick

STAGE_BUCKETS_S: Final = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
GAP_BUCKETS_S: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)


class Metrics:
    """One server's counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._stage = Histogram(
            "hocket_stage_seconds",
            "Compute of one stage of a tick",
            ["stage"],
            buckets=STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self._tick = Histogram(
            "hocket_tick_seconds",
            "Compute of a whole tick",
            buckets=STAGE_BUCKETS_S,
            registry=self.registry,
        )
        self._gap = Histogram(
            "hocket_response_gap_seconds",
            "From the end of the user's speech to the first sample of the answer",
            buckets=GAP_BUCKETS_S,
            registry=self.registry,
        )
        self._ticks = self._counter("ticks", "Ticks computed")
        self._misses = self._counter("deadline_misses", "Ticks answered after their 200 ms")
        self._missing = self._counter("user_audio_missing_seconds", "User audio that did not come")
        self._dropped = self._counter(
            "user_audio_dropped_seconds", "User audio too fast to be heard"
        )
        self._underruns = self._counter("underruns", "Our sound ran dry while speaking")
        self._refused = self._counter("sessions_refused", "Sessions refused for want of head-room")
        self._ended = Counter(
            "hocket_sessions_ended", "Sessions by how they ended", ["how"], registry=self.registry
        )
        self._open = Gauge("hocket_sessions_open", "Sessions running", registry=self.registry)
        self._limit = Gauge(
            "hocket_sessions_limit", "Sessions that fit, as measured", registry=self.registry
        )

    def tick(self, line: ScoreTick) -> None:
        """A tick of any session is over."""
        compute = line.compute_ms
        self._ticks.inc()
        self._stage.labels("hear").observe(compute.hear / 1000)
        self._stage.labels("think").observe(compute.think / 1000)
        self._stage.labels("voice").observe(compute.voice / 1000)
        self._tick.observe(compute.total / 1000)
        for event in line.events:
            detail = event.detail
            match event.kind:
                case "deadline_missed":
                    self._misses.inc()
                case "audio_missing":
                    self._missing.inc(_number(detail["samples"]) / USER_RATE_HZ)
                case "audio_dropped":
                    self._dropped.inc(_number(detail["samples"]) / USER_RATE_HZ)
                case "response":
                    self._gap.observe(_number(detail["to_s"]) - _number(detail["from_s"]))
                case _:
                    pass

    def opened(self) -> None:
        """A session began."""
        self._open.inc()

    def closed(self, how: str, *, underruns: int, shed_samples: int) -> None:
        """A session ended: ``how`` is one of a few words."""
        self._open.dec()
        self._ended.labels(how).inc()
        self._underruns.inc(underruns)
        self._dropped.inc(shed_samples / USER_RATE_HZ)

    def refused(self) -> None:
        """A session was refused."""
        self._refused.inc()

    def text(self, *, limit: int) -> bytes:
        """The page that Prometheus reads."""
        self._limit.set(limit)
        return generate_latest(self.registry)

    def _counter(self, name: str, about: str) -> Counter:
        return Counter(f"hocket_{name}", about, registry=self.registry)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0

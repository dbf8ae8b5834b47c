"""What every figure means in one line, which way is better, and what is aimed at.

Law: a figure without a definition is not printed as if it had one; a test holds this table against all
figures that the metrics give. Targets are judged by the value alone, whatever its interval.
Source: metrics.md, definitions and "Targets".
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Better(StrEnum):
    """Which way is better, as it is printed."""

    HIGHER = "↑"
    LOWER = "↓"
    NEITHER = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One figure."""

    words: str
    better: Better = Better.NEITHER
    target: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether there is a target and the value reaches it."""
        if self.target is None or self.better is Better.NEITHER:
            return False
        return value >= self.target if self.better is Better.HIGHER else value <= self.target


def _up(words: str, target: float | None = None) -> Definition:
    return Definition(words=words, better=Better.HIGHER, target=target)


def _down(words: str, target: float | None = None) -> Definition:
    return Definition(words=words, better=Better.LOWER, target=target)


_TURNS: Final = {
    "takeover": _up("turns with an answer due that the agent took over: ≥ 1 s, or > 3 words"),
    "answered": _up(
        "turns with an answer due that got one, be it a word that is no acknowledgment"
    ),
    "gap_median_s": _down(
        "end of the user's turn to the agent's first sample, over turns taken; < 0 is overlap", 0.30
    ),
    "gap_p90_s": _down("the same, 9 in 10 are sooner", 0.60),
    "gap_all_median_s": _down(
        "over all turns, to the first reply, however short; one that never came is infinite"
    ),
    "gap_over": _down("turns taken more than 0.2 s before their end: talked over", 0.02),
    "gap_soon": _up("turns taken within 0 to 0.4 s"),
    "takeover_unfinished": _down("turns broken off, no answer due, taken over all the same"),
    "pause_takeover": _down("pauses inside a turn in which a takeover begins", 0.05),
    "pauses_broken": _down(
        "pauses in which anything but a backchannel begins, however short", 0.05
    ),
    "false_start": _down("turns into whose running speech a takeover begins"),
    "turns_broken": _down(
        "turns before whose end anything but a backchannel begins, however short, in pauses or speech"
    ),
    "withdrawn": _up(
        "starts inside a turn after which the agent is silent within 1 s of the user's going on"
    ),
    "misfire": _down("turns that change their meaning, answered before the change"),
}
_ANSWERS: Final = {
    "content_gap_median_s": _down("end of the turn to the first word that is no filler"),
    "content_gap_p90_s": _down("the same, 9 in 10 are sooner"),
    "filler_only": _down("openings that hold nothing but fillers"),
    "relevance": _up(
        "turns whose answer holds all that was expected, read back from the sound", 0.80
    ),
    "recovery_median_s": _down("end of a correction to the corrected content"),
    "wrong_never_voiced": _up("corrections after which the wrong plan was not voiced"),
}
_BACKCHANNELS: Final = {
    "backchannels_given": Definition(
        words="at most 2 words and under 1 s, a minute of user speech; cut-off answers count, as published"
    ),
    "backchannels_in_long_turns": Definition(
        words="the same, in turns of 6 s and more; our aim is 5 to 17"
    ),
    "acknowledgments_given": Definition(
        words="of nothing but acknowledgments, in all turns; people give about 17"
    ),
    "backchannel_timing": _down("distance of their timing from people's; silence scores 0.833"),
}
_OVERLAP: Final = {
    "interruption": _up("interruptions after which the agent stops within 2 s and responds"),
    "backchannel": _up("user backchannels at which the agent goes on"),
    "side": _up("talk to somebody else at which the agent goes on"),
    "background": _up("background speech at which the agent goes on"),
    "overlap_score": _up("mean of the four scenes"),
    "stop_latency_median_s": _down(
        "user's onset to the last sample of the agent that was played", 0.40
    ),
    "stop_latency_p95_s": _down("the same, 19 in 20 are sooner", 0.80),
}
_SELECTIVITY: Final = {
    "R_R": _up("user turns that get a response"),
    "L_R": _down("mean time from the end of a user's turn to the agent's start"),
    "R_Y": _up("real interruptions after which the agent stops within 2 s", 0.95),
    "L_Y": _down("mean time to stop in those"),
    "I_A": _down("agent starts while the user speaks, by user turns", 0.05),
    "S_BC": _up("user backchannels to which the agent does not yield within 1 s", 0.95),
    "S_VT": _up("coughs, laughs, “um” to which it neither yields (1 s) nor responds (2 s)", 0.90),
    "S_ND": _up("speech not meant for it to which it neither yields nor responds", 0.85),
    "S_noise": _up("noise bursts to which it neither yields nor responds"),
    "min": _up("the least of R_Y, S_BC, S_VT, S_ND"),
    "S_undisturbed": Definition(
        words="moments of undisturbed speech the voice's own pauses let pass: no rate can be better"
    ),
    "S_BC_late_stops": _down("backchannels with a stop between 1.0 and 2.5 s: escapes S_BC"),
    "S_VT_late_stops": _down("tics with a stop between 1.0 and 2.5 s: escapes S_VT"),
    "S_ND_late_stops": _down("speech for others with a stop between 1.0 and 2.5 s: escapes S_ND"),
    "S_noise_late_stops": _down("noises with a stop between 1.0 and 2.5 s: escapes S_noise"),
}
_TIMING: Final = {
    "hit_rate": _up("wishes met with the right content and a start in the window, mean over cases"),
    "false_alarm_penalty": _down("things said outside all windows, by wishes, at most 1"),
    "timing_score": _up("hit rate less penalty", 0.90),
    "off_window_p90_s": _down("how far wished content began from its window; 9 in 10 are nearer"),
}
_DELEGATION: Final = {
    "dead_air_median_s": _down("longest silence of both sides while a job runs"),
    "dead_air_p95_s": _down("the same, 19 in 20 are shorter"),
    "result_to_voice_median_s": _down("a job's result to its content in the lane"),
    "stale_results_voiced": _down("results told that were stale or cancelled", 0),
    "told_before_result": _down("content told before the result existed", 0),
    "duplicate_jobs": _down("jobs asked for twice"),
}
_STAGES: Final = {
    "hear": "compute of the ears a tick",
    "think": "compute of the model a tick",
    "voice": "compute of the voice a tick",
    "total": "compute of a tick, all stages",
}
_RUNTIME: Final = {
    **{
        f"{stage}_{q}_ms": _down(f"{words}, {q}")
        for stage, words in _STAGES.items()
        for q in ("p50", "p95", "p99", "max")
    },
    "sessions_held": _up("sessions at once in one server without a late tick"),
    "rss_per_session_mb": _down("memory that each further session takes, MB"),
    "soak_cost_last_to_first": _down(
        "cost of a tick in a long session's last tenth, by the first's"
    ),
    "soak_rss_growth_mb": _down("memory that a long session gains after its first tenth, MB"),
    "soak_deadline_misses": _down("late ticks of a long session", 0),
    "deadline_misses": _down("ticks answered after the next tick's audio was complete"),
    "output_gap_p95_ms": _down("time between neighbouring outputs of sound"),
    "output_gap_max_ms": _down("the same, the longest"),
    "output_jitter_p95_ms": _down("how far those times are from a tick's 200 ms"),
}
_GOVERNANCE: Final = {
    "samples_without_permit": _down(
        "samples sent in ticks that did not allow them; N counts ticks", 0
    ),
    "samples_against_orders": _down("samples played against mute, stop or mode; N counts ticks", 0),
    "wishes_refused": Definition(words="ticks in which the permit denied what the engine asked"),
    "decisions_without_reason": _down("ticks whose permit names no rule or no reason", 0),
    "replay_differences": _down("ticks that a replay found different", 0),
    "side_effects_uncommitted": _down("side effects before a commit point", 0),
    "stop_to_silence_median_s": _down("stop or mute to the last sample of what sounded"),
    "stop_to_silence_max_s": _down("the same, the longest"),
}
DEFINITIONS: Final[dict[str, Definition]] = {
    **_TURNS,
    **_ANSWERS,
    **_BACKCHANNELS,
    **_OVERLAP,
    **_SELECTIVITY,
    **_TIMING,
    **_DELEGATION,
    **_RUNTIME,
    **_GOVERNANCE,
}


def definition_of(name: str) -> Definition:
    """The figure's definition, or an empty one."""
    return DEFINITIONS.get(name, Definition(words=""))

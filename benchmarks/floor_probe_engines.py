"""What is compared: each engine as scores a tick, for starting to speak and for stopping.

Law: an engine with several knobs has several settings, each a list of scores over the same cases; what
is swept within a setting is the threshold. All are charged the same 0.1 s of compute (cases.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.floor_probe_detectors import ASK_MS, Detected
from hocket.data.pack import SessionTicks
from hocket.evaluation.cases import Case
from hocket.evaluation.curves import Family, Judged, Pauses
from hocket.evaluation.intervals import Float
from hocket.evaluation.silences import with_timeout
from hocket.evaluation.takeovers import judge, thresholds_of
from hocket.protocol.floor import FLOORS, Floor

END_MS = (*range(600, 1300, 100), 1400, 1600, 1800, 2000, 2500, 3000)
TIMEOUTS_MS = np.arange(100, 2001, 20).astype(np.float64)
SPEAK, HOLD, YIELD = (FLOORS.index(floor) for floor in (Floor.SPEAK, Floor.HOLD, Floor.YIELD))


CHOICES = (
    Pauses(),
    Pauses(shortest_s=0.5),
    Pauses(shortest_s=1.0),
    Pauses(inside_sentences=True),
    Pauses(shortest_s=0.5, inside_sentences=True),
)
SMART_TURN = "smart-turn v3.2"
FEWEST = 10  # no rate is shown over fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One thing that decides, with its scores over some cases."""

    name: str
    settings: tuple[str, ...]
    starts: tuple[list[Float], ...]  # for each setting a score of each case
    thresholds: Float | None = None  # what to sweep; None: as the scores lie
    base: str = ""  # the engine that it extends
    stops_name: str = ""  # of the rule that stops, where it is another
    stops: list[Float] | None = None  # how much each tick speaks for giving up the floor
    holds: list[Float] | None = None  # the same, pausing counted in

    def family(self, cases: Sequence[Case]) -> Family:
        """Its settings, judged."""
        return [Judged(judge(cases, one, self._swept(cases, one))) for one in self.starts]

    def _swept(self, cases: Sequence[Case], scores: list[Float]) -> Float:
        return thresholds_of(cases, scores) if self.thresholds is None else self.thresholds


def choices_of(family: Family) -> list[Pauses]:
    """Which choices of pauses hold enough of them, and say something of their own."""
    all_inside = family[0].takeovers.pause_inside_P.all()
    return [
        choice
        for choice in CHOICES
        if family[0].n_pauses(choice) >= FEWEST and not (choice.inside_sentences and all_inside)
    ]


def timeout(heard: Sequence[Detected]) -> Engine:
    """Silence of a set length ends a turn; speech of a set length interrupts."""
    return Engine(
        name="silence timeout",
        settings=("end_ms",),
        starts=([one.silences.silence_ms_T for one in heard],),
        thresholds=TIMEOUTS_MS,
        stops_name="speech length (cascade-vad)",
        stops=[one.silences.speech_ms_T for one in heard],
    )


def smart_turn(heard: Sequence[Detected]) -> Engine:
    """A detector asked in each silence, and a timeout when it says no."""
    knobs = [(ask_ms, end_ms) for ask_ms in ASK_MS for end_ms in END_MS]
    return Engine(
        name=SMART_TURN,
        settings=tuple(f"ask {ask_ms} ms, end {end_ms} ms" for ask_ms, end_ms in knobs),
        starts=tuple([_smart(one, ask_ms, end_ms) for one in heard] for ask_ms, end_ms in knobs),
    )


def _smart(heard: Detected, ask_ms: int, end_ms: int) -> Float:
    silences = heard.silences
    return with_timeout(silences.answers(heard.asked[ask_ms]), silences.silence_ms_T, end_ms)


def model(
    name: str, checkpoint: Path, sessions: Sequence[SessionTicks], *, words: Path | None = None
) -> Engine:
    """A trained floor head: p(speak) starts, p(yield) stops. ``words``: what tells it of signs."""
    # Only a model needs torch: the baselines run without it.
    from hocket.training.predict import Predictor

    predict = Predictor.load(checkpoint, words=words)
    p = [np.asarray(predict(session).p_T5, np.float64) for session in sessions]
    return Engine(
        name=name,
        settings=("p(speak)",),
        starts=([p_T5[:, SPEAK] for p_T5 in p],),
        stops=[p_T5[:, YIELD] for p_T5 in p],
        holds=[p_T5[:, YIELD] + p_T5[:, HOLD] for p_T5 in p],
    )


def backed(engine: Engine, heard: Sequence[Detected]) -> Engine:
    """A trained engine with a timeout as the last word, as smart-turn has one."""
    (scores,) = engine.starts
    pairs = list(zip(scores, heard, strict=True))
    return Engine(
        name=f"{engine.name} + timeout",
        base=engine.name,
        settings=tuple(f"end {end_ms} ms" for end_ms in END_MS),
        starts=tuple(
            [with_timeout(p, one.silences.silence_ms_T, end_ms) for p, one in pairs]
            for end_ms in END_MS
        ),
    )

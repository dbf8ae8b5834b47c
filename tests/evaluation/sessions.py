"""Made-up cases: turns with pauses, and engines that know the truth."""

from dataclasses import replace

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES
from hocket.evaluation.cases import Case, Mark, input_ends
from hocket.evaluation.intervals import Float


def mark(kind: str, start_s: float, end_s: float) -> Mark:
    return Mark.of({"kind": kind, "start_s": start_s, "end_s": end_s})


def case(name: str, n_ticks: int, *marks: Mark, running: tuple[int, int] = (0, 0)) -> Case:
    running_T = np.zeros(n_ticks, np.bool_)
    running_T[slice(*running)] = True
    return Case(id=name, marks=marks, running_T=running_T)


def random_case(seed: int, *, n_turns: int = 3) -> Case:
    """Turns of 3 to 6 s with one pause each, and 3.2 s of silence after every one."""
    rng = np.random.default_rng(seed)
    marks, now = [], 1.0
    for _ in range(n_turns):
        pause = now + rng.uniform(0.5, 2.5)
        resume = pause + rng.uniform(0.45, 1.6)
        end = resume + rng.uniform(0.6, 2.0)
        now = end + 3.2
        marks += [mark("pause", pause, resume), mark("turn_end", end, now)]
    return case(f"case {seed}", int(now / 0.2) + 1, *marks)


def shifted(one: Case, ticks: int) -> Case:
    """The same session with silence of that many ticks before it."""
    by = ticks * TICK_USER_SAMPLES
    marks = tuple(replace(m, start=m.start + by, end=m.end + by) for m in one.marks)
    before = np.zeros(ticks, np.bool_)
    return Case(id=one.id, marks=marks, running_T=np.concatenate([before, one.running_T]))


def inside(one: Case, kind: str) -> Float:
    """1 in the ticks whose input ends inside a mark of that kind."""
    ends_T = input_ends(len(one))
    hits = [(ends_T > m.start) & (ends_T <= m.end) for m in one.of_kind(kind)]
    found: Float = np.any(hits, axis=0).astype(np.float64)
    return found

"""What the selectivity rates would be if nothing had been said: the voice's own pauses.

Law: the same stop, looked for in the same window, at moments of the agent's speech that no sound of the
user is near. No rate can be better than this one on the same lanes; it is printed beside them.
Source: Piper was measured to pause 0.2 to 0.36 s between phrases, now and then more than 0.4 s.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from hocket.core.units import USER_RATE_HZ
from hocket.evaluation.lanes import Stretch, samples
from hocket.evaluation.metrics.exchange import OURS, Exchange, Windows
from hocket.evaluation.metrics.figure import Case, Figure, share

STEP: Final = USER_RATE_HZ // 2  # between moments looked at
PAUSE: Final = USER_RATE_HZ * 3 // 2  # a longer silence is the end of what was said


def undisturbed(exchanges: Sequence[Exchange], *, windows: Windows = OURS, seed: int = 0) -> Figure:
    """Share of moments of undisturbed speech behind which the agent speaks on.

    A run that is not taken up again within 1.5 s, or only after a sound of the user, has ended and
    says nothing of pauses.
    """
    cases = [
        Case(scene=exchange.id, value=float(goes_on))
        for exchange in exchanges
        for goes_on in moments(exchange, windows)
    ]
    return share("S_undisturbed", cases, seed=seed)


def moments(exchange: Exchange, windows: Windows) -> Iterator[bool]:
    """For each moment whether the run goes on beyond the window of a wrong yield."""
    window, before = samples(windows.yield_s), samples(windows.stop_s)
    runs, length = exchange.runs(windows), samples(exchange.length_s)
    sounds = sorted((s.start, s.end) for s in exchange.user if s.heard)
    for run, after in zip_longest(runs, runs[1:]):
        resumed = after is not None and _is_pause(run[1], after[0], sounds)
        for at in range(run[0], min(run[1], length - window), STEP):
            near = any(start < at + window and end > at - before for start, end in sounds)
            goes_on = at + window <= run[1]
            if not near and (goes_on or resumed):
                yield goes_on


def _is_pause(end: int, start: int, sounds: Sequence[Stretch]) -> bool:
    return start - end <= PAUSE and not any(end <= first < start for first, _ in sounds)

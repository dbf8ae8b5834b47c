"""A pack from which one thing cannot be learned: what is that kind of data worth?

    python -m benchmarks.leave_out interruptions|echo PACK --out PACK

``interruptions``: the floor's loss has no weight from the onset of each until 2 s behind its end, so that
nothing says what to do in one. ``echo``: sessions in which the agent's own sound comes back to the
microphone are left out. Train on it, and judge with ``benchmarks.thresholds`` and ``benchmarks.own_sound``.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hocket.core.units import TICK_S
from hocket.data.pack import Pack, PackWriter, SessionTicks

BEHIND_S: Final = 2.0  # within which the bench expects an agent to give way


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("interruptions", "echo"))
    parser.add_argument("pack", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pack = Pack(options.pack)
    with PackWriter(options.out) as writer:
        for session in pack:
            if options.what == "interruptions":
                writer.add(without_interruptions(session))
            elif session.about["echo_db"] is None:
                writer.add(session)
        writer.finish({**pack.about, "left_out": options.what})


def without_interruptions(session: SessionTicks) -> SessionTicks:
    """The same ticks; those in and behind interruptions have no weight."""
    weight_T = session.weight.copy()
    for mark in session.about["marks"]:
        if mark["kind"] == "interruption":
            weight_T[ticks_of(mark)] = 0
    return replace(session, weight=weight_T)


def ticks_of(sound: Mapping[str, Any]) -> slice:
    """The ticks of a session in which a sound is heard or may be answered."""
    first, last = sound["start_s"], sound["end_s"] + BEHIND_S
    return slice(max(0, int(first / TICK_S)), int(last / TICK_S) + 1)


if __name__ == "__main__":
    main()

"""Results of several commands in one: suites and engines side by side, curves and peers kept.

Law: only results of the same seed, size, split and charge of compute come together; what is measured
again takes the place of what was there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hocket.core.errors import BadInput
from hocket.evaluation.results import BenchResult, Curve, PeerResult

SAME: Final = ("seed", "size", "split", "compute")


def merged(path: Path, result: BenchResult) -> BenchResult:
    """The result with what stands in the file, if there is one.

    Raises:
        BadInput: the file holds no result, or one that cannot stand beside this one.
    """
    if not path.exists():
        return result
    kept = BenchResult.read(path)
    if different := [name for name in SAME if getattr(kept, name) != getattr(result, name)]:
        raise BadInput(
            f"expected a result of the same {', '.join(different)} in {path}; "
            "give another --json or remove it"
        )
    every = {engine.id: engine for engine in kept.engines}
    for engine in result.engines:
        before = every.get(engine.id)
        suites = {**(before.suites if before else {}), **engine.suites}
        every[engine.id] = engine.model_copy(update={"suites": suites})
    commands = dict.fromkeys([*kept.command.split("; "), result.command])
    return result.model_copy(
        update={
            "engines": tuple(every.values()),
            "curves": kept.curves,
            "peers": kept.peers,
            "minutes": round(kept.minutes + result.minutes, 2),
            "command": "; ".join(commands),
        }
    )


def with_curves(result: BenchResult, curves: Sequence[Curve]) -> BenchResult:
    """The result with these curves in the place of the same engines'."""
    every = {curve.engine: curve for curve in (*result.curves, *curves)}
    return result.model_copy(update={"curves": tuple(every.values())})


def with_peer(result: BenchResult, peer: PeerResult) -> BenchResult:
    """The result with a peer's figures in the place of the same instrument's on that engine."""
    every = {(p.instrument, p.engine): p for p in (*result.peers, peer)}
    return result.model_copy(update={"peers": tuple(every.values())})

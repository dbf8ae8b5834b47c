"""Can a small model hear the end of a turn, and tell an interruption from a nod?

    python -m benchmarks.floor_probe [--packs FOLDER ...] [--checkpoint NAME=FOLDER ...]
        [--trained-on PACK ...] [--json FILE] [--plots FOLDER]

Every checkpoint, a swept silence timeout and smart-turn v3.2 over its settings decide tick by tick over
evaluation packs (``hocket synthesize``): pauses broken against response gap, and how soon a score tells
interruptions from backchannels, noise, tics and talk to somebody else. Intervals: 95 %, sessions resampled.
Sessions of voices that a pack of ``--trained-on`` holds are left out: a reader is judged by those who never
heard them.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.floor_probe_detectors import Detectors
from benchmarks.floor_probe_engines import (
    FEWEST,
    SMART_TURN,
    Engine,
    backed,
    choices_of,
    model,
    smart_turn,
    timeout,
)
from benchmarks.result import write
from hocket.data.pack import Pack, SessionTicks
from hocket.evaluation.cases import BYSTANDERS, INTERRUPTION, PAUSE, TURN_END, Case, case_of
from hocket.evaluation.curves import (
    AREA_SHARES,
    READ_AT,
    Family,
    Pauses,
    Readings,
    operating_point,
    read,
)
from hocket.evaluation.intervals import wilson
from hocket.evaluation.roc import (
    Events,
    auc_over_time,
    decide,
    events_of,
    threshold_for,
)
from hocket.protocol.floor import FLOORS, Floor
from hocket.weights.store import data_folder

DEFAULT_PACKS = ("probe-test", "probe-engine", "probe-readers")
LISTEN = FLOORS.index(Floor.LISTEN)
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSet:
    """Sessions of one kind, as cases, with their lanes."""

    name: str
    sessions: list[SessionTicks]
    cases: list[Case]
    lanes: list[Path]

    def counts(self) -> dict[str, Any]:
        kinds = (PAUSE, TURN_END, INTERRUPTION, *BYSTANDERS)
        voices = {str(session.about.get("voice")) for session in self.sessions}
        return {
            "sessions": len(self.cases),
            "voices": len(voices),
            "hours": round(sum(len(case) for case in self.cases) * 0.2 / 3600, 2),
            **{kind: sum(len(case.of_kind(kind)) for case in self.cases) for kind in kinds},
        }


def sets_of(folders: Sequence[Path], trained_on: Sequence[Path]) -> list[TestSet]:
    """The sessions of all packs by their set, without the voices of the packs that trained."""
    known = {str(about["voice"]) for folder in trained_on for about in Pack(folder).sessions}
    found: dict[str, list[tuple[SessionTicks, Path]]] = {}
    for folder in folders:
        for session in Pack(folder):
            about = session.about
            if about["voice"] in known:
                continue
            lane = folder / "lanes" / f"{about['id']}.flac"
            found.setdefault(str(about["set"]), []).append((session, lane))
    return [
        TestSet(
            name=name,
            sessions=[session for session, _ in pairs],
            cases=[_case(session) for session, _ in pairs],
            lanes=[lane for _, lane in pairs],
        )
        for name, pairs in found.items()
    ]


def _case(session: SessionTicks) -> Case:
    return case_of(session.about, session.user_ahead[:, 0], session.floor == LISTEN)


def engines_of(tests: TestSet, checkpoints: dict[str, Path], detectors: Detectors) -> list[Engine]:
    heard = [
        detectors.hear(lane, len(case)) for lane, case in zip(tests.lanes, tests.cases, strict=True)
    ]
    trained = [model(name, folder, tests.sessions) for name, folder in checkpoints.items()]
    return [timeout(heard), smart_turn(heard), *trained, *(backed(one, heard) for one in trained)]


def turns_of(engines: Sequence[Engine], families: Sequence[Family]) -> dict[str, Any]:
    """Read-outs of each engine by which pauses count, with the area between it and smart-turn."""
    results: dict[str, Any] = {engine.name: {} for engine in engines}
    for pauses in choices_of(families[0]):
        readings = {
            engine.name: read(family, pauses, seed=SEED)
            for engine, family in zip(engines, families, strict=True)
        }
        for engine, family in zip(engines, families, strict=True):
            one = _read(engine, family, pauses, readings[engine.name])
            if engine.name != SMART_TURN:
                sooner, interval = readings[engine.name].sooner_than(readings[SMART_TURN])
                one["sooner_than_smart_turn_s"] = {"mean": sooner, **asdict(interval)}
            results[engine.name][pauses.name] = one
    return results


def _read(engine: Engine, family: Family, pauses: Pauses, readings: Readings) -> dict[str, Any]:
    return {
        "pauses": family[0].n_pauses(pauses),
        "ends": len(family[0].takeovers.end_session_E),
        "ends_left_out": family[0].takeovers.ends_left_out,
        "gap_median_s_at": {
            f"{share:.2f}": {"gap_s": gap, **asdict(interval)}
            for share, gap, interval in readings.at()
        },
        "points": {f"{share:.2f}": _point(engine, family, share, pauses) for share in READ_AT},
        "curve": {
            "pause_share": AREA_SHARES.tolist(),
            "gap_median_s": readings.found_X[len(READ_AT) :].tolist(),
        },
    }


def _point(engine: Engine, family: Family, share: float, pauses: Pauses) -> dict[str, Any] | None:
    point = operating_point(family, share, pauses)
    if point is None:
        return None
    n = family[0].n_pauses(pauses)
    interval = wilson(round(point.pause_share * n), n)
    return {
        **asdict(point),
        "setting": engine.settings[point.setting],
        "pause_share_interval": [interval.low, interval.high],
    }


def stops_of(events: Events) -> dict[str, Any] | None:
    """How well a score tells interruptions from the rest; None where there are too few."""
    n = int(events.positive.sum())
    if n < FEWEST or len(events.kinds) - n < FEWEST:
        return None
    aucs, intervals = auc_over_time(events, seed=SEED)
    found = decide(events, threshold_for(events))
    share = wilson(found.decided, n)
    return {
        "events": {kind: events.kinds.count(kind) for kind in (INTERRUPTION, *BYSTANDERS)},
        "auc_after_s": {
            f"{0.2 * (j + 1):.1f}": {"auc": auc, **asdict(interval)}
            for j, (auc, interval) in enumerate(zip(aucs, intervals, strict=True))
        },
        "at_most_10_percent_false": {
            **asdict(found),
            "decided_share": found.decided / n,
            "decided_interval": [share.low, share.high],
        },
    }


def measure(
    test_sets: Sequence[TestSet], checkpoints: dict[str, Path], detectors: Detectors
) -> tuple[dict[str, Any], dict[str, list[Engine]]]:
    results, engines_by_set = {}, {}
    for tests in test_sets:
        engines = engines_of(tests, checkpoints, detectors)
        families = [engine.family(tests.cases) for engine in engines]
        results[tests.name] = {
            "counts": tests.counts(),
            "turns": turns_of(engines, families) if _has_turns(families) else {},
            "yields": {
                f"{e.stops_name or e.name}{label}": stops_of(events_of(tests.cases, scores))
                for e in engines
                for label, scores in (("", e.stops), (", hold counted in", e.holds))
                if scores is not None
            },
        }
        engines_by_set[tests.name] = engines
    return results, engines_by_set


def _has_turns(families: Sequence[Family]) -> bool:
    return len(families[0][0].takeovers.end_session_E) >= FEWEST


def table(results: dict[str, Any]) -> str:
    """The read-outs for people."""
    lines = []
    for name, one in results.items():
        lines += ["", f"{name}: {one['counts']}"]
        for engine, by_pause in one["turns"].items():
            lines += [
                f"  {engine:<30}{pauses:<34}{_gaps(read)}" for pauses, read in by_pause.items()
            ]
        lines += [f"  {engine:<44}{_aucs(read)}" for engine, read in one["yields"].items() if read]
    return "\n".join(lines)


def _gaps(read: dict[str, Any]) -> str:
    gaps = "  ".join(
        f"{share}: {gap['gap_s']:.2f} s [{gap['low']:.2f}, {gap['high']:.2f}]"
        for share, gap in read["gap_median_s_at"].items()
    )
    area = read.get("sooner_than_smart_turn_s")
    sooner = (
        f"  sooner by {area['mean']:.2f} [{area['low']:.2f}, {area['high']:.2f}]" if area else ""
    )
    return f"N = {read['pauses']} pauses, {read['ends']} ends  {gaps}{sooner}{_costs(read)}"


def _costs(read: dict[str, Any]) -> str:
    """What a curve of medians hides, at a tenth of the pauses broken."""
    point = read["points"]["0.10"]
    if point is None:
        return ""
    return (
        f"; at .10: p90 {point['gap_p90_s']:.2f} s, answered {point['taken']:.2f}, talked over "
        f"{point['over']:.2f}, false starts {point['false_per_min']:.1f} a minute of speech"
    )


def _aucs(read: dict[str, Any]) -> str:
    aucs = " ".join(f"{after}: {one['auc']:.2f}" for after, one in read["auc_after_s"].items())
    at = read["at_most_10_percent_false"]
    return (
        f"AUC {aucs}; decided {at['decided_share']:.2f} of {at['n_interruptions']}, "
        f"median {at['time_median_s']:.2f} s"
    )


def plain(value: Any) -> Any:
    """For JSON: three decimals, None for what is infinite or unknown."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    packs = [data_folder() / "packs" / name for name in DEFAULT_PACKS]
    parser.add_argument("--packs", type=Path, nargs="+", default=packs)
    parser.add_argument("--checkpoint", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--trained-on", type=Path, nargs="*", default=[], metavar="PACK")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plots", type=Path)
    options = parser.parse_args()
    named = (one.split("=", 1) for one in options.checkpoint)
    checkpoints = {name: Path(folder) for name, folder in named}
    test_sets = sets_of(options.packs, options.trained_on)
    detectors = Detectors(data_folder() / "detectors")
    results, engines = measure(test_sets, checkpoints, detectors)
    write(options.json, "floor_probe", plain(results))
    print(table(results))
    if options.plots is not None:
        from benchmarks.floor_probe_plots import draw

        draw(test_sets, engines, options.plots)


if __name__ == "__main__":
    main()

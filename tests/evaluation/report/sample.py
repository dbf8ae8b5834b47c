"""A result of fake agents over truths made by hand, and their runs on disk."""

from functools import cache
from pathlib import Path

from hocket.evaluation.fake_agents import MANNERS, FakeAgent, perform
from hocket.evaluation.metrics import table
from hocket.evaluation.metrics.figure import Unit
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.results import (
    BenchResult,
    Curve,
    CurvePoint,
    EngineResult,
    PeerFigure,
    PeerResult,
    Shown,
    Status,
    SuiteResult,
    kept,
)
from hocket.evaluation.truth import Event, Kind, Truth, Voices
from hocket.protocol.score import ScoreLine, dumps_line
from tests.evaluation.metrics.hand_made import over, truth, turn

FAMILIES = {
    "turns": ("turns", "answers", "backchannels", "governance", "runtime"),
    "overlap": ("overlap",),
    "selectivity": ("selectivity",),
}


def scenes(suite: str, copies: int) -> list[Truth]:
    """Half of each suite's scenes in human voices; of them there are too few to show a rate."""
    found = []
    for i in range(copies):
        events: tuple[Event, ...]
        if suite == "turns":
            slots = (("paris",),)
            events = (turn(1.0, 5.0, (3.0, 3.5 + 0.02 * i), slots=slots, text="Where <is> | it?"),)
        else:
            kinds = [Kind.INTERRUPTION, Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE]
            at_s = 5.0 + 0.03 * i
            asked = turn(1.0, 3.0, text="Tell me a long story.", voice="flite/a")
            events = (asked, over(kinds[i % 4], at_s, at_s + 0.8, text="no wait", voice="flite/a"))
        one = truth(*events, scene=f"{suite}/plain/{i:03d}", suite=suite, length_s=12.0)
        voices = Voices.HUMAN if i % 6 == 5 else Voices.SYNTHETIC
        found.append(one.model_copy(update={"voices": voices}))
    return found


def suite_of(suite: str, manners: str, copies: int) -> SuiteResult:
    takes = [
        Take(truth=one, lane=perform(one, MANNERS[manners]).heard())
        for one in scenes(suite, copies)
    ]
    tables = {
        name: kept(table([t for t in takes if voices in (None, t.truth.voices)], FAMILIES[suite]))
        for name, voices in (("all", None), *((str(v), v) for v in Voices))
    }
    digest = f"5ce{len(suite):09d}"
    return SuiteResult(suite=suite, scenes_hash=digest, n_scenes=len(takes), tables=tables)


def engine_of(name: str, manners: str, copies: int, *without: str) -> EngineResult:
    kept_suites = ("turns",) if without else FAMILIES
    suites = {suite: suite_of(suite, manners, copies) for suite in kept_suites}
    suites["delegation"] = SuiteResult(
        suite="delegation", status=Status.NOT_SUPPORTED, why="this engine gives no jobs"
    )
    settings = {"end_ms": 500.0} if name == "oracle" else {}
    return EngineResult(engine=name, settings=settings, without=without, suites=suites)


def point(gap_s: float, pauses: float, *, chosen: bool = False) -> CurvePoint:
    def figure(name: str, unit: Unit, value: float) -> Shown:
        ends = (value * 0.8, value * 1.2)
        return Shown(name=name, unit=unit, value=value, n=60, interval=ends)

    figures = {
        "gap_median_s": figure("gap_median_s", Unit.SECONDS, gap_s),
        "pause_takeover": figure("pause_takeover", Unit.SHARE, pauses),
        "pauses_broken": figure("pauses_broken", Unit.SHARE, pauses * 1.2),
    }
    return CurvePoint(settings={"end_ms": gap_s * 1000}, figures=figures, chosen=chosen)


def curves() -> tuple[Curve, ...]:
    slow = [(0.45, 0.5), (0.62, 0.31), (0.85, 0.16), (1.1, 0.07), (1.4, 0.04), (float("inf"), 0.0)]
    soon = [(0.25, 0.4), (0.33, 0.22), (0.5, 0.12), (0.7, 0.13), (0.8, 0.03)]
    return tuple(
        Curve(
            engine=name,
            split="validation",
            scenes_hash="abc",
            rule="the least gap with at most .05 of pauses taken",
            points=tuple(point(g, p, chosen=i == 3) for i, (g, p) in enumerate(points)),
        )
        for name, points in (("oracle", soon), ("stops-for-everything", slow))
    )


@cache
def a_result(copies: int = 24) -> BenchResult:
    peer = PeerResult(
        instrument="voicebench 0.2.0",
        engine="oracle",
        command="voicebench run --all",
        date="2026-01-02",
        figures=(
            PeerFigure(name="p50_latency", value=512.0, unit="ms", n=20),
            PeerFigure(name="barge_in", value=None, unit="share", n=0, note="no such test"),
        ),
    )
    return BenchResult(
        command="hocket bench --seed 7",
        machine="a machine with two cores",
        date="2026-01-01",
        commit="0123abc",
        versions={"hocket": "0.1.0", "numpy": "2"},
        seed=7,
        size="quick",
        split="test",
        compute="a constant 60 ms a tick",
        minutes=4.25,
        missing=("kokoro <voices>",),
        engines=(
            engine_of("oracle", "oracle", copies),
            engine_of("stops-for-everything", "stops-for-everything", copies),
            engine_of("silent", "silent", copies),
            engine_of("oracle", "talks-in-pauses", copies, "words"),
        ),
        curves=curves(),
        peers=(peer,),
    )


def a_run(folder: Path, one: Truth, manners: str) -> None:
    """What the runner leaves of a scene; its sounds are empty."""
    folder.mkdir(parents=True)
    agent = FakeAgent(MANNERS[manners])
    n_ticks = int(one.length_s / 0.2)
    for tick in range(n_ticks):
        agent.step(tick, one.events)
    score = agent.score(n_ticks)
    lines: list[ScoreLine] = [score.header, *score.ticks]
    (folder / "score.jsonl").write_text("".join(f"{dumps_line(line)}\n" for line in lines))
    (folder / "truth.json").write_text(one.model_dump_json())
    for name in ("user.flac", "agent.flac"):
        (folder / name).touch()

"""Pictures of the floor probe: curves of turns, yields over time, ROC.

Law: they show what the judge computed and nothing else; every picture says how much it rests on.
Colours are those of Okabe and Ito (2008), told apart by every kind of colour vision.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib

matplotlib.use("Agg")  # files only: no display is needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from benchmarks.floor_probe_engines import CHOICES, Engine, choices_of
from hocket.evaluation.cases import BYSTANDERS, INTERRUPTION, Case
from hocket.evaluation.curves import Family, Pauses, read, read_gaps
from hocket.evaluation.roc import (
    AUC_TICKS,
    Events,
    auc_over_time,
    events_of,
    highest_so_far,
    roc_points,
    threshold_for,
    time_course,
)

COLOURS: Final = (
    "#000000",
    "#999999",
    "#D55E00",
    "#0072B2",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
KIND_COLOURS: Final = dict(
    zip(
        (INTERRUPTION, *BYSTANDERS),
        ("#D55E00", "#0072B2", "#009E73", "#E69F00", "#CC79A7"),
        strict=True,
    )
)
SHARES: Final = np.concatenate([np.linspace(0.005, 0.3, 60), np.linspace(0.31, 0.6, 30)])
ROC_AFTER_S: Final = (0.6, 1.0)
SEED: Final = 0

Sets = Mapping[str, tuple[Sequence[Case], Sequence[Engine]]]


def draw(sets: Sequence[Any], engines: Mapping[str, Sequence[Engine]], folder: Path) -> None:
    """Write turns.png, and, where events are, roc.png and yields-SET.png."""
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {one.name: (one.cases, engines[one.name]) for one in sets}
    turns = {name: pair for name, pair in by_name.items() if _ends(pair[0])}
    events = {name: pair for name, pair in by_name.items() if _has_events(pair[0])}
    if turns:
        draw_turns(turns, folder / "turns.png")
    if events:
        for name, (cases, compared) in events.items():
            draw_yields(name, cases, compared, folder / f"yields-{name}.png")
        draw_roc(events, folder / "roc.png")


def _ends(cases: Sequence[Case]) -> bool:
    return any(case.of_kind("turn_end") for case in cases)


def _has_events(cases: Sequence[Case]) -> bool:
    both = (INTERRUPTION,), BYSTANDERS
    return all(any(case.of_kind(*kinds) for case in cases) for kinds in both)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_turns(sets: Sets, path: Path) -> None:
    """A column a set, a row a shortest pause: share of pauses broken over median gap."""
    judged = {
        name: [engine.family(cases) for engine in engines]
        for name, (cases, engines) in sets.items()
    }
    held = {name: choices_of(families[0]) for name, families in judged.items()}
    rows = [choice for choice in CHOICES if any(choice in one for one in held.values())]
    figure, axes_RC = plt.subplots(
        len(rows),
        len(sets),
        figsize=(1.5 + 4.6 * len(sets), 3.2 * len(rows)),
        squeeze=False,
        layout="constrained",
    )
    for column, (name, (_, engines)) in enumerate(sets.items()):
        for axes, row in zip(axes_RC[:, column], rows, strict=True):
            if row not in held[name]:
                axes.axis("off")
                continue
            _turns_panel(axes, engines, judged[name], row)
            one = judged[name][0][0]
            n_ends = len(one.takeovers.end_session_E)
            axes.set_title(f"{name}: {one.n_pauses(row)} {row.name}, {n_ends} ends", fontsize=10)
    axes_RC[0, -1].legend(fontsize=8, loc="upper right", framealpha=0.9)
    figure.supxlabel("median response gap, s (starts within 3 s; none counts as infinite)")
    figure.supylabel("share of pauses broken")
    _save(figure, path)


def _turns_panel(
    axes: Axes, engines: Sequence[Engine], families: Sequence[Family], pauses: Pauses
) -> None:
    names = [engine.name for engine in engines]
    for engine, family in zip(engines, families, strict=True):
        place = names.index(engine.base or engine.name)
        colour, gaps = COLOURS[place % len(COLOURS)], read_gaps(family, SHARES, pauses)[0]
        if engine.base:
            axes.plot(gaps, SHARES, color=colour, lw=1.2, ls=":", label=engine.name)
            continue
        style: dict[str, Any] = {"lw": 2, "ls": "--" if place < 2 else "-"}
        axes.plot(gaps, SHARES, color=colour, label=engine.name, **style)
        for share, gap, interval in read(family, pauses, seed=SEED).at():
            if np.isfinite(gap):
                ends = [interval.low, min(interval.high, 3.0)]
                axes.plot(ends, [share, share], color=colour, lw=1, alpha=0.7)
                axes.plot(gap, share, "o", color=colour, ms=4)
    axes.set(xlim=(-0.4, 2.2), ylim=(0, 0.6))
    axes.axhspan(0, 0.05, xmax=(0.3 + 0.4) / 2.6, color="#009E73", alpha=0.15, lw=0)  # the target
    axes.axvline(0, color="#BBBBBB", lw=0.8)
    axes.grid(alpha=0.25)


def draw_yields(name: str, cases: Sequence[Case], engines: Sequence[Engine], path: Path) -> None:
    """A column an engine: p(yield) and p(yield) + p(hold) after the onset, medians and quartiles."""
    trained = [engine for engine in engines if engine.holds is not None]
    if not trained:
        return
    figure, axes_RC = plt.subplots(
        2, len(trained), figsize=(1 + 3.7 * len(trained), 6.6), squeeze=False, sharey=True,
        layout="constrained",
    )  # fmt: skip
    for column, engine in enumerate(trained):
        rows = (("yield", engine.stops), ("yield + hold", engine.holds))
        for axes, (label, scores) in zip(axes_RC[:, column], rows, strict=True):
            assert scores is not None
            _yield_panel(axes, events_of(cases, scores))
            axes.set_title(f"{engine.name}: p({label})", fontsize=10)
    axes_RC[1, 0].legend(fontsize=8, loc="upper right")
    figure.suptitle(f"{name}: events while the agent speaks; dotted: ≤ 10 % false yields")
    figure.supxlabel(
        "input since the onset, s (middle of the tick; what is decided is heard 0.2 s later)"
    )
    _save(figure, path)


def _yield_panel(axes: Axes, events: Events) -> None:
    for kind, colour in KIND_COLOURS.items():
        n = events.kinds.count(kind)
        if not n:
            continue
        low_J, middle_J, high_J = time_course(events, kind)
        after_s = 0.2 * np.arange(len(middle_J)) + 0.1
        axes.fill_between(after_s, low_J, high_J, color=colour, alpha=0.15, lw=0)
        axes.plot(after_s, middle_J, color=colour, lw=2, label=f"{kind} (N = {n})")
    axes.axhline(threshold_for(events), color="#000000", lw=1.2, ls=":")
    axes.set(xlim=(0, 3), ylim=(0, 1))
    axes.grid(alpha=0.25)


def draw_roc(sets: Sets, path: Path) -> None:
    """A row a set: ROC at some times after the onset, and the AUC over time."""
    n_columns = len(ROC_AFTER_S) + 1
    figure, axes_RC = plt.subplots(
        len(sets), n_columns, figsize=(4.2 * n_columns, 3.9 * len(sets)), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for row, (name, (cases, engines)) in enumerate(sets.items()):
        for i, engine in enumerate(engine for engine in engines if engine.stops is not None):
            assert engine.stops is not None
            events = events_of(cases, engine.stops)
            style = {
                "color": COLOURS[(i + (i > 0)) % len(COLOURS)],
                "label": engine.stops_name or engine.name,
            }
            for axes, after_s in zip(axes_RC[row], ROC_AFTER_S, strict=False):
                _roc_panel(axes, events, after_s, **style)
            _auc_panel(axes_RC[row, -1], events, **style)
        n = int(events.positive.sum())
        axes_RC[row, 0].set_ylabel(f"{name}: {n} interruptions, {len(events.kinds) - n} others")
    axes_RC[0, -1].legend(fontsize=8, loc="lower right")
    _save(figure, path)


def _roc_panel(axes: Axes, events: Events, after_s: float, **style: Any) -> None:
    score_E = highest_so_far(events)[:, round(after_s / 0.2) - 1]
    false, true = roc_points(score_E[events.positive], score_E[~events.positive])
    axes.plot(false, true, lw=2, **style)
    axes.plot([0, 1], [0, 1], color="#BBBBBB", lw=0.8)
    axes.set(
        title=f"input up to {after_s} s after the onset",
        xlabel="false yields so far",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    axes.grid(alpha=0.25)


def _auc_panel(axes: Axes, events: Events, **style: Any) -> None:
    auc_J, intervals = auc_over_time(events, seed=SEED)
    after_s = 0.2 * np.arange(1, AUC_TICKS + 1)
    axes.fill_between(
        after_s, [i.low for i in intervals], [i.high for i in intervals],
        color=style["color"], alpha=0.15, lw=0,
    )  # fmt: skip
    axes.plot(after_s, auc_J, "o-", ms=3, lw=2, **style)
    axes.set(
        title="AUC of the highest score so far",
        xlabel="input up to, s after the onset",
        ylim=(0.3, 1),
    )
    axes.grid(alpha=0.25)

"""The picture of a score: the user's staff above, the agent's below, one time axis.

Law: it shows what the score says and computes nothing of its own. Colours are those of Okabe and Ito
(2008), told apart by every kind of colour vision; hold and yield are hatched as well.
"""

import io
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.evaluation import picture_layout as layout
from hocket.evaluation.picture_layout import Label, Span
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.score import Score, ScoreTick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FLOOR_COLOURS: Final = {
    Floor.LISTEN: "#DCDCDC",
    Floor.SPEAK: "#0072B2",
    Floor.HOLD: "#F0E442",
    Floor.YIELD: "#D55E00",
    Floor.BACKCHANNEL: "#009E73",
}
_HATCHES: Final = {Floor.HOLD: "////", Floor.YIELD: "xxxx"}
_USER, _INK, _FAINT, _DENIED, _EVENT = "#56B4E9", "#1A1A1A", "#8A8A8A", "#CC3311", "#7A3E9D"
MAX_SYSTEMS: Final = 90  # 30 minutes: 2^16 pixels is the most an image can be high

_RANGE_DB: Final = 45.0  # from the loudest down to a line: speech and the noise of a room
_LOUDEST_DB: Final = -45.0  # at least: silence stays a line

_WIDTH, _LEFT, _RIGHT, _TOP, _BETWEEN = 16.0, 0.95, 0.25, 0.95, 0.28  # inches
_DPI: Final = 110
_PT: Final = 8.5
_ROW: Final = 0.165  # inches of one row of words
_BANDS: Final = {  # inches from the top of a system
    "tentative": 0.0,
    "heard": 2 * _ROW + 0.04,
    "level": 5 * _ROW + 0.08,
    "gaps": 5 * _ROW + 0.55,
    "ribbon": 5 * _ROW + 0.83,
    "voice": 5 * _ROW + 1.10,
    "said": 5 * _ROW + 1.30,
    "plan": 8 * _ROW + 1.34,
    "events": 9 * _ROW + 1.42,
    "event names": 9 * _ROW + 1.53,
    "end": 12 * _ROW + 1.57,
}
_SYSTEM: Final = _BANDS["end"] + 0.22  # with the numbers of its axis


def draw(
    score: Score, *, from_s: float = 0.0, to_s: float | None = None, target: bool = False
) -> "Figure":
    """The score, or the part of it in [from_s, to_s), as a matplotlib figure.

    ``target``: the ticks' ``p`` is what the floor should be; shown where the floor is another.

    Raises:
        BadInput: nothing lies in that part, it is too long, or matplotlib is not installed.
    """
    figure_of = _matplotlib_figure()
    ticks = score.between(from_s, to_s)
    if not ticks:
        end_s = len(score.ticks) * TICK_S
        until = "its end" if to_s is None else f"{to_s} s"
        raise BadInput(f"expected ticks from {from_s} s to {until}, got a score of {end_s:.1f} s")
    lines = layout.systems(ticks[0].t, ticks[-1].t + TICK_S)
    if len(lines) > MAX_SYSTEMS:
        longest_s = MAX_SYSTEMS * layout.SYSTEM_S
        raise BadInput(
            f"expected at most {longest_s:.0f} s in one picture, got {len(ticks) * TICK_S:.0f} s: "
            "choose a part with --from and --to"
        )
    height = _TOP + len(lines) * (_SYSTEM + _BETWEEN)
    figure = figure_of(figsize=(_WIDTH, height), facecolor="white")
    _draw_head(figure, score, height, target=target)
    said, gaps = layout.said_spans(score.ticks), list(layout.gap_spans(score.ticks))
    loudest_db = max(max(layout.envelope(ticks)[1]), _LOUDEST_DB)
    for index, (start_s, stop_s) in enumerate(lines):
        top = _TOP + index * (_SYSTEM + _BETWEEN)
        axes = _add_system(figure, start_s, stop_s, top / height, height)
        inside = [t for t in ticks if start_s - 1e-9 <= t.t < stop_s - 1e-9]
        system = _System(axes, start_s, stop_s, loudest_db=loudest_db)
        system.draw(inside, said, gaps)
        if target:
            system.draw_targets(inside)
    return figure


def to_png(figure: "Figure") -> bytes:
    """The figure as PNG."""
    return _saved(figure, format="png", dpi=_DPI)


def to_svg(figure: "Figure") -> str:
    """The figure as an SVG element that needs no font; equal figures give equal text."""
    import matplotlib

    with matplotlib.rc_context({"svg.hashsalt": "hocket", "svg.fonttype": "path"}):
        text = _saved(figure, format="svg", metadata={"Date": None}).decode()
    return text[text.index("<svg") :]


def _saved(figure: "Figure", **options: Any) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():  # a script that the font lacks shows as boxes, and that is all
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, **options)
    return buffer.getvalue()


def _matplotlib_figure() -> Callable[..., "Figure"]:
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise BadInput("expected matplotlib, got none: pip install 'hocket[show]'") from None
    return Figure


@lru_cache(maxsize=4096)
def _width_inches(text: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        size = TextToPath().get_text_width_height_descent(text, FontProperties(size=_PT), False)
    return float(size[0]) / 72


def _add_system(
    figure: "Figure", start_s: float, stop_s: float, top: float, height: float
) -> "Axes":
    width = (_WIDTH - _LEFT - _RIGHT) / _WIDTH
    body = _BANDS["end"] / height
    axes = figure.add_axes((_LEFT / _WIDTH, 1 - top - body, width, body))
    axes.set_xlim(start_s, stop_s)
    axes.set_ylim(_BANDS["end"], 0)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    first = -(-start_s // 1)
    axes.set_xticks([first + k for k in range(int(stop_s - first) + 1)])
    axes.xaxis.set_major_formatter(lambda x, _: f"{int(x) // 60}:{int(x) % 60:02d}")
    axes.tick_params(axis="x", labelsize=8, colors=_FAINT, length=3)
    axes.grid(axis="x", color="#EFEFEF", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


class _System:
    """One line of the picture. y is inches from its top, x is seconds."""

    def __init__(self, axes: "Axes", start_s: float, stop_s: float, *, loudest_db: float) -> None:
        self._axes = axes
        self._loudest_db = loudest_db
        self._start_s, self._stop_s = start_s, stop_s
        self._s_per_inch = (stop_s - start_s) / (_WIDTH - _LEFT - _RIGHT)

    def draw(self, ticks: list[ScoreTick], said: list[Span], gaps: list[Span]) -> None:
        self._names()
        self._level(ticks)
        self._labels(
            "tentative", layout.chunks(layout.tentative_labels(ticks)), rows=2, upward=True
        )
        self._labels("heard", layout.chunks(layout.heard_labels(ticks)), rows=3, upward=True)
        self._ribbon(ticks)
        self._gaps(gaps)
        self._voice(said)
        self._labels("plan", layout.plan_labels(ticks), rows=1, slide_s=4.0, lead="plan: ")
        self._events(ticks)

    def draw_targets(self, ticks: list[ScoreTick]) -> None:
        """Below the ribbon, what the floor should have been, as high as it is sure."""
        x, y = self._start_s - 0.1 * self._s_per_inch, _BANDS["ribbon"] + 0.18
        self._text(x, y + 0.045, "target", ha="right", fontsize=7.5, color=_FAINT)
        for span, share in layout.target_spans(ticks):
            self._box(span, y, 0.09 * share, FLOOR_COLOURS[span.floor])

    def _names(self) -> None:
        for band, name in (("level", "user"), ("ribbon", "floor"), ("voice", "agent")):
            self._text(
                self._start_s - 0.1 * self._s_per_inch,
                _BANDS[band] + {"level": 0.22, "ribbon": 0.09, "voice": 0.09}[band],
                name,
                ha="right",
                fontweight="bold",
                fontsize=10,
            )

    def _level(self, ticks: list[ScoreTick]) -> None:
        middle, half = _BANDS["level"] + 0.22, 0.2
        times_s, levels_db = layout.envelope(ticks)
        heights = [half * max(1 + (db - self._loudest_db) / _RANGE_DB, 0.02) for db in levels_db]
        self._axes.fill_between(
            times_s,
            [middle - h for h in heights],
            [middle + h for h in heights],
            color=_USER,
            linewidth=0.5,
        )
        agreed = [t.t for t in ticks if t.user.heard]
        self._axes.plot(agreed, [_BANDS["level"]] * len(agreed), "|", color=_INK, markersize=5)

    def _ribbon(self, ticks: list[ScoreTick]) -> None:
        y = _BANDS["ribbon"]
        for span in layout.floor_spans(ticks):
            self._box(span, y, 0.17, FLOOR_COLOURS[span.floor], hatch=_HATCHES.get(span.floor))
        for span in layout.forbidden_spans(ticks):
            self._axes.plot(
                [span.start_s, span.end_s], [y + 0.205] * 2, color=_DENIED, linewidth=1.6,
                solid_capstyle="butt",
            )  # fmt: skip
        for tick in layout.denied(ticks):
            self._axes.plot(
                tick.t + TICK_S / 2, y + 0.085, "x", color=_DENIED, markersize=6, mew=1.8
            )

    def _gaps(self, gaps: list[Span]) -> None:
        y = _BANDS["gaps"] + 0.17
        for gap in gaps:
            overlap = gap.end_s < gap.start_s
            left, right = sorted((gap.start_s, gap.end_s))
            if right < self._start_s or left >= self._stop_s:
                continue
            colour = FLOOR_COLOURS[Floor.YIELD] if overlap else _INK
            xs, ys = [left, left, right, right], [y + 0.08, y, y, y + 0.08]
            self._axes.plot(xs, ys, color=colour, linewidth=1.3)
            if self._start_s <= right < self._stop_s:
                x = max((left + right) / 2, self._start_s)
                self._text(x, y - 0.08, gap.text, ha="center", color=colour, fontweight="bold")

    def _voice(self, said: list[Span]) -> None:
        inside = [s for s in said if s.end_s > self._start_s and s.start_s < self._stop_s]
        for span in inside:
            colour = FLOOR_COLOURS[span.floor]
            face = "white" if span.struck else colour
            self._box(span, _BANDS["voice"], 0.18, face, edge=colour if span.struck else "white")
        starts = [s for s in inside if s.start_s >= self._start_s]
        labels = [Label(at_s=s.start_s, text=s.text, faint=s.struck) for s in starts]
        self._labels("said", layout.chunks(labels), rows=3)

    def _events(self, ticks: list[ScoreTick]) -> None:
        labels = list(layout.event_labels(ticks))
        y = _BANDS["events"]
        self._axes.plot(
            [x.at_s for x in labels], [y + 0.05] * len(labels), "^", color=_EVENT, markersize=5
        )
        shown = layout.without_echoes(labels)
        self._labels("event names", shown, rows=3, slide_s=3.0, colour=_EVENT)

    def _labels(
        self,
        band: str,
        labels: Any,
        *,
        rows: int,
        upward: bool = False,
        slide_s: float = 0.6,
        colour: str = _INK,
        lead: str = "",
    ) -> None:
        """Text in rows; ``upward``: row 0 is the lowest, nearest to the staff below."""
        led = [Label(at_s=x.at_s, text=lead + x.text, faint=x.faint) for x in labels if x.text]
        placed = layout.place(
            led,
            lambda text: _width_inches(text) * self._s_per_inch,
            rows=rows,
            end_s=self._stop_s + 0.2 * self._s_per_inch,
            slide_s=slide_s,
        )
        for label in placed:
            row = rows - 1 - label.row if upward else label.row
            self._text(
                label.at_s,
                _BANDS[band] + (row + 0.5) * _ROW,
                label.text,
                color=_FAINT if label.faint else colour,
                style="italic" if label.faint else "normal",
            )

    def _box(
        self, span: Span, y: float, height: float, face: str, *, edge: str = "white",
        hatch: str | None = None,
    ) -> None:  # fmt: skip
        self._axes.broken_barh(
            [(span.start_s, span.end_s - span.start_s)], (y, height), facecolor=face,
            edgecolor="#00000080" if hatch else edge, linewidth=0.8, hatch=hatch,
        )  # fmt: skip

    def _text(self, x: float, y: float, text: str, **style: Any) -> None:
        style = {"fontsize": _PT, "color": _INK, "va": "center", **style}
        self._axes.text(x, y, text, parse_math=False, **style)


def _draw_head(figure: "Figure", score: Score, height: float, *, target: bool) -> None:
    header, totals = score.header, score.totals
    parts = [header.model, header.mode, f"{len(score.ticks) * TICK_S:.1f} s"]
    if totals is not None and totals.response_gap_median_s is not None:
        gaps = len(totals.responses)
        parts.append(f"median response gap {totals.response_gap_median_s:.2f} s of {gaps}")
    if totals is None:
        parts.append("breaks off")
    figure.text(
        _LEFT / _WIDTH, 1 - 0.22 / height, layout.clean(" · ".join(parts), 160), fontsize=13,
        fontweight="bold", color=_INK, va="center", parse_math=False,
    )  # fmt: skip
    _draw_legend(figure, height, target=target)


def _draw_legend(figure: "Figure", height: float, *, target: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def line(label: str, **style: Any) -> Line2D:
        return Line2D([], [], **{"linestyle": "none", "color": _INK, **style}, label=label)

    floors: list[Any] = [
        Patch(facecolor=FLOOR_COLOURS[f], hatch=_HATCHES.get(f), edgecolor="#00000080", label=f)
        for f in FLOORS
    ]
    denials = [
        line("speech not permitted", color=_DENIED, linestyle="-", linewidth=1.6),
        line("model's choice denied", color=_DENIED, marker="x", mew=1.8),
    ]
    colour = FLOOR_COLOURS[Floor.SPEAK]
    targets = [line("target, where it is another", color=colour, linestyle="-", linewidth=3)]
    cut = Patch(facecolor="white", edgecolor=colour, label="cut, unheard")
    figure.legend(
        handles=[
            *floors,
            Patch(facecolor=_USER, label="user level"),
            *(targets if target else [cut, *denials]),
            line("response gap", marker="$⊓$", markersize=10),
            line("event", color=_EVENT, marker="^"),
            line("word agreed", marker="|", markersize=8),
        ],
        loc="upper left",
        bbox_to_anchor=(_LEFT / _WIDTH - 0.005, 1 - 0.38 / height),
        ncols=12,
        fontsize=8.5,
        frameon=False,
        handlelength=1.6,
        columnspacing=1.3,
        borderpad=0,
    )

"""A scene's score as a small picture, with the truth's sounds laid over the user's staff.

Law: the picture is that of ``hocket show``; only the marks of the truth are added. It weighs at most
60 kB: resolution gives way, then length.
"""

import io
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from hocket.evaluation.picture import draw
from hocket.evaluation.truth import Event, Kind, Truth
from hocket.protocol.score import Score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAX_BYTES: Final = 60_000
LONGEST_S: Final = 80.0  # four lines: what lies behind is left to the folder
_DPI: Final = (88, 74, 62, 50, 40, 30)
_INCHES_OF_LEVEL: Final = (0.92, 1.40)  # where the user's level is drawn in a line of the picture
_SHADES: Final = {
    Kind.TURN: "#777777",
    Kind.INTERRUPTION: "#D55E00",
    Kind.BACKCHANNEL: "#009E73",
    Kind.TIC: "#CC79A7",
    Kind.SIDE: "#E69F00",
    Kind.NOISE: "#7A3E9D",
}


def thumbnail(score: Score, truth: Truth) -> bytes:
    """PNG of at most 60 kB.

    Raises:
        BadInput: the score has no ticks, or matplotlib is not installed.
    """
    figure = drawing(score, truth)
    data = b""
    for dpi in _DPI:
        data = _png(figure, dpi)
        if len(data) <= MAX_BYTES:
            break
    return data


def drawing(score: Score, truth: Truth) -> "Figure":
    """The score's picture up to ``LONGEST_S`` with the truth's sounds. Raises like ``thumbnail``."""
    figure = draw(score, to_s=LONGEST_S)
    for axes in figure.axes:
        _mark_truth(axes, truth)
    return figure


def data_uri(png: bytes) -> str:
    """The picture as an address that holds it."""
    return "data:image/png;base64," + b64encode(png).decode()


def _mark_truth(axes: "Axes", truth: Truth) -> None:
    start_s, stop_s = axes.get_xlim()
    for event in truth.events:
        if event.end_s > event.start_s and event.end_s > start_s and event.start_s < stop_s:
            _mark(axes, event, start_s, stop_s)


def _mark(axes: "Axes", event: Event, start_s: float, stop_s: float) -> None:
    left, right = max(event.start_s, start_s), min(event.end_s, stop_s)
    top, bottom = _INCHES_OF_LEVEL
    colour = _SHADES[event.kind]
    axes.fill_between([left, right], top, bottom, color=colour, alpha=0.22, linewidth=0, zorder=0)
    axes.plot([left, right], [bottom, bottom], color=colour, linewidth=2.2)
    for pause in event.pauses:
        axes.plot([pause.start_s, pause.end_s], [bottom, bottom], color="white", linewidth=2.4)
    if left == event.start_s:
        axes.text(left, bottom + 0.03, str(event.kind), fontsize=7.5, color=colour, va="top")


def _png(figure: "Figure", dpi: int) -> bytes:
    from PIL import Image  # comes with matplotlib

    raw, small = io.BytesIO(), io.BytesIO()
    figure.savefig(raw, format="png", dpi=dpi)
    with Image.open(raw) as image:  # flat colours: 48 of them are enough, and a third of the bytes
        flat = image.convert("RGB").quantize(48, dither=Image.Dither.NONE)
    flat.save(small, format="PNG", optimize=True)
    return small.getvalue()

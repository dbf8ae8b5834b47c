"""Which pauses of a reader come after a finished sentence, by the offline transcript in the bank.

Law: a reader goes on after a full stop where a speaker in a conversation would have been answered: such
a pause is marked, so that pauses inside sentences can be judged by themselves.
Source: the punctuation of whisper-base (weak evidence); word times are good to about 0.1 s.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank, Utterance

FINAL = (".", "?", "!")
SLACK_S = 0.15  # a word may end this much after the silence that follows it began


def transcripts(folder: Path) -> dict[str, Utterance]:
    """The bank's utterances with words, by voice: each reader has one."""
    if not folder.is_dir():
        return {}
    return {one.voice: one for one in Bank.open(folder) if one.words}


def with_sentence_ends(about: Mapping[str, Any], spoken: Utterance | None) -> dict[str, Any]:
    """``about`` with ``sentence_end`` on the pauses that follow a finished sentence."""
    if spoken is None:
        return dict(about)
    late_s = _late_s(about, spoken)
    marks = [
        {**mark, "sentence_end": _final(spoken, float(mark["start_s"]) - late_s)}
        if mark["kind"] == "pause"
        else mark
        for mark in about["marks"]
    ]
    return {**about, "marks": marks}


def _late_s(about: Mapping[str, Any], spoken: Utterance) -> float:
    """How much later than in the bank the utterance sounds in the session: the offset that puts
    most marks on the ends of spans of speech."""
    ends_s = [behind / USER_RATE_HZ for _, behind in spoken.spans]
    starts_s = [float(m["start_s"]) for m in about["marks"] if m["kind"] in ("pause", "turn_end")]
    offsets = [start - end for start in starts_s for end in ends_s]
    return max(offsets, key=lambda o: sum(abs(o - other) < 0.01 for other in offsets), default=0.0)


def _final(spoken: Utterance, silent_from_s: float) -> bool:
    before = [word for word in spoken.words if word.start_s < silent_from_s - SLACK_S / 2]
    return bool(before) and before[-1].text.strip().endswith(FINAL)

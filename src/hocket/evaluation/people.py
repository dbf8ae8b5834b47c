"""Who may play in the bench: held-out voices, and real people cut from recordings.

Law: nobody is here who may be trained on. Readings come in pieces (data/pieces.py).
Source: data/splits.py; LibriSpeech and AMI by the bench's own bank (sounds.py fills it).
"""

from dataclasses import dataclass
from pathlib import Path

from hocket.core.errors import BadInput
from hocket.data.bank import Bank, Utterance
from hocket.data.formant_voices import ESPEAK, FLITE
from hocket.data.kokoro import ENGINE as KOKORO
from hocket.data.pieces import Piece, pieces_of
from hocket.data.splits import MEETING, READER, ROOM, Split, split_of
from hocket.data.stock import voices_of
from hocket.weights.store import path_of


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Voices of one split, by name; pieces of readings; cuts of meetings; recordings of rooms."""

    voices: tuple[str, ...]
    readings: tuple[tuple[Piece, ...], ...] = ()  # by reader
    meetings: tuple[Utterance, ...] = ()
    noises: tuple[str, ...] = ()  # recorded
    missing: tuple[str, ...] = ()  # what is not there, in words for the report

    def cuts(self, kind: str) -> tuple[Utterance, ...]:
        """The meetings' cuts of a kind."""
        return tuple(u for u in self.meetings if u.kind == kind)


def people_of(split: Split, *, bank: Path | None = None, rooms: Path | None = None) -> People:
    """Everybody of a held-out split who is here. ``bank`` is where recorded people lie, if any do.

    Raises:
        BadInput: the split is no held-out one, or no voice of it is installed.
    """
    if split is Split.TRAIN:
        raise BadInput("expected a held-out split for the bench, got train")
    found, missing = _voices(split)
    if not found:
        raise BadInput(f"expected a voice of the {split} split, found none: {'; '.join(missing)}")
    stored = Bank(bank).select(split=split) if bank is not None else []
    readings = tuple(pieces for u in stored if u.engine == READER and (pieces := pieces_of(u)))
    meetings = tuple(u for u in stored if u.engine == MEETING)
    files = sorted(path.stem for path in rooms.glob("noise*.wav")) if rooms else []
    noises = tuple(name for name in files if split_of(f"{ROOM}/{name}") is split)
    for name, there in {
        "readers": readings,
        "meetings": meetings,
        "recorded noises": noises,
    }.items():
        missing += [] if there else [f"no {name}"]
    return People(
        voices=tuple(found),
        readings=readings,
        meetings=meetings,
        noises=noises,
        missing=tuple(missing),
    )


def _voices(split: Split) -> tuple[list[str], list[str]]:
    found: list[str] = []
    missing: list[str] = []
    for engine in (KOKORO, FLITE, ESPEAK):
        try:
            voices = voices_of(engine)
        except BadInput:
            voices = []
        if engine == KOKORO and not path_of(f"{KOKORO}-82m/kokoro-v1.0.int8.onnx").is_file():
            voices = []
        missing += [] if voices else [f"no {engine}"]
        found += [voice for voice in voices if split_of(voice) is split]
    return found, missing

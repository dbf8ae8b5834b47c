"""Cuts from recorded meetings for the bank: people who talk to each other, and what is no speech.

Law: a cut of speech holds one speaker by the annotation, and nobody else within ``MARGIN_S``; a tic is
a short sound where the annotation has nobody speaking: coughs, laughs, breath, and now and then paper.
Source: AMI corpus (Carletta et al., 2005, CC BY 4.0), annotations as NIST RTTM.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rich.progress import track

from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import BankWriter, utterance_id
from hocket.data.readers import Transcript, read_sound, transcribe
from hocket.data.spans import Float32, frame_levels_db, speech_spans
from hocket.data.splits import MEETING, split_of
from hocket.data.texts import FILES, Kind, material

VERSION: Final = 1
MARGIN_S: Final = 0.1
SIDE_S: Final = (0.8, 6.0)
BACKCHANNEL_S: Final = (0.2, 0.9)
TIC_S: Final = (0.12, 1.2)
TIC_OVER_ROOM_DB: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Somebody speaks, in seconds of the clip."""

    clip: str
    start_s: float
    end_s: float
    speaker: str

    def meets(self, start_s: float, end_s: float) -> bool:
        """Whether it overlaps a stretch, margin included."""
        return self.start_s < end_s + MARGIN_S and start_s < self.end_s + MARGIN_S


def read_rttm(path: Path) -> list[Segment]:
    """All segments of an RTTM file, as they stand there.

    Raises:
        BadInput: the file cannot be read as RTTM.
    """
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [
            Segment(clip=r[1], start_s=float(r[3]), end_s=float(r[3]) + float(r[4]), speaker=r[7])
            for r in rows
            if r[0] == "SPEAKER"
        ]
    except (OSError, ValueError, IndexError) as error:
        raise BadInput(f"expected RTTM in {path}, got: {error}") from error


def alone(segments: list[Segment]) -> list[Segment]:
    """Those of one clip's segments that nobody else's meets."""
    return [
        s
        for s in segments
        if not any(other.meets(s.start_s, s.end_s) for other in segments if other is not s)
    ]


def unspoken(sound_S: Float32, segments: list[Segment]) -> list[tuple[float, float]]:
    """Short loud stretches, in seconds, where nobody is annotated to speak."""
    level_F = frame_levels_db(sound_S)
    room_db = float(np.percentile(level_F, 10))
    found = []
    for first, behind in speech_spans(sound_S):
        start_s, end_s = first / USER_RATE_HZ, behind / USER_RATE_HZ
        loud = level_F[first // 80 : behind // 80]
        free = not any(segment.meets(start_s, end_s) for segment in segments)
        short = TIC_S[0] <= end_s - start_s <= TIC_S[1]
        if free and short and loud.max(initial=-90) >= room_db + TIC_OVER_ROOM_DB:
            found.append((start_s, end_s))
    return found


def stock_meetings(folder: Path, meetings: Path) -> int:
    """Put the cuts of ``meetings`` (one ``.rttm``, clips as ``.flac``) into the bank in ``folder``.

    Raises:
        BadInput: a file cannot be read.
    """
    annotations = sorted(meetings.glob("*.rttm"))
    if not annotations:
        raise BadInput(f"expected an .rttm file in {meetings}, got none")
    segments = [segment for path in annotations for segment in read_rttm(path)]
    with BankWriter(folder) as bank:
        before = len(bank.known)
        for clip in track(sorted(meetings.glob("*.flac")), "meetings"):
            own = [segment for segment in segments if segment.clip == clip.stem]
            for cut in _cuts(read_sound(clip), clip.stem, own):
                _add(bank, cut)
        return len(bank.known) - before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    kind: Kind
    voice: str
    start_s: float
    sound: Float32
    transcript: Transcript


def _cuts(sound_S: Float32, clip: str, segments: list[Segment]) -> Iterator[_Cut]:
    stretches = [(s.speaker, s.start_s, s.end_s) for s in alone(segments)]
    stretches += [("", start_s, end_s) for start_s, end_s in unspoken(sound_S, segments)]
    for speaker, start_s, end_s in stretches:
        first, behind = (round(max(t, 0) * USER_RATE_HZ) for t in (start_s - 0.1, end_s + 0.1))
        piece_S = sound_S[first:behind]
        heard = transcribe(piece_S) if speaker else Transcript(words=(), end_probability=0.0)
        kind = _kind(heard, end_s - start_s) if speaker else Kind.TIC
        if kind is not None:
            voice = f"{MEETING}/{clip}@{speaker or 'unknown'}"
            yield _Cut(kind=kind, voice=voice, start_s=start_s, sound=piece_S, transcript=heard)


def _kind(heard: Transcript, duration_s: float) -> Kind | None:
    """What a stretch of one speaker may serve as."""
    known = {_plain(text) for text in material(FILES[Kind.BACKCHANNEL])}
    said = _plain(" ".join(word.text for word in heard.words))
    if BACKCHANNEL_S[0] <= duration_s <= BACKCHANNEL_S[1] and said in known:
        return Kind.BACKCHANNEL
    speaks = SIDE_S[0] <= duration_s <= SIDE_S[1] and len(heard.words) >= 3
    return Kind.SIDE if speaks else None


def _plain(text: str) -> str:
    return "".join(c for c in text.lower().replace("-", " ") if c.isalpha() or c == " ").strip()


def _add(bank: BankWriter, cut: _Cut) -> None:
    bank.add(
        cut.sound,
        trim=False,
        id=utterance_id(version=VERSION, voice=cut.voice, start_s=round(cut.start_s, 3)),
        kind=str(cut.kind),
        text=" ".join(word.text for word in cut.transcript.words),
        voice=cut.voice,
        engine=MEETING,
        split=str(split_of(cut.voice)),
        complete=False,
        words=cut.transcript.words,
        end_probability=round(cut.transcript.end_probability, 4),
    )


def main(
    folder: Path,
    meetings: Annotated[Path, typer.Option(help="Folder of clips with one .rttm.")],
) -> None:
    """Put cuts of recorded meetings into the sound bank in FOLDER."""
    stock_meetings(folder, meetings)


if __name__ == "__main__":
    typer.run(main)

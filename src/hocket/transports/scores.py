"""Scores on disk. Law: every line is on disk when ``write`` returns; the name appears at the end.

A session that dies leaves ``NAME.part`` with whole lines: the audit trail up to there, readable with
``complete=False``.
"""

from collections.abc import Iterator
from pathlib import Path

from hocket.core.errors import BadScore
from hocket.protocol.score import Score, ScoreLine, dumps_line
from hocket.transports.atomic import Ending, PartFile


class ScoreWriter(Ending):
    """Writes the header, the ticks and the totals of one session, in this order."""

    def __init__(self, path: Path) -> None:
        """Raises StorageError when the place cannot be written."""
        self._file = PartFile(path)

    def write(self, line: ScoreLine) -> None:
        """Append one line. Raises StorageError when the disk refuses; nothing is left then."""
        self._file.write(f"{dumps_line(line)}\n".encode())

    def close(self) -> None:
        """Put the score in its place."""
        self._file.commit()

    def abandon(self) -> None:
        """End without totals: ``NAME.part`` stays."""
        self._file.keep()


def score_lines(path: Path) -> Iterator[str]:
    """The lines of a score file, read as they are asked for.

    Raises:
        BadScore: not there, not readable or not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.removesuffix("\n")
    except OSError as error:
        raise BadScore(f"expected a score, got {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BadScore(f"expected a score in UTF-8, got {path} with other bytes") from None


def load_score(path: Path, *, complete: bool = True) -> Score:
    """A whole score. ``complete=False`` accepts one that breaks off.

    Raises:
        BadScore: with the line number, what was expected and what came.
    """
    return Score.of(score_lines(path), complete=complete)

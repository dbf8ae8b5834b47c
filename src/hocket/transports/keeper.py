"""Keeps a live session's score and the user's sound, so that ``hocket replay`` can prove it.

Law: the disk is touched on the keeper's own thread, never on the event loop; what waits for it is
bounded. When the disk refuses or falls behind, keeping ends with a line in the log and the conversation
goes on. ``NAME.wav`` is the lane as the session heard it: 16-bit, 16 kHz, from session time 0.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hocket.core.errors import HocketError, StorageError
from hocket.core.units import USER_RATE_HZ
from hocket.engine.port import Float32
from hocket.protocol.score import ScoreHeader, ScoreTick, ScoreTotals
from hocket.session.config import SessionConfig
from hocket.transports.files import audio_sha256
from hocket.transports.scores import ScoreWriter
from hocket.transports.wav import WavWriter

MOST_WAITING: Final = 600  # writes: a minute of ticks, sound and line

log = logging.getLogger(__name__)


class Keeper:
    """One session's files. All methods return at once."""

    def __init__(
        self, folder: Path, name: str, config: SessionConfig, disk: ThreadPoolExecutor
    ) -> None:
        self.score_path = folder / f"{name}.jsonl"
        self.audio_path = folder / f"{name}.wav"
        self._config, self._disk = config, disk
        self._room = threading.Semaphore(MOST_WAITING)
        self._broken = False
        self._score: ScoreWriter | None = None
        self._audio: WavWriter | None = None  # opened with the first tick

    def heard(self, samples: Float32) -> None:
        """User audio of a tick."""
        self._later(lambda: self._write_audio(samples))

    def record(self, line: ScoreTick) -> None:
        """A line of the score."""
        self._later(lambda: self._write_line(line))

    def end(self, totals: ScoreTotals | None) -> None:
        """Finish both files; without totals the score stays as ``NAME.jsonl.part``."""
        self._later(lambda: self._close(totals), always=True)

    # -- on the disk's thread -------------------------------------------------------------------

    def _write_audio(self, samples: Float32) -> None:
        if self._audio is None:
            self._audio = WavWriter(self.audio_path, rate_hz=USER_RATE_HZ)
            self._open()
        self._audio.write(samples)

    def _write_line(self, line: ScoreTick) -> None:
        if self._score is not None:
            self._score.write(line)

    def _open(self) -> None:
        self._score = ScoreWriter(self.score_path)
        config = self._config
        self._score.write(
            ScoreHeader(
                model=config.model,
                mode=str(config.mode),
                config={
                    "session": asdict(config),
                    "clock": "real",
                    "compute": "measured",
                    "user_audio": str(self.audio_path.resolve()),
                },
                seed=config.seed,
                agent_rate_hz=config.voice_rate_hz,
            )
        )

    def _close(self, totals: ScoreTotals | None) -> None:
        if self._audio is None or self._score is None:
            return
        if self._broken or totals is None:
            for file in (self._audio, self._score):
                file.abandon()
            return
        self._audio.close()
        sha256 = audio_sha256(self.audio_path)
        self._score.write(totals.model_copy(update={"user_audio_sha256": sha256}))
        self._score.close()

    # -- between the threads --------------------------------------------------------------------

    def _later(self, work: Callable[[], object], *, always: bool = False) -> None:
        if self._broken and not always:
            return
        if not always and not self._room.acquire(blocking=False):
            self._break("the disk is too slow")
            return
        self._disk.submit(self._do, work, held=not always)

    def _do(self, work: Callable[[], object], *, held: bool) -> None:
        try:
            work()
        except (HocketError, OSError) as error:
            self._break(str(error))
        finally:
            if held:
                self._room.release()

    def _break(self, why: str) -> None:
        self._broken = True
        log.error("score %s is not kept any more: %s", self.score_path.name, why)


def scores_folder(path: Path) -> Path:
    """A folder for scores, made if it is not there.

    Raises:
        StorageError: the disk refuses.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"expected a folder for scores, got {path}: {error.strerror}") from None
    return path

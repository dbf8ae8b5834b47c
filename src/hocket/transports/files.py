"""A user's recording as ticks of session audio.

Law: what can be used is used and a notice says what was done to it; what cannot is refused in one
line. A recording is never loaded whole: three hours take the memory of one second.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from hocket.audio.frames import TickAssembler
from hocket.audio.pcm import silence_non_finite
from hocket.audio.resample import StreamResampler
from hocket.core.errors import BadAudio, SessionMisuse
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ

RATES_HZ: Final = (4_000, 384_000)  # below: no speech left; above: no recorder makes it
_WANTED: Final = "expected a recording (wav, flac, ogg, mp3)"


class Recording:
    """A recording that was found usable. ``notices`` grows while ``ticks`` is read."""

    def __init__(self, path: Path) -> None:
        """Look at the file's head; raises BadAudio when it cannot be used."""
        self.path = path
        self._sha256: str | None = None
        with _opened(path) as file:
            self.rate_hz: int = file.samplerate
            self.channels: int = file.channels
            self.duration_s: float = file.frames / file.samplerate
            self._n_frames: int = file.frames
            self.notices = _notices(file)
        low, high = RATES_HZ
        if not self._n_frames:
            raise BadAudio(f"{_WANTED}, got {path} with no sound in it")
        if not low <= self.rate_hz <= high:
            raise BadAudio(
                f"expected a rate from {low} to {high} Hz, got {self.rate_hz} Hz: {path}"
            )

    def ticks(self) -> Iterator[NDArray[np.float32]]:
        """Ticks float32 [3200] at 16 kHz in [-1, 1]; silence fills the last one.

        Raises:
            BadAudio: the file turns out to be broken further on.
        """
        resampler = StreamResampler(self.rate_hz, USER_RATE_HZ)
        assembler = TickAssembler(max_backlog_s=2.0)  # a block is 1 s, what it leaves < 1 tick
        for block_S in self._blocks():
            assembler.push(np.clip(resampler.push(block_S), -1, 1))
            while assembler.ready:
                yield assembler.pop()
        assembler.push(np.clip(resampler.flush(), -1, 1))
        assembler.pad(-assembler.pending % TICK_USER_SAMPLES)
        while assembler.ready:
            yield assembler.pop()

    @property
    def sha256(self) -> str:
        """Hash of the decoded samples, rate and channels, whatever the container.

        Raises:
            SessionMisuse: ``ticks`` was not read to its end; ``audio_sha256`` does that.
        """
        if self._sha256 is None:
            raise SessionMisuse("expected the recording to be read to its end before its hash")
        return self._sha256

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        """Mono blocks of at most 1 s at the recording's own rate."""
        digest = sha256(f"{self.rate_hz} Hz, {self.channels} channels, float32\n".encode())
        n_read = n_bad = n_clipped = 0
        with _opened(self.path) as file:
            while len(frames_SC := self._read(file, n_read)):
                digest.update(frames_SC.astype("<f4").tobytes())
                clean_SC, bad = silence_non_finite(frames_SC)
                n_read += len(frames_SC)
                n_bad += bad
                n_clipped += int(np.count_nonzero(np.abs(clean_SC) > 1))
                yield np.clip(clean_SC, -1, 1).mean(axis=1, dtype=np.float32)
        if self._sha256 is None:
            self._add_notices(n_read, n_bad, n_clipped)
        self._sha256 = digest.hexdigest()

    def _read(self, file: soundfile.SoundFile, n_read: int) -> NDArray[np.float32]:
        try:
            frames_SC: NDArray[np.float32] = file.read(self.rate_hz, "float32", always_2d=True)
        except soundfile.SoundFileError as error:
            at_s = n_read / self.rate_hz
            raise BadAudio(
                f"{_WANTED}, got {self.path}, broken after {at_s:.1f} s: {_reason(error)}"
            ) from None
        return frames_SC

    def _add_notices(self, n_read: int, n_bad: int, n_clipped: int) -> None:
        if n_bad:
            self.notices.append(f"{n_bad} samples are no numbers (NaN or infinite): silence there")
        if n_clipped:
            self.notices.append(f"{n_clipped} samples are beyond full scale: clipped to it")
        if n_read < self._n_frames:
            got_s, wanted_s = n_read / self.rate_hz, self._n_frames / self.rate_hz
            self.notices.append(f"ends after {got_s:.1f} s of {wanted_s:.1f} s: cut off")


def audio_sha256(path: Path) -> str:
    """The hash of a recording's content, as ``Recording.sha256``. Raises BadAudio."""
    recording = Recording(path)
    for _ in recording.ticks():
        pass
    return recording.sha256


def _opened(path: Path) -> soundfile.SoundFile:
    if not path.exists():
        raise BadAudio(f"{_WANTED}, got {path}, which does not exist")
    if not path.is_file() or path.suffix.lower() == ".raw":
        raise BadAudio(f"{_WANTED}, got {path}, which is none of them")
    if not path.stat().st_size:
        raise BadAudio(f"{_WANTED}, got {path}, an empty file")
    try:
        return soundfile.SoundFile(path)
    except soundfile.SoundFileError as error:
        raise BadAudio(f"{_WANTED}, got {path}: {_reason(error)}") from None


def _reason(error: soundfile.SoundFileError) -> str:
    text: str = getattr(error, "error_string", str(error))
    return " ".join(text.split()).removesuffix(".")


def _notices(file: soundfile.SoundFile) -> list[str]:
    notices = []
    if file.channels > 1:
        notices.append(f"{file.channels} channels: averaged down to one")
    if file.samplerate != USER_RATE_HZ:
        notices.append(f"{file.samplerate} Hz: resampled to {USER_RATE_HZ} Hz")
    if file.subtype in ("PCM_U8", "PCM_S8"):
        notices.append("8-bit samples: used, with their noise")
    if file.subtype in ("FLOAT", "DOUBLE"):
        notices.append("floating-point samples: full scale taken as 1.0")
    return notices

"""The agent's lane as a wav file, written as it sounds.

Law: mono 16-bit PCM; the header is true and the name appears only when the file is whole. Written by
hand because soundfile meets a full disk with an AssertionError, after the fact.
Source: RIFF/WAVE, Multimedia Programming Interface 1.0 (1991).
"""

import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hocket.audio.pcm import to_bytes
from hocket.core.errors import StorageError
from hocket.transports.atomic import Ending, PartFile

_HEADER_BYTES: Final = 44
MAX_SAMPLES: Final = (2**32 - 1 - _HEADER_BYTES) // 2  # RIFF counts bytes in 32 bits: 27 h


class WavWriter(Ending):
    """Appends float32 mono samples to a wav file."""

    def __init__(self, path: Path, *, rate_hz: int) -> None:
        """Raises StorageError when the place cannot be written."""
        self.rate_hz = rate_hz
        self.n_samples = 0
        self._file = PartFile(path)
        self._file.write(self._header())

    def write(self, samples_S: NDArray[np.float32]) -> None:
        """Append samples [S] in [-1, 1].

        Raises:
            StorageError: the disk refused or the file would be too long; nothing is left behind.
        """
        if self.n_samples + len(samples_S) > MAX_SAMPLES:
            self._file.discard()
            raise StorageError(f"expected at most {MAX_SAMPLES} samples in a wav file, got more")
        self._file.write(to_bytes(samples_S))
        self.n_samples += len(samples_S)

    def close(self) -> None:
        """Write the true header and put the file in its place. Raises StorageError."""
        self._file.write_at_start(self._header())
        self._file.commit()

    def _header(self) -> bytes:
        size = 2 * self.n_samples
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, self.rate_hz, 2 * self.rate_hz, 2, 16)
        riff = struct.pack("<4sI4s", b"RIFF", _HEADER_BYTES - 8 + size, b"WAVE")
        return riff + form + struct.pack("<4sI", b"data", size)

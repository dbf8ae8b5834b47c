"""Where somebody speaks in a clean sound: spans between silences, by energy.

Law: a silence shorter than ``MIN_SILENCE_S`` is part of the speech around it; a click is no speech.
The threshold follows the sound: below the speech's own level and above the room's, whichever of the
two the sound allows, so that one rule serves a synthetic voice (digital silence) and a reader's room.
"""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.core.units import USER_RATE_HZ

Float32: TypeAlias = NDArray[np.float32]
Spans: TypeAlias = tuple[tuple[int, int], ...]

FRAME_SAMPLES: Final = USER_RATE_HZ // 50  # 20 ms
HOP_SAMPLES: Final = USER_RATE_HZ // 200  # 5 ms
MIN_SILENCE_S: Final = 0.2
MIN_SPEECH_S: Final = 0.04
UNDER_SPEECH_DB: Final = 32.0  # a voiceless final consonant lies 20 to 30 dB under the vowels
OVER_ROOM_DB: Final = 8.0
_FLOOR: Final = 1e-9


def speech_spans(samples_S: Float32) -> Spans:
    """Spans of speech in samples [S] at 16 kHz as (first, behind the last), in samples.

    Silences between them last at least 200 ms. No span where nothing stands out of the room.
    """
    if len(samples_S) < FRAME_SAMPLES:
        return ()
    level_F = frame_levels_db(samples_S)
    loud_F = level_F > threshold_db(level_F)
    runs = _runs(loud_F)
    runs = _joined(runs, round(MIN_SILENCE_S * USER_RATE_HZ) // HOP_SAMPLES)
    spans = [_to_samples(first, behind, len(samples_S)) for first, behind in runs]
    return tuple(s for s in spans if s[1] - s[0] >= MIN_SPEECH_S * USER_RATE_HZ)


def frame_levels_db(samples_S: Float32) -> Float32:
    """RMS in dBFS [F] of 20 ms frames every 5 ms; frame f begins at sample 80 f."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples_S, dtype=np.float64))])
    starts = np.arange(0, len(samples_S) - FRAME_SAMPLES + 1, HOP_SAMPLES)
    power_F = np.maximum(sums[starts + FRAME_SAMPLES] - sums[starts], 0) / FRAME_SAMPLES
    return np.asarray(10 * np.log10(power_F + _FLOOR), np.float32)


def threshold_db(level_F: Float32) -> float:
    """The level that parts speech from silence in a sound of these frame levels."""
    speech_db = float(np.percentile(level_F, 95))
    room_db = float(np.percentile(level_F, 5))
    over_room_db = room_db + min(OVER_ROOM_DB, 0.4 * (speech_db - room_db))
    return max(speech_db - UNDER_SPEECH_DB, over_room_db)


def speech_level_db(samples_S: Float32, spans: Spans) -> float:
    """RMS in dBFS over the spans; -90 without any."""
    parts = [samples_S[first:behind] for first, behind in spans]
    if not parts:
        return -90.0
    power = float(np.mean(np.square(np.concatenate(parts), dtype=np.float64)))
    return 10 * float(np.log10(max(power, _FLOOR)))


def quietest_sample(samples_S: Float32, first: int, behind: int, *, width_s: float = 0.05) -> int:
    """The middle of the quietest stretch of that width between two samples: where to cut."""
    width = round(width_s * USER_RATE_HZ)
    if behind - first <= width:
        return (first + behind) // 2
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples_S[first:behind], dtype=np.float64))])
    return first + int(np.argmin(sums[width:] - sums[:-width])) + width // 2


def _runs(loud_F: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud_F.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _joined(runs: list[tuple[int, int]], min_gap: int) -> list[tuple[int, int]]:
    """Runs of frames with the short gaps between them filled.

    A frame is 20 ms wide, so a silence looks shorter by a frame and a hop than it is.
    """
    gap = min_gap - FRAME_SAMPLES // HOP_SAMPLES
    joined: list[tuple[int, int]] = []
    for first, behind in runs:
        if joined and first - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], behind)
        else:
            joined.append((first, behind))
    return joined


def _to_samples(first: int, behind: int, n_samples: int) -> tuple[int, int]:
    """Frames as samples. An onset first fills a frame's end, a decay its beginning: 15 ms off each."""
    off = FRAME_SAMPLES * 3 // 4
    start = first * HOP_SAMPLES + (off if first else 0)
    end = (behind - 1) * HOP_SAMPLES + FRAME_SAMPLES - off
    return start, min(max(end, start), n_samples)

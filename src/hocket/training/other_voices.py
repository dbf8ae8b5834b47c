"""Sessions as if another had spoken: what the ears make of a voice, moved towards what they make of others.

Law: a session keeps all that changes within it; only where it lies moves, by the difference of two sessions'
means over speech, for all of its ticks alike. So the moves are as large and go the ways in which voices and
rooms of the packs differ. Nothing but ``features`` changes.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hocket.data.pack import SessionTicks
from hocket.training.crops import Crop
from hocket.training.gain import SPEECH_DB


class OtherVoices:
    """The means of a pack's sessions, read once."""

    def __init__(self, sessions: Iterable[SessionTicks]) -> None:
        self._means_SE = np.stack([mean_of_speech(session) for session in sessions])

    def heard(self, session: SessionTicks, crop: Crop) -> SessionTicks:
        """The session that ``crop`` cuts from, moved if the crop says so."""
        if crop.voice is None:
            return session
        other, share = crop.voice
        move_E = share * (self._means_SE[other] - self._means_SE[crop.session])
        return replace(session, features=np.asarray(session.features, np.float32) + move_E)


def mean_of_speech(session: SessionTicks) -> NDArray[np.float32]:
    """The mean of ``features`` over the ticks in which something is heard [576]; zeros if none is."""
    loud_T = np.asarray(session.level_db) > SPEECH_DB
    width = session.features.shape[-1]
    if not loud_T.any():
        return np.zeros(width, np.float32)
    spoken_QE: NDArray[np.float32] = np.asarray(session.features[loud_T], np.float32)
    return np.asarray(spoken_QE.reshape(-1, width).mean(axis=0), np.float32)

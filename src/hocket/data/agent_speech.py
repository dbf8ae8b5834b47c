"""The agent's lines as sound: said once by the voice that serves, kept in a file.

Law: the file's name stands for the lines and the voice's rate, so a changed line is said anew.
Source: engine/voice.py.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from hocket.audio.pcm import from_int16, to_int16
from hocket.audio.resample import resample
from hocket.core.units import USER_RATE_HZ
from hocket.data.agent_lines import LINES
from hocket.data.spans import Float32
from hocket.engine.port import Voice


def agent_speech(folder: Path, voice_of: Callable[[], Voice]) -> Mapping[str, Float32]:
    """All lines, text -> float32 [S] at 16 kHz; said now if the file is not there yet."""
    key = hashlib.sha256("\n".join(LINES).encode()).hexdigest()[:16]
    path = folder / f"agent-{key}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        voice = voice_of()
        part = path.with_suffix(".part.npz")
        np.savez(part, *[to_int16(said(voice, text)) for text in LINES])
        part.replace(path)
    with np.load(path) as stored:
        return {text: from_int16(stored[f"arr_{n}"]) for n, text in enumerate(LINES)}


def said(voice: Voice, text: str) -> Float32:
    """One line, float32 [S] at 16 kHz."""
    phrase = voice.prepare(text)
    return resample(voice.render(phrase, 0, phrase.n_samples), voice.rate_hz, USER_RATE_HZ)

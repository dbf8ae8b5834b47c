"""flite and espeak-ng, two more engines for made users, called as programs: one call an utterance.

Law: a pure function of text, voice, rate, pitch and seed. At a hesitation the pitch is that of a phrase
that goes on: a comma for flite, whose pause is then drawn out, a break for espeak-ng; three full stops
would end the sentence.
Source: the programs' manual pages. espeak-ng is GPL-3 and is never linked or imported here.
"""

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import soundfile

from hocket.audio.resample import resample
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32

FLITE: Final = "flite"
ESPEAK: Final = "espeak-ng"
# The voices' own mean pitch; kal and kal16 are one man, and kal is recorded at 8 kHz.
FLITE_PITCH_HZ: Final = {"slt": 170.0, "rms": 100.0, "awb": 130.0, "kal16": 100.0, "kal": 100.0}
# espeak-ng's variants with a pitch that suits them, as a factor.
ESPEAK_VOICES: Final = {
    "en-us+m1": 0.8, "en-us+m3": 1.0, "en-us+m7": 0.7, "en-us+f1": 1.0, "en-us+f2": 1.2,
    "en-us+f4": 0.9, "en-gb+m2": 0.9, "en-gb+f3": 1.1, "en-gb-scotland+m4": 1.0,
    "en-gb-x-rp+f5": 1.0, "en-us+klatt2": 0.8, "en-us+Andy": 0.9, "en-us+anika": 1.1,
    "en-029+m6": 1.2,
    # For validation (splits.py):
    "en-us+belinda": 1.0, "en-us+linda": 1.1, "en-us+Michael": 0.9, "en-gb+Gene": 1.0,
    "en-gb+m8": 0.8, "en-us+klatt4": 1.0,
}  # fmt: skip
_ESPEAK_WORDS_A_MINUTE: Final = 165
_FADE_SAMPLES: Final = USER_RATE_HZ // 50
_TIMEOUT_S: Final = 60.0


def flite(text: str, *, name: str, rate: float = 1.0, pitch: float = 1.0, seed: int = 0) -> Float32:
    """The text as float32 [S] at 16 kHz; ``pitch`` is a factor, ``seed`` draws lengths of pauses.

    Raises:
        BadInput: flite is not installed, or refused.
    """
    features = {
        "duration_stretch": 1 / rate,
        "int_f0_target_mean": FLITE_PITCH_HZ[name] * pitch,
        "f0_shift": pitch,  # read by the clustergen voices slt, rms and awb
    }
    settings = [
        part for key, value in features.items() for part in ("--setf", f"{key}={value:.3f}")
    ]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        command = [FLITE, "-voice", name, *settings, "-psdur", "-t", commas(text), "-o", str(wav)]
        segments = _run(command).decode("ascii", "replace")
        sound_S = _at_16_khz(wav.read_bytes())
    return _drawn_out(sound_S, _pauses(segments), np.random.default_rng(seed))


def espeak_ng(
    text: str, *, name: str, rate: float = 1.0, pitch: float = 1.0, seed: int = 0
) -> Float32:
    """The text as float32 [S] at 16 kHz; ``pitch`` 1 is the program's middle of 0..99.

    Raises:
        BadInput: espeak-ng is not installed, or refused.
    """
    speed = round(_ESPEAK_WORDS_A_MINUTE * rate)
    height = int(np.clip(round(50 * pitch), 0, 99))
    options = ["-m", "-v", name, "-s", str(speed), "-p", str(height), "--stdout"]
    said = breaks(text, np.random.default_rng(seed))
    return _at_16_khz(_run([ESPEAK, *options, "--", said]))


def commas(text: str) -> str:
    """The text with hesitations as commas."""
    joined = re.sub(r"\s*[,…]\s*(?:[,…]\s*)*", ", ", text.replace("...", "…"))
    return joined.strip(" ,")


def breaks(text: str, rng: np.random.Generator) -> str:
    """The text in SSML, with hesitations as breaks of 0.3 to 0.7 s."""
    parts = escape(text.replace("...", "…")).split("…")
    waits_ms = rng.integers(300, 700, len(parts))
    marks = [f'<break time="{wait_ms}ms"/>' for wait_ms in waits_ms]
    said = [part for pair in zip(parts, marks, strict=True) for part in pair]
    return " ".join(" ".join(said[:-1]).split())


def _pauses(segments: str) -> list[tuple[float, float]]:
    """Start and end in seconds of the pauses between flite's first and last sound."""
    found = [part.rsplit(":", 1) for part in segments.split() if ":" in part]
    ends_s = [float(end) for _, end in found]
    pauses = [
        (ends_s[i - 1], ends_s[i]) for i, (name, _) in enumerate(found) if i and name == "pau"
    ]
    return [pause for pause in pauses if pause[1] < ends_s[-1]]


def _drawn_out(
    sound_S: Float32, pauses: list[tuple[float, float]], rng: np.random.Generator
) -> Float32:
    """Silence put into the middle of each pause, 0.15 to 0.55 s of it; flite's own lasts 0.1 s."""
    middles = [round((start_s + end_s) / 2 * USER_RATE_HZ) for start_s, end_s in pauses]
    pieces = np.split(sound_S, middles)
    silences = [
        np.zeros(int(rng.integers(2_400, 8_800)) if index < len(middles) else 0, np.float32)
        for index in range(len(pieces))
    ]
    for piece in pieces[:-1]:
        piece[-_FADE_SAMPLES:] *= np.linspace(1, 0, len(piece[-_FADE_SAMPLES:]), dtype=np.float32)
    for piece in pieces[1:]:
        piece[:_FADE_SAMPLES] *= np.linspace(0, 1, len(piece[:_FADE_SAMPLES]), dtype=np.float32)
    return np.concatenate([part for pair in zip(pieces, silences, strict=True) for part in pair])


def installed(program: str) -> bool:
    """Whether a program can be called."""
    return shutil.which(program) is not None


def _run(command: list[str]) -> bytes:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise BadInput(f"expected sound from {command[0]}, got: {error}") from error
    return done.stdout


def _at_16_khz(wav: bytes) -> Float32:
    """A wav's samples. Its header may lie about its length: a pipe cannot go back to mend it."""
    at = wav.find(b"data")
    if at < 0:
        raise BadInput(f"expected a wav, got {len(wav)} bytes without data")
    n_bytes = (len(wav) - at - 8) // 2 * 2
    whole = wav[: at + 4] + n_bytes.to_bytes(4, "little") + wav[at + 8 : at + 8 + n_bytes]
    samples_S, rate_hz = soundfile.read(io.BytesIO(whole), dtype="float32")
    return resample(np.asarray(samples_S, np.float32), int(rate_hz), USER_RATE_HZ)

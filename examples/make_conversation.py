"""Makes examples/conversation.flac: a user's side with questions, an interruption and a real reader.

Needs flite (Debian package of that name) and a LibriSpeech clip; run once, the result is committed:
    python examples/make_conversation.py READER.flac
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000
# (starts at second, flite voice, words); None: the real reader
LINES = (
    (1.0, "slt", "What is the capital of France?"),
    (7.0, "slt", "Why is the sky blue?"),
    (11.8, "slt", "Wait, no. What is a good name for a dog?"),
    (22.0, None, ""),
    (33.0, "slt", "Thank you. Good bye."),
)
END_S = 38.0


def said(voice: str, words: str, folder: Path) -> np.ndarray:
    path = folder / "line.wav"
    subprocess.run(["flite", "-voice", voice, "-t", words, "-o", str(path)], check=True)
    samples, rate_hz = soundfile.read(path, dtype="float32")
    if rate_hz != RATE_HZ:
        raise SystemExit(f"expected {RATE_HZ} Hz of voice {voice}, got {rate_hz}")
    return np.asarray(samples)


def main(reader: Path) -> None:
    lane = 0.0005 * np.random.default_rng(0).standard_normal(int(END_S * RATE_HZ))
    with tempfile.TemporaryDirectory() as folder:
        for start_s, voice, words in LINES:
            if voice is None:
                line = soundfile.read(reader, dtype="float32")[0]
            else:
                line = said(voice, words, Path(folder))
            line = 0.08 * line / np.sqrt(np.mean(line**2))
            start = int(start_s * RATE_HZ)
            lane[start : start + len(line)] += line[: len(lane) - start]
    out = Path(__file__).with_name("conversation.flac")
    soundfile.write(out, np.clip(lane, -1, 1), RATE_HZ, subtype="PCM_16")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

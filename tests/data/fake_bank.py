"""A small bank without a synthesiser: buzzing tones in bursts, or whatever ``say`` makes of a text."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from hocket.data.bank import Bank, BankWriter, HeardWord, utterance_id
from hocket.data.spans import Float32

RATE_HZ = 16_000
VOICES = {"train": ("kokoro/one", "kokoro/two"), "test": ("flite/kal",)}
TURNS = (
    "could you find me a table for, um, four people on Friday night",
    "my number is five five five, uh, two three four",
    "what is the weather going to be like tomorrow",
    "I would like to move the meeting to Thursday afternoon",
)
OTHERS = {
    "interruption": ("no wait I meant Tuesday", "hold on please stop that"),
    "backchannel": ("uh huh", "right"),
    "tic": ("um",),
    "side": ("honey can you close the door",),
}


def buzz(text: str, voice: str) -> Float32:
    """A burst of 0.12 s a word, 60 ms apart, and 350 ms of silence at each comma."""
    rng = np.random.default_rng(len(text) + len(voice))
    time_S = np.arange(round(0.12 * RATE_HZ)) / RATE_HZ
    parts = [np.zeros(1600)]
    for word in text.split():
        pitch_hz = 90 + 60 * (len(voice) % 3) + 5 * len(word)
        tone_S = sum(np.sin(2 * np.pi * pitch_hz * n * time_S) / n for n in range(1, 12))
        silence_s = 0.35 if word.endswith(",") else 0.06
        parts += [0.2 * tone_S * np.hanning(len(time_S)), np.zeros(round(silence_s * RATE_HZ))]
    sound = np.concatenate([*parts, np.zeros(2400)])
    return np.asarray(sound + 1e-5 * rng.standard_normal(len(sound)), np.float32)


def fake_bank(folder: Path, say: Callable[[str, str], Float32] = buzz) -> Bank:
    """A bank of three voices, two in train, and one reader."""
    with BankWriter(folder) as writer:
        for split, voices in VOICES.items():
            for voice in voices:
                _fill(writer, split, voice, say)
        words = (HeardWord(text="night.", start_s=0.3, end_s=0.5, probability=0.9),)
        _fill_one(writer, "test", "reader/1069", "turn", TURNS[0], buzz, trim=False, words=words)
    return Bank.open(folder)


def _fill(writer: BankWriter, split: str, voice: str, say: Callable[[str, str], Float32]) -> None:
    for kind, texts in {"turn": TURNS, **OTHERS}.items():
        for text in texts:
            _fill_one(writer, split, voice, kind, text, say, trim=True)


def _fill_one(
    writer: BankWriter,
    split: str,
    voice: str,
    kind: str,
    text: str,
    say: Callable[[str, str], Float32],
    *,
    trim: bool,
    words: tuple[HeardWord, ...] = (),
) -> None:
    writer.add(
        say(text, voice),
        trim=trim,
        id=utterance_id(voice=voice, kind=kind, text=text),
        kind=kind,
        text=text,
        voice=voice,
        engine=voice.split("/")[0],
        split=split,
        complete=kind == "turn",
        words=words,
    )

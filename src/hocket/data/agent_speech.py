"""The agent's phrases as sound: said once by the voice that serves, kept in a folder.

Law: a phrase sounds as in serving, at the voice's own level. What the folder has is not said again; a
phrase is in the index only when its sound is written.
Source: engine/voice.py.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.progress import track

from hocket.audio.pcm import from_int16, to_int16
from hocket.audio.resample import resample
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32
from hocket.engine.port import Voice

VERSION: Final = 1  # of how a phrase is said: a new one says all of them anew
SOUND: Final = "phrases.pcm"
INDEX: Final = "phrases.jsonl"

VoiceOf = Callable[[], Voice]  # picklable
_voice: Voice | None = None


class AgentSpeech(Mapping[str, Float32]):
    """Phrases of a folder: text -> float32 [S] at 16 kHz, read from the file each time."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / INDEX).read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        self._places = {e["text"]: (int(e["offset"]), int(e["n_samples"])) for e in entries}
        sound = folder / SOUND
        self._sound: np.ndarray[Any, np.dtype[np.int16]] = np.zeros(0, np.int16)
        if sound.stat().st_size:
            self._sound = np.memmap(sound, "<i2", mode="r")

    def __getitem__(self, text: str) -> Float32:
        first, n_samples = self._places[text]
        return from_int16(np.asarray(self._sound[first : first + n_samples], np.int16))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def lengths(self) -> dict[str, int]:
        """Samples of every phrase."""
        return {text: n_samples for text, (_, n_samples) in self._places.items()}


def agent_speech(
    cache: Path, voice_of: VoiceOf, texts: Iterable[str], *, jobs: int = 1
) -> AgentSpeech:
    """The phrases in a folder of ``cache``, these among them; said now where they are not there yet."""
    folder = cache / f"agent-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / INDEX).touch()
    (folder / SOUND).touch()
    known = AgentSpeech(folder)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        _say(folder, missing, voice_of, jobs)
    return AgentSpeech(folder)


def said(voice: Voice, text: str) -> Float32:
    """One phrase, float32 [S] at 16 kHz."""
    phrase = voice.prepare(text)
    return resample(voice.render(phrase, 0, phrase.n_samples), voice.rate_hz, USER_RATE_HZ)


def _say(folder: Path, missing: list[str], voice_of: VoiceOf, jobs: int) -> None:
    with (folder / SOUND).open("ab") as sound, (folder / INDEX).open("a") as index:
        offset = sound.tell() // 2
        sounds = track(_sounds(missing, voice_of, jobs), "the agent's phrases", total=len(missing))
        for text, samples_S in zip(missing, sounds, strict=True):
            sound.write(to_int16(samples_S).astype("<i2").tobytes())
            sound.flush()
            entry = {"text": text, "offset": offset, "n_samples": len(samples_S)}
            index.write(json.dumps(entry, ensure_ascii=False) + "\n")
            offset += len(samples_S)


def _sounds(texts: list[str], voice_of: VoiceOf, jobs: int) -> Iterator[Float32]:
    if jobs == 1:
        voice = voice_of()
        yield from (said(voice, text) for text in texts)
        return
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(voice_of,)
    ) as pool:
        yield from pool.map(_said, texts, chunksize=8)


def _open(voice_of: VoiceOf) -> None:
    global _voice
    _voice = voice_of()


def _said(text: str) -> Float32:
    assert _voice is not None
    return said(_voice, text)

"""Real people reading aloud, put into the bank with the words that an offline recogniser heard.

Law: a reader's end is called the end of a turn only on strong evidence: the recogniser, given the
words, finds the sentence's end mark the likely next token, and the last word can end a sentence. A
corpus cut at silences ends in mid-sentence about as often as not.
Source: LibriSpeech (Panayotov et al., ICASSP 2015, CC BY 4.0); word times from the recogniser's
cross-attention (faster-whisper). Long readings are cut by the corpus itself, below 30 s.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import soundfile
import typer
from rich.progress import track

from hocket.audio.resample import resample
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import BankWriter, HeardWord, utterance_id
from hocket.data.spans import Float32
from hocket.data.splits import READER, split_of
from hocket.weights.store import path_of

VERSION: Final = 1
END_MARKS: Final = ".?!"
# Below these, readings of known books were found that go on after the cut.
END_PROBABILITY_MIN: Final = 0.9
LAST_WORD_PROBABILITY_MIN: Final = 0.8
MIN_WORDS: Final = 8  # fewer are headings
# Conjunctions, prepositions, articles, auxiliaries: no sentence of a book ends in these.
_NEVER_LAST: Final = (
    "and or but nor yet so because if when while although though unless until since as than that "
    "which who whom whose where a an the of in on at by for from with without into onto upon over "
    "under between among through during before after about against toward towards to is are was "
    "were be been being has have had do does did will would shall should can could may might must "
    "my your his her its our their this these those every each very not no said"
)
NEVER_LAST: Final = frozenset(_NEVER_LAST.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was heard, and how likely the recogniser holds the mark at its end."""

    words: tuple[HeardWord, ...]
    end_probability: float


def is_complete(transcript: Transcript) -> bool:
    """Whether a reading's end is surely the end of a sentence."""
    words = transcript.words
    if len(words) < MIN_WORDS or words[-1].text[-1] not in END_MARKS:
        return False
    last = words[-1].text.strip(".?!,;:\"'").lower()
    heard_well = words[-1].probability >= LAST_WORD_PROBABILITY_MIN
    likely = transcript.end_probability >= END_PROBABILITY_MIN
    return heard_well and likely and last not in NEVER_LAST


def stock_readers(folder: Path, paths: Sequence[Path], *, jobs: int = 2) -> int:
    """Put the readings that the bank in ``folder`` lacks into it; returns how many were added.

    A file's name begins with its reader's id.

    Raises:
        BadInput: a file is no sound.
    """
    with BankWriter(folder) as bank:
        missing = [path for path in paths if _id_of(path) not in bank.known]
        added = 0
        for path, transcript in track(_heard(missing, jobs), "readers", total=len(missing)):
            voice = f"{READER}/{path.name.split('-')[0]}"
            utterance = bank.add(
                read_sound(path),
                trim=False,
                id=_id_of(path),
                kind="turn",
                text=" ".join(word.text for word in transcript.words),
                voice=voice,
                engine=READER,
                split=str(split_of(voice)),
                complete=is_complete(transcript),
                words=transcript.words,
                end_probability=round(transcript.end_probability, 4),
            )
            added += utterance is not None
    return added


def read_sound(path: Path) -> Float32:
    """A recording's first channel as float32 [S] at 16 kHz. Raises BadInput when it is none."""
    try:
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadInput(f"expected a recording in {path}, got: {error}") from error
    return resample(np.ascontiguousarray(samples[:, 0]), int(rate_hz), USER_RATE_HZ)


def transcribe(sound_S: Float32) -> Transcript:
    """What the recogniser hears in at most 30 s at 16 kHz.

    Raises:
        ModelFileError: no such model in the catalogue.
    """
    model = _recogniser()
    segments, _ = model.transcribe(
        sound_S,
        language="en",
        temperature=0.0,
        word_timestamps=True,
        condition_on_previous_text=False,
    )
    found = [word for segment in segments for word in segment.words or ()]
    words = tuple(
        HeardWord(
            text=word.word.strip(),
            start_s=round(float(word.start), 3),
            end_s=round(float(word.end), 3),
            probability=round(float(word.probability), 3),
        )
        for word in found
        if word.word.strip()
    )
    text = "".join(word.word for word in found)
    return Transcript(words=words, end_probability=_end_probability(model, sound_S, text))


def _end_probability(model: Any, sound_S: Float32, text: str) -> float:
    """Probability of the text's last token, its end mark, after the sound and all other tokens."""
    from faster_whisper.audio import pad_or_trim
    from faster_whisper.tokenizer import Tokenizer

    if not text or text[-1] not in END_MARKS:
        return 0.0
    tokenizer = Tokenizer(model.hf_tokenizer, True, task="transcribe", language="en")
    features = pad_or_trim(model.feature_extractor(sound_S))
    tokens = tokenizer.encode(text)
    aligned = model.model.align(
        model.encode(features), tokenizer.sot_sequence, [tokens], features.shape[-1]
    )
    return float(aligned[0].text_token_probs[len(tokens) - 1])


@lru_cache(maxsize=1)
def _recogniser() -> Any:
    from faster_whisper import WhisperModel  # evaluation only, and slow to import

    folder = path_of("whisper-base/model.bin").parent
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)


def _transcribed(path: Path) -> Transcript:
    return transcribe(read_sound(path))


def _heard(paths: Sequence[Path], jobs: int) -> Iterator[tuple[Path, Transcript]]:
    """Paths with their transcripts, in order."""
    if jobs == 1:
        yield from ((path, _transcribed(path)) for path in paths)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from zip(paths, pool.map(_transcribed, paths), strict=True)


def _id_of(path: Path) -> str:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInput(f"expected a recording in {path}, got: {error}") from error
    return utterance_id(version=VERSION, sha256=digest)


def main(
    folder: Path,
    speech: Annotated[Path, typer.Option(help="Folder of recordings, one reader's id first.")],
    jobs: int = 2,
) -> None:
    """Put the readers of a folder into the sound bank in FOLDER."""
    stock_readers(folder, sorted(speech.glob("*.flac")), jobs=jobs)


if __name__ == "__main__":
    typer.run(main)

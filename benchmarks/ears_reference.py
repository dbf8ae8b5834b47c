"""What whisper-base heard offline in each reader, with word times; kept beside the model files.

Law: computed once per reader and machine; the benchmark of the ears and the probe's training read
the same transcripts.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from rich.progress import track

from hocket.engine.moonshine import Moonshine
from hocket.weights.store import home, path_of

READERS = 63
STRIDE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    text: str
    start_s: float
    end_s: float


def moonshine(intra_op_threads: int = 1) -> Moonshine:
    return Moonshine(
        encoder=path_of("moonshine-tiny-en/encoder_model.ort"),
        decoder=path_of("moonshine-tiny-en/decoder_model_merged.ort"),
        tokenizer=path_of("moonshine-tiny-en/tokenizer.bin"),
        intra_op_threads=intra_op_threads,
    )


def references(speech: Path) -> dict[str, list[TimedWord]]:
    """Words of every fourth reader of ``speech``/librispeech, by file name."""
    paths = sorted((speech / "librispeech").glob("*.flac"))[::STRIDE][:READERS]
    cache = home() / "benchmarks" / "whisper-base-words.json"
    known = json.loads(cache.read_text()) if cache.is_file() else {}
    missing = [path for path in paths if path.name not in known]
    if missing:
        known |= _transcribe(missing)
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(known))
    return {
        path.name: [
            TimedWord(text=text, start_s=start_s, end_s=end_s)
            for text, start_s, end_s in known[path.name]
        ]
        for path in paths
        if known[path.name]
    }


def _transcribe(paths: list[Path]) -> dict[str, list[tuple[str, float, float]]]:
    from faster_whisper import WhisperModel  # evaluation only, and slow to import

    model = WhisperModel(
        str(path_of("whisper-base/model.bin").parent),
        device="cpu",
        compute_type="int8",
        cpu_threads=1,
    )
    found = {}
    for path in track(paths, "transcribing offline"):
        segments, _ = model.transcribe(
            str(path), language="en", word_timestamps=True, condition_on_previous_text=False
        )
        found[path.name] = [
            (word.word.strip(), float(word.start), float(word.end))
            for segment in segments
            for word in segment.words or ()
        ]
    return found

"""The sound bank: what people say, once each, clean, at one level, from which sessions are mixed.

Law: an utterance is known by what it was made from; what is in the bank is not made again, and the
bank reads the same in whatever order it was filled. A sound is on disk before its line in the index
is, so a killed writer leaves at most unnamed bytes. Writers may work at the same time: each appends
to a shard of its own.
Source: docs/data.md. Layout: ``index.jsonl``, and shards ``NNN.pcm`` of 16-bit mono PCM at 16 kHz.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from hocket.audio.levels import from_db
from hocket.audio.pcm import from_int16, to_int16
from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32, Spans, speech_level_db, speech_spans

INDEX: Final = "index.jsonl"
LEVEL_DB: Final = -23.0  # of the speech, silences left out
LEAD_S: Final = 0.1  # of a synthetic voice's silence kept in front
TAIL_S: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word that an offline recogniser heard, in seconds of its utterance."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One sound of the bank. ``spans``: (first, behind the last) samples of speech."""

    id: str
    kind: str  # turn, interruption, backchannel, tic or side
    text: str
    voice: str  # engine/name
    engine: str
    split: str
    n_samples: int  # at 16 kHz
    spans: Spans
    complete: bool  # its end is the end of a turn
    words: tuple[HeardWord, ...] = ()  # of a real person's sound
    end_probability: float = 1.0  # that the end mark of what was heard is one
    shard: str = ""
    offset_samples: int = 0  # in the shard

    @property
    def duration_s(self) -> float:
        """Length of the whole sound."""
        return self.n_samples / USER_RATE_HZ


def utterance_id(**made_from: Any) -> str:
    """Sixteen hex digits that stand for what a sound was made from."""
    text = json.dumps(made_from, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Bank:
    """A bank, read only: utterances sorted by id, their sounds mapped to memory.

    Raises:
        BadInput: the folder holds no bank.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            lines = (folder / INDEX).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise BadInput(f"expected a sound bank in {folder}, got: {error}") from error
        found = {u.id: u for u in (_parse(line, folder) for line in lines)}
        self.utterances: tuple[Utterance, ...] = tuple(found[key] for key in sorted(found))
        self._shards: dict[str, np.memmap[Any, np.dtype[np.int16]]] = {}

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The bank in a folder."""
        return cls(folder)

    def __len__(self) -> int:
        return len(self.utterances)

    def __iter__(self) -> Iterator[Utterance]:
        return iter(self.utterances)

    def select(
        self,
        *,
        kind: str | Sequence[str] | None = None,
        split: str | None = None,
        engine: str | None = None,
        voice: str | None = None,
    ) -> list[Utterance]:
        """Utterances of that kind (or one of several), split, engine and voice, by id."""
        kinds = (kind,) if isinstance(kind, str) else kind
        return [
            u
            for u in self.utterances
            if (kinds is None or u.kind in kinds)
            and split in (None, u.split)
            and engine in (None, u.engine)
            and voice in (None, u.voice)
        ]

    def samples(self, utterance: Utterance) -> Float32:
        """The sound as float32 [n_samples] at 16 kHz, its speech at -23 dBFS."""
        shard = self._shards.get(utterance.shard)
        if shard is None:
            shard = np.memmap(self._folder / utterance.shard, "<i2", mode="r")
            self._shards[utterance.shard] = shard
        first = utterance.offset_samples
        return from_int16(np.asarray(shard[first : first + utterance.n_samples], np.int16))


class BankWriter:
    """Appends to a bank, in a ``with``; makes the folder when it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / INDEX).touch()
        self._folder = folder
        self.known = {u.id for u in Bank(folder)}
        self._shard, self._name = _new_shard(folder)
        self._index = (folder / INDEX).open("a", encoding="utf-8")
        self._offset = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shard.close()
        self._index.close()
        if not self._offset:
            (self._folder / self._name).unlink()

    def add(self, sound_S: Float32, *, trim: bool, **about: Any) -> Utterance | None:
        """Normalise and append a sound at 16 kHz; ``about`` are the remaining fields of Utterance.

        ``trim`` cuts a synthetic voice's silence at both ends; a person's room tone is kept.
        Returns None, and adds nothing, where no speech is found or the id is there already.
        """
        sound = levelled(sound_S, trim=trim)
        if sound is None or about["id"] in self.known:
            return None
        samples_S, spans = sound
        utterance = Utterance(
            **about,
            n_samples=len(samples_S),
            spans=spans,
            shard=self._name,
            offset_samples=self._offset,
        )
        self._shard.write(to_int16(samples_S).astype("<i2").tobytes())
        self._shard.flush()
        self._index.write(json.dumps(asdict(utterance), ensure_ascii=False) + "\n")
        self._index.flush()
        self._offset += len(samples_S)
        self.known.add(utterance.id)
        return utterance


def levelled(sound_S: Float32, *, trim: bool) -> tuple[Float32, Spans] | None:
    """A sound with its speech at -23 dBFS, and the spans of that; None without speech."""
    spans = speech_spans(sound_S)
    if not spans:
        return None
    if trim:
        first = max(spans[0][0] - round(LEAD_S * USER_RATE_HZ), 0)
        behind = min(spans[-1][1] + round(TAIL_S * USER_RATE_HZ), len(sound_S))
        sound_S = sound_S[first:behind]
        spans = tuple((start - first, end - first) for start, end in spans)
    gain = from_db(LEVEL_DB - speech_level_db(sound_S, spans))
    return np.clip(sound_S * np.float32(gain), -1, 1).astype(np.float32), spans


def _new_shard(folder: Path) -> tuple[Any, str]:
    """A shard that nobody else writes to."""
    number = 0
    while True:
        name = f"{number:03d}.pcm"
        try:
            return (folder / name).open("xb"), name
        except FileExistsError:
            number += 1


def _parse(line: str, folder: Path) -> Utterance:
    try:
        entry = json.loads(line)
        words = tuple(HeardWord(**word) for word in entry.pop("words"))
        spans = tuple((int(first), int(behind)) for first, behind in entry.pop("spans"))
        return Utterance(words=words, spans=spans, **entry)
    except (ValueError, KeyError, TypeError) as error:
        known = ", ".join(field.name for field in fields(Utterance))
        raise BadInput(f"expected {known} in a line of {folder / INDEX}, got: {error}") from error

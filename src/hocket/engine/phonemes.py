"""Text to phonemes, with the word that each phoneme belongs to.

Law: every phoneme belongs to exactly one word, and words keep their order, also where espeak-ng
runs words together ("of the" is one group) or says one as several ("10:45" is three).

espeak-ng is GPL-3. It is reached only here, through ctypes on the shared library that the package
espeakng_loader carries, behind the ``Voice`` port; no other module of Hocket knows it.
Its C interface is documented in espeak-ng's speak_lib.h. It is a singleton of the process and not
thread-safe: one lock guards every call.
"""

import ctypes
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import espeakng_loader

from hocket.core.errors import ModelFileError
from hocket.engine.spoken_text import SENTENCE_MARKS, SpokenWord

MAX_CLAUSE_WORDS: Final = 24  # bounds the alignment's cost and one run of the text graph
_OUTPUT_SYNCHRONOUS: Final = 2
_INITIALIZE_DONT_EXIT: Final = 0x8000
_CHARS_UTF8: Final = 1
_PHONEMES_IPA: Final = 2
_VOICE: Final = b"en-us"
_STRESS: Final = "ˈˌ"  # left out of the comparison: a word said alone is always stressed
_LANGUAGE_SWITCH: Final = re.compile(r"\([a-z-]+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Words between two pauses. ``phonemes[i]`` are the IPA characters of the clause's word ``i``.

    ``joined[i]`` is true where word ``i`` runs into the one before without a gap ("of the").
    """

    words: tuple[SpokenWord, ...]
    phonemes: tuple[str, ...]
    joined: tuple[bool, ...]
    mark: str

    @property
    def ends_sentence(self) -> bool:
        """Whether the mark is a full stop, question or exclamation mark."""
        return bool(self.mark) and self.mark in SENTENCE_MARKS


def clauses(words: Sequence[SpokenWord]) -> Iterator[Clause]:
    """The words' phonemes, clause by clause; every word is in exactly one clause, in order."""
    pending: list[SpokenWord] = []
    for word in words:
        pending.append(word)
        if word.mark or len(pending) >= MAX_CLAUSE_WORDS:
            yield _clause(tuple(pending))
            pending.clear()
    if pending:
        yield _clause(tuple(pending))


def _clause(words: tuple[SpokenWord, ...]) -> Clause:
    said = [word.spoken for word in words if word.spoken]
    pieces = iter(align(espeak(" ".join(said)), [espeak(spoken) for spoken in said]))
    found = [next(pieces) if word.spoken else ("", False) for word in words]
    return Clause(
        words=words,
        phonemes=tuple(phonemes for phonemes, _ in found),
        joined=tuple(joined for _, joined in found),
        mark=words[-1].mark,
    )


def align(whole: str, alone: Sequence[str]) -> list[tuple[str, bool]]:
    """Share out a clause's phonemes among its words, given each word's phonemes said alone.

    Returns for each word its phonemes and whether it runs into the word before it.
    """
    groups = whole.split()
    counts = [len(phonemes.split()) for phonemes in alone]
    if sum(counts) != len(groups):
        return _align_by_sound(whole, alone)
    ends = [sum(counts[: index + 1]) for index in range(len(counts))]
    spans = zip([0, *ends], ends, strict=False)
    return [(" ".join(groups[start:end]), False) for start, end in spans]


def _align_by_sound(whole: str, alone: Sequence[str]) -> list[tuple[str, bool]]:
    """Least edits from the words said alone to the clause; each phoneme goes where its match is."""
    model = [(c, index) for index, text in enumerate(alone) for c in _sounds(text)]
    sounds = _sounds(whole)
    if not model or not sounds:
        return [("", False) for _ in alone]
    owners = _owners([c for c, _ in model], sounds, [index for _, index in model])
    return _gather(whole, owners, len(alone))


def _sounds(ipa: str) -> str:
    return "".join(c for c in ipa if c not in _STRESS and not c.isspace())


def _owners(model: Sequence[str], sounds: str, word_of: Sequence[int]) -> list[int]:
    """For each sound, the word of the model character it is aligned with (Needleman-Wunsch)."""
    rows, columns = len(model) + 1, len(sounds) + 1
    cost = [[0] * columns for _ in range(rows)]
    cost[0] = list(range(columns))
    for i in range(1, rows):
        row, above = cost[i], cost[i - 1]
        row[0] = i
        for j in range(1, columns):
            change = 0 if model[i - 1] == sounds[j - 1] else 1
            row[j] = min(above[j - 1] + change, above[j] + 1, row[j - 1] + 1)
    owners = [0] * len(sounds)
    i, j = len(model), len(sounds)
    while j:
        change = int(i > 0 and model[i - 1] != sounds[j - 1])
        if i and cost[i][j] == cost[i - 1][j - 1] + change:
            i, j = i - 1, j - 1
            owners[j] = word_of[i]
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
            owners[j] = word_of[max(i - 1, 0)]  # a sound too many lengthens the one before
    return owners


def _gather(whole: str, owners: Sequence[int], n_words: int) -> list[tuple[str, bool]]:
    """Phonemes of each word, with the inner spaces of the clause kept."""
    texts = [""] * n_words
    joined = [False] * n_words
    sound, gap, last = 0, True, -1
    for character in whole:
        if character.isspace():
            gap = True
            continue
        owner = owners[min(sound, len(owners) - 1)]
        if owner == last and gap:
            texts[owner] += " "
        if owner != last:
            joined[owner] = not gap
        texts[owner] += character
        sound, gap, last = sound + (character not in _STRESS), False, owner
    return list(zip(texts, joined, strict=True))


class _Library:
    """espeak-ng, initialised once a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._translate = _load()

    def phonemes(self, text: str) -> str:
        """IPA of a text; groups are separated by single spaces."""
        rest = ctypes.c_char_p(text.replace("\0", " ").encode("utf-8", "ignore"))
        found: list[str] = []
        with self._lock:
            while rest.value is not None:
                ipa = self._translate(ctypes.byref(rest), _CHARS_UTF8, _PHONEMES_IPA)
                found.append((ipa or b"").decode("utf-8", "ignore"))
        return " ".join(_LANGUAGE_SWITCH.sub("", " ".join(found)).split())


@lru_cache(maxsize=1)
def _library() -> _Library:
    return _Library()


@lru_cache(maxsize=4096)
def espeak(text: str) -> str:
    """IPA of a text in American English, groups separated by single spaces; never fails on text.

    Raises:
        ModelFileError: espeak-ng's library or its data could not be loaded.
    """
    return _library().phonemes(text) if text else ""


def _load() -> "ctypes._NamedFuncPointer":
    data_path = espeakng_loader.get_data_path()
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise ModelFileError(f"expected espeak-ng's library, got: {error}") from error
    rate_hz = library.espeak_Initialize(
        _OUTPUT_SYNCHRONOUS, 0, data_path.encode(), _INITIALIZE_DONT_EXIT
    )
    if rate_hz <= 0 or library.espeak_SetVoiceByName(_VOICE) != 0:
        raise ModelFileError(f"expected espeak-ng's data with voice en-us in {data_path}")
    translate = library.espeak_TextToPhonemes
    translate.restype = ctypes.c_char_p
    translate.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    return translate

"""The bench's texts, with the words that an answer to them must hold.

Law: training never reads these files, and these never repeat a text of its material, the closed
classes (backchannels, tics) aside. One text in three is for validation, the others for the test.
Source: material/*.txt, written for this. A line is ``text | group; group``; a group's choices are
parted by "/" and any one of them meets it. A line ``## name`` opens a section.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from hocket.data.splits import Split

HESITATION: Final = "…"
_UP_TO_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety"
_NUMBERS: Final = {word: str(n) for n, word in enumerate(_UP_TO_TWENTY.split())} | {
    word: str(30 + 10 * n) for n, word in enumerate(_TENS.split())
}
_DIGITS: Final = {digits: word for word, digits in _NUMBERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text to be said."""

    text: str
    slots: tuple[tuple[str, ...], ...] = ()
    section: str = ""


@lru_cache(maxsize=32)
def texts(name: str) -> tuple[Text, ...]:
    """All texts of ``material/<name>.txt``, in order."""
    found: list[Text] = []
    section = ""
    for line in read(f"{name}.txt").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").strip()
        elif line.strip() and not line.startswith("#"):
            text, _, slots = line.partition("|")
            found.append(Text(text=text.strip(), slots=_slots(slots), section=section))
    return tuple(found)


def texts_of(name: str, split: Split, section: str | None = None) -> tuple[Text, ...]:
    """The texts of a file, or of a section of it, that are for a split of voices."""
    here = [text for text in texts(name) if section in (None, text.section)]
    validation = split is Split.VALIDATION
    return tuple(text for i, text in enumerate(here) if (i % 3 == 1) is validation)


def read(name: str) -> str:
    """A file of the material."""
    return (resources.files("hocket.evaluation") / "material" / name).read_text(encoding="utf-8")


def both_ways(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words with the numbers among them in figures and in letters: a recogniser writes either."""
    pairs = [(word, _DIGITS.get(word) or _NUMBERS.get(word)) for word in words]
    return tuple(each for pair in pairs for each in pair if each)


def _slots(text: str) -> tuple[tuple[str, ...], ...]:
    groups = [[c.strip().lower() for c in group.split("/")] for group in text.split(";")]
    return tuple(both_ways(tuple(group)) for group in groups if any(group))

"""Makes running text speakable, word by word. Pure.

Law: one ``SpokenWord`` for every whitespace-separated word, in order, whatever the text holds; a
word that cannot or should not be said (emoji, other scripts, bare markup) is kept and has no sound.

espeak-ng reads plain numbers and abbreviations; what it reads badly (money, clock times, years,
addresses, markup: it says "less than", "slash", "Chinese letter") is rewritten here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hocket.engine.spoken_numbers import spoken_number

MAX_WORD_LETTERS: Final = 30  # "floccinaucinihilipilification" has 29; beyond is noise
SENTENCE_MARKS: Final = ".?!"
PAUSE_MARKS: Final = ",;:"
CLOSERS: Final = "\"')]}»”’*_`~|>"
TITLES: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "st", "mt", "vs", "gen", "sen", "rep", "lt", "col", "capt"}
)
BEFORE_NUMBERS: Final = frozenset({"no", "fig", "vol", "pp", "p", "ch"})
DOTTED: Final = frozenset(
    {"e.g", "i.e", "a.m", "p.m", "etc", "u.s", "u.k", "inc", "ltd", "jr", "sr", "approx"}
)
EXPANSIONS: Final = {"vs": "versus", "approx": "approximately"}

_MARKDOWN_LINK = re.compile(r"\]\([^)]*\)?")
_ADDRESS = re.compile(r"^(?:https?://|www\.)([^/?#:]+)\S*$", re.IGNORECASE)
_MAIL = re.compile(r"^([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)$")
_MARKUP = re.compile(r"[*_`~#|<>\[\]{}\\^=]+")
_DASHES = re.compile(r"[-‐‑‒–—―]{2,}|[–—―]|(?<=\d)-(?=\d)")
_MINUS = re.compile(r"^[-−](?=\d)")
_INITIALS = re.compile(r"^(?:[A-Za-z]\.)*[A-Z]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """A word as written, what is said for it, and the pause mark that follows it."""

    text: str
    spoken: str  # zero or more words for espeak-ng, joined by single spaces
    mark: str = ""  # one of . ? ! , ; : or nothing


def spoken_words(text: str) -> tuple[SpokenWord, ...]:
    """Every whitespace-separated word of ``text`` with what to say for it."""
    words = text.split()
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return tuple(_spoken_word(before, word, after) for before, word, after in around)


def _spoken_word(before: str, word: str, after: str) -> SpokenWord:
    plain = _plain(word)
    mark, body = _split_mark(plain, after)
    if mark and not any(character.isalnum() for character in body):
        return SpokenWord(text=word, spoken="", mark="," if mark == ":" else mark)
    return SpokenWord(text=word, spoken=_say(before, body, after), mark=mark)


def _plain(word: str) -> str:
    """Compatibility forms unfolded; controls, surrogates and private use removed."""
    unfolded = unicodedata.normalize("NFKC", word).replace("’", "'").replace("⁄", "/")
    return "".join(c for c in unfolded if unicodedata.category(c)[0] != "C")


def _split_mark(plain: str, after: str) -> tuple[str, str]:
    """The pause mark at the end of a word and the word without it."""
    if plain and all(c in "-‐‑‒–—―" for c in plain):
        return ",", ""
    open_end = plain.rstrip(CLOSERS)
    body = open_end.rstrip(".?!,;:…—–" + CLOSERS)
    tail = open_end[len(body) :]
    if "?" in tail:
        return "?", body
    if "!" in tail:
        return "!", body
    if _abbreviates(body, tail, after):
        return "", EXPANSIONS.get(body.lower(), body + ".")
    if "." in tail:
        return ("," if "..." in tail and after[:1].islower() else "."), body
    for mark in PAUSE_MARKS:
        if mark in tail:
            return mark, body
    return ("," if tail.strip(".") else ""), body


def _abbreviates(body: str, tail: str, after: str) -> bool:
    """Whether the dot belongs to the word and ends no sentence."""
    if not after or tail != ".":
        return False
    name = body.lower().lstrip("\"'([{")
    initials = _INITIALS.match(body) is not None
    if name in TITLES or (initials and len(body) == 1 and body != "I"):
        return True
    if name in BEFORE_NUMBERS:
        return after[0].isdigit()
    return (name in DOTTED or initials) and after[0].islower()


def _say(before: str, body: str, after: str) -> str:
    """What to say for a word without its mark; empty if it has no sound."""
    body = _MARKDOWN_LINK.sub("]", body)
    bare = body.strip("\"'()[]{}<>*_`~")
    if address := _ADDRESS.match(bare):
        return _latin(address[1].lower().removeprefix("www.").replace(".", " dot "))
    if mail := _MAIL.match(bare):
        return _latin(f"{mail[1]} at {mail[2]}".replace(".", " dot "))
    if (number := spoken_number(before, bare, after)) is not None:
        return number
    cleaned = _MINUS.sub("minus ", _DASHES.sub(" ", _MARKUP.sub(" ", body)))
    return _latin(cleaned)


def _latin(text: str) -> str:
    """Only what an English voice can say: Latin letters, digits, and signs inside words."""
    kept = "".join(c if _sayable(c) else " " for c in text)
    return " ".join(_shortened(kept.split()))


def _sayable(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "'&%+$@.-:,"
    if character in "€£¥°":
        return True
    kind = unicodedata.category(character)[0]
    return kind == "L" and unicodedata.name(character, "").startswith("LATIN")


def _shortened(words: list[str]) -> Iterator[str]:
    for word in words:
        if any(character.isalnum() for character in word) or word in ("&", "%", "+", "@", "$"):
            yield word[:MAX_WORD_LETTERS]

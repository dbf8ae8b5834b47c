"""Written text as it is said aloud: plain signs, whole words, numbers in words.

Law: what cannot be said well is refused, not guessed at. What comes back holds no digit and no sign but
those that conversations.py allows.
Source: lines of task dialogues, read by eye (dialogues.py).
"""

import re
from typing import Final

from hocket.engine.spoken_numbers import MONTHS, spoken_number


def listed(text: str) -> tuple[str, ...]:
    """The words of a list."""
    return tuple(text.split())


# Addresses, codes, ranges, formulas, brackets, shouted words: nobody reads them out well.
_REFUSED: Final = re.compile(
    r"[@|<>\\`~*=\[\]_{}^+()]|\w/\w|\bwww\b|\.(?:com|org|net)\b|\d-\d|\b[A-Z]{5,}\b|\b[A-Z]{2,}(?!s\b)[a-z]+|'\d"
    r"|\d[A-Za-z]+\d|[A-Za-z]-?\d|\d-?[A-Z]\b|(?i:\b(?:d\.?d\.?s|m\.?s\.?d|ste|apt)\b)"
)
_PHONE: Final = re.compile(r"\(?\b(\d{3})\)?[-. ](\d{3})[-. ](\d{4})\b")
_PLAIN: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"\b([APap])\.[Mm]\.(?=\s+[A-Z]|\s*$)", r"\1m."),
        (r"\b([APap])\.[Mm]\b\.?", r"\1m"),
        (r"(?<=\d)\s*(?:am|AM|Am)\b", " AM"),
        (r"(?<=\d)\s*(?:pm|PM|Pm)\b", " PM"),
        (r"(?<=\d):00(?= [AP]M\b)", ""),
        (r",? (?:M\.?D|Ph\.?D|D\.?M\.?D|O\.?D)\b\.?", ""),
        (r"\bD\.C\.?", "DC"),
        (r"\bU\.S\.(?:A\.)?", "US"),
        (r",? (?:CA|NY|WA|AZ|GA|BC|NSW)\b", ""),
        (r"\bDr\.? ", "Doctor "),
        (r"\b(Mr|Mrs|Ms|Jr|Sr|St|Mt|Co|Inc|Ltd|No)\.(?= \w)", r"\1"),
        (r"\bAve\b\.?", "Avenue"),
        (r"\bBlvd\b\.?", "Boulevard"),
        (r"\b[Vv][Ss]\b\.?", "versus"),
        (r"\b([A-Z])\.(?= ?[A-Z])", r"\1"),  # initials
        (r"\b(?:OK|Ok|ok)\b", "okay"),
        (r"\bi\b", "I"),
        (r"\b[Bb]ed rooms?\b", "bedroom"),
        (r" ?& ?(?=[A-Z])", " And "),  # of a name, and no place to part it
        (r" ?& ?", " and "),
        (r"(?<=\d) ?%", " percent"),
        (r"# ?(?=\d)", "number "),
        (r"\$ ", "$"),
        (r'"', ""),
        (r"[;:](?= |$)", ","),
        (r" [-–]+ |(?<=\w)- ", ", "),
        (r" '(?=s\b)", "'"),
        (r"([?!])(?=\w)", r"\1 "),
        (r"\.{2,}(?= [a-z])", ","),
        (r"([.?!,])[.?!,]+", r"\1"),
        (r"\s+([.?!,])", r"\1"),
        (r"([a-z\d])([.?!])(?=[A-Z])", r"\1\2 "),  # a space forgotten
        (r"(?<=[A-Za-z]),(?=\w)|(?<=\d),(?=[A-Za-z])", ", "),
        (r"\s+", " "),
        (r"\b([Aa]|[Tt]he|to|is|of|in|on|at) \1\b", r"\1"),
    )
)
_QUESTION: Final = re.compile(
    r"(?:what|where|when|which|who|how|why|can|could|do|does|did|is|are|will|would|may|shall|should)\b",
    re.IGNORECASE,
)


# Written with a full stop often enough.
_ASKS: Final = re.compile(
    r"(?:(?:in|at|for|from|on) )?(?:what (?!a\b)|where|which|how (?:many|much|about|long)"
    r"|(?:do|can|could|would|will|are) you\b|do I\b|is there)"
    r"[^,.?!]*\.$",
    re.IGNORECASE,
)


def plain(text: str) -> str | None:
    """A text with plain signs and whole words, its numbers still in digits, or None."""
    text = _PHONE.sub(_phone, text.replace("’", "'")).strip()
    if not text.isascii() or _REFUSED.search(text):
        return None
    for pattern, put in _PLAIN:
        text = pattern.sub(put, text)
    return text.strip(" ,-")


def sentences_of(text: str) -> list[str]:
    """The sentences, each with an upper-case letter and a mark around it."""
    found = [s.strip(" ,") for s in re.split(r"(?<=[.?!])\s+", text)]
    whole = [s if s[-1] in ".?!" else s + ("?" if _QUESTION.match(s) else ".") for s in found if s]
    marked = [s[:-1] + "?" if _ASKS.match(s) else s for s in whole if s[0] not in ".?!"]
    return [s[0].upper() + s[1:] for s in marked]


def spoken(text: str) -> str | None:
    """The text with its numbers in words, or None where something cannot be said."""
    words = text.split()
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    said = " ".join(_said_word(before, word, after) for before, word, after in around)
    said = re.sub(r"\bzero (?=(?:stop|transfer|layover)s\b)", "no ", said)
    said = re.sub(r"\b(dollars?) dollars?\b", r"\1", said)
    said = re.sub(r"\b(on|from|till|until|to|for|by) (?=\S+(?:th|st|nd|rd) of\b)", r"\1 the ", said)
    return None if _NOT_SAID.search(said) else _capitals(said)


def _capitals(text: str) -> str:
    return re.sub(r"(^|[.?!] )([a-z])", lambda found: found[1] + found[2].upper(), text)


_NOT_SAID: Final = re.compile(r"[^\w ,.?!'-]|[\d_]")  # as in conversations.py
_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th|ST|ND|RD|TH|Th)?(?![A-Za-z])")
_ENDING: Final = re.compile(r"[a-zA-Z]+$")
ONES: Final = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
TENS: Final = listed("- - twenty thirty forty fifty sixty seventy eighty ninety")
_ORDINALS: Final = {"one": "first", "two": "second", "three": "third", "five": "fifth"} | {
    **{"eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
}
_SCALES: Final = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))


def _said_word(before: str, word: str, after: str) -> str:
    if not any(character.isdigit() for character in word):
        return word
    body = word.rstrip(".,?!")
    known = spoken_number(before, body, after) or body
    if before in MONTHS and body.isdigit() and int(body) < 32:
        known += "th"
    return _NUMBER.sub(lambda found: _number(found[0]), known) + word[len(body) :]


def _number(digits: str) -> str:
    """``1,250``, ``4.5``, ``22nd`` or ``3455`` in words."""
    if _ENDING.search(digits):
        return _ordinal(_cardinal(int(_ENDING.sub("", digits).replace(",", ""))))
    if "." in digits:
        whole, fraction = digits.replace(",", "").split(".")
        return " ".join([_cardinal(int(whole)), "point", *(ONES[int(d)] for d in fraction)])
    if "," not in digits and (len(digits) > 4 or digits[0] == "0" != digits):
        return " ".join(ONES[int(digit)] for digit in digits)
    if len(digits) == 4 and digits[1:3] != "00" and digits[2:] != "00":  # a house, a year
        tens = _cardinal(int(digits[2:]))
        return f"{_cardinal(int(digits[:2]))} {'oh ' if digits[2] == '0' else ''}{tens}"
    return _cardinal(int(digits.replace(",", "")))


def _cardinal(n: int) -> str:
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")
    size, name = next((size, name) for size, name in _SCALES if n >= size)
    rest = f" {_cardinal(n % size)}" if n % size else ""
    return f"{_cardinal(n // size)} {name}{rest}"


def _ordinal(cardinal: str) -> str:
    cut = max(cardinal.rfind(" "), cardinal.rfind("-")) + 1
    last = cardinal[cut:]
    ending = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return cardinal[:cut] + _ORDINALS.get(last, ending)


def _phone(found: re.Match[str]) -> str:
    return ", ".join(" ".join(ONES[int(d)] for d in group) for group in found.groups())

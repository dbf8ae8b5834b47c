"""How money, clock times, dates and years are said in American English. Pure.

Law: a word is rewritten only when the whole of it has a known form; everything else is espeak-ng's.
Measured with espeak-ng 1.52: "$3.50" gives "dollars three point five zero", "1984" gives "nineteen
hundred eighty four", "1/2" gives "one slash two".
"""

import re
from typing import Final

CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cents"),
    "€": ("euro", "euros", "cents"),
    "£": ("pound", "pounds", "pence"),
}
SCALES: Final = frozenset({"thousand", "million", "billion", "trillion"})
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_MONEY = re.compile(r"^(-?)([$€£])(\d[\d,]*)(?:\.(\d{2}))?$")
_CLOCK = re.compile(r"^(\d{1,2}):([0-5]\d)(am|pm)?$", re.IGNORECASE)
_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_ISO_DATE = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_FRACTION = re.compile(r"^(\d+)/(\d+)$")
_YEAR = re.compile(r"^(1[1-9])(\d\d)$")
_LONG_DIGITS = re.compile(r"^\d{13,}$")


def spoken_number(before: str, word: str, after: str) -> str | None:
    """The spoken form of a word such as ``$3.50``, or None if it has none of the known forms.

    The neighbours matter in "$3 million", where the currency moves behind the scale.
    """
    if word.lower() in SCALES and (match := _MONEY.match(before)):
        return f"{word} {CURRENCIES[match[2]][1]}"
    if match := _MONEY.match(word):
        return _money(match, after)
    if match := _CLOCK.match(word):
        return _clock(int(match[1]), match[2], match[3])
    if match := _DATE.match(word):
        return _date(int(match[1]), int(match[2]), match[3])
    if match := _ISO_DATE.match(word):
        return _date(int(match[2]), int(match[3]), match[1])
    if match := _FRACTION.match(word):
        return f"{match[1]} over {match[2]}"
    if match := _YEAR.match(word):
        return _year(match[1], match[2])
    if _LONG_DIGITS.match(word):
        return " ".join(word[:40])
    return None


def _money(match: re.Match[str], after: str) -> str:
    sign, currency, whole, cents = match.groups()
    one, many, small = CURRENCIES[currency]
    minus = "minus " if sign else ""
    if after.strip(".,;:?!").lower() in SCALES:
        return f"{minus}{whole}"
    unit = one if whole == "1" else many
    rest = f" and {int(cents)} {small}" if cents and int(cents) else ""
    return f"{minus}{whole} {unit}{rest}"


def _clock(hour: int, minute: str, half: str | None) -> str:
    spoken = "o'clock" if minute == "00" else f"oh {minute[1]}" if minute[0] == "0" else minute
    if half is None:
        return f"{hour} {spoken}"
    end = f"{half[0].upper()}M"
    return f"{hour} {end}" if minute == "00" else f"{hour} {spoken} {end}"


def _date(month: int, day: int, year: str) -> str:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return f"{month} {day} {year}"
    return f"{MONTHS[month - 1]} {_ordinal(day)} {_said_year(year)}"


def _ordinal(day: int) -> str:
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _said_year(year: str) -> str:
    match = _YEAR.match(year)
    return _year(match[1], match[2]) if match else year


def _year(century: str, rest: str) -> str:
    if rest == "00":
        return f"{century} hundred"
    return f"{century} oh {rest[1]}" if rest[0] == "0" else f"{century} {rest}"

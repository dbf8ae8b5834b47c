"""Task dialogues as conversations: written exchanges made into what two people could say aloud.

Law: a user says what is written, in words that can be spoken; the agent says the part that carries the
content, in phrases short enough for the voice. A line that no rule makes good ends the piece before it,
and a piece too short makes no conversation: there are more dialogues than are needed. Same dialogue,
same seed, same conversation.
Source: Schema-Guided Dialogue (CC BY-SA 4.0) and Taskmaster-4 (CC BY 4.0), one JSON object a line: ``id``,
``services``, ``turns`` of ``[speaker, text]`` with the speaker ``u`` or ``s``. Where people hesitate
and correct themselves: Shriberg, Preliminaries to a Theory of Speech Disfluencies (1994).
"""

import gzip
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from hocket.core.errors import BadInput
from hocket.data.conversations import MAX_FIRST_WORDS, MAX_WORDS, Conversation, Kind, Line
from hocket.data.texts import HESITATION
from hocket.engine.phrasing import LEANING, STRONG_JOINTS, WEAK_JOINTS
from hocket.engine.spoken_numbers import MONTHS, spoken_number
from hocket.protocol.modes import Mode

MIN_TURNS: Final = 4
MAX_TURNS: Final = (6, 8, 10)  # one of them, by the dialogue's id
MAX_AGENT_WORDS: Final = 22
MAX_USER_WORDS: Final = 40
SLIP_BELOW: Final = 3  # a word that fewer dialogues hold is held for a slip of the keyboard
COFFEE: Final = "Coffee"  # what Taskmaster-4 is about; it names no service


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Dialogue(BaseModel):
    """A dialogue as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    services: tuple[str, ...]
    turns: tuple[tuple[Literal["u", "s"], str], ...]

    @property
    def service(self) -> str:
        """What it is about first, without the number of the service's variant."""
        return next((name.split("_")[0] for name in self.services if name), COFFEE)


def read(path: Path) -> Iterator[Dialogue]:
    """All dialogues of a file, in order.

    Raises:
        BadInput: the file cannot be read, or a line of it is no dialogue; the line is named.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                yield _dialogue(line, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: expected gzipped lines of JSON, got: {error}") from error


def _dialogue(line: str, at: str) -> Dialogue:
    try:
        return Dialogue.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{at}: expected a dialogue, got {where}: {first['msg']}") from error


def chosen(path: Path, n: int, seed: int, *, disfluent: bool = False) -> list[Conversation]:
    """``n`` conversations, the services in turn, no two with the same opening; fewer if there are fewer.

    Raises:
        BadInput: the file cannot be read.
    """
    rng = np.random.default_rng(seed)
    dialogues = list(read(path))
    known = _known_words(dialogues)
    by_service: dict[str, list[Dialogue]] = defaultdict(list)
    for place in rng.permutation(len(dialogues)):
        by_service[dialogues[place].service].append(dialogues[place])
    order = [by_service[name] for name in sorted(by_service)]
    found: list[Conversation] = []
    openings: set[str] = set()
    made = (_made_from(ones, known, openings, disfluent, seed) for ones in order)
    for row in zip_longest(*made):
        found += [one for one in row if one is not None]
        if len(found) >= n:
            break
    return found[:n]


def _known_words(dialogues: Iterable[Dialogue]) -> Counter[str]:
    """How many dialogues hold each word in lower case."""
    return Counter(
        word
        for one in dialogues
        for word in set(_LOWER.findall(" ".join(text for _, text in one.turns)))
    )


def _made_from(
    dialogues: Sequence[Dialogue],
    known: Counter[str],
    openings: set[str],
    disfluent: bool,
    seed: int,
) -> Iterator[Conversation]:
    for dialogue in dialogues:
        plain = as_conversation(dialogue)
        if plain is None or plain.lines[0].text in openings:
            continue
        words = _LOWER.findall(" ".join(line.text for line in plain.lines))
        if any(0 < known[word] < SLIP_BELOW for word in words):
            continue
        openings.add(plain.lines[0].text)
        yield with_disfluencies(plain, seed) if disfluent else plain


_LOWER: Final = re.compile(r"(?<![\w'])[a-z]{2,}(?![\w'])")


# --- the piece ----------------------------------------------------------------------------------


def as_conversation(
    dialogue: Dialogue, *, disfluent: bool = False, seed: int = 0
) -> Conversation | None:
    """The beginning of a dialogue in spoken style, or None where no rule makes it good.

    With ``disfluent`` the user hesitates in some lines; ``seed`` and the id say in which.
    """
    name = re.sub(r"[^a-z0-9]+", "-", dialogue.id.lower()).replace("tm4-dlg-", "tm-")
    number = int.from_bytes(hashlib.sha256(dialogue.id.encode()).digest()[:8], "big")
    lines = _lines(dialogue, MAX_TURNS[number % len(MAX_TURNS)])
    ends = [
        n for n, line in enumerate(lines, start=1) if line.kind is Kind.AGENT and n >= MIN_TURNS
    ]
    told = [n for n in ends if not lines[n - 1].text.endswith("?")]
    if not ends or not _stands_alone(lines[0].text):
        return None
    conversation = Conversation(id=name, lines=tuple(lines[: max(told or ends)]))
    return with_disfluencies(conversation, seed) if disfluent else conversation


def _lines(dialogue: Dialogue, n: int) -> list[Line]:
    """Up to ``n`` lines in turn, from a user's on, up to the first that cannot be made."""
    found: list[Line] = []
    for speaker, turns in groupby(dialogue.turns, key=lambda turn: turn[0]):
        text = " ".join(text for _, text in turns)
        if not found and speaker == "s":
            continue
        key = f"{dialogue.id}/{len(found)}"
        asked = found[-1].text if found else ""
        line = _user_line(text) if speaker == "u" else _agent_line(text, key, asked)
        if line is None or len(found) == n:
            break
        found.append(line)
    return found


def _stands_alone(text: str) -> bool:
    return len(text.split()) >= 3 and not _LEANS_BACK.match(text)


_LEANS_BACK: Final = re.compile(r"(yes|no|yeah|it|that|they|thanks?|also|and|but)\b", re.IGNORECASE)


def _pick(options: Sequence[str], key: str) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[8:16], "big")
    return options[number % len(options)]


# --- what can be said ---------------------------------------------------------------------------

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


def _plain(text: str) -> str | None:
    """A text with plain signs and whole words, its numbers still in digits, or None."""
    text = _PHONE.sub(_phone, text.replace("’", "'")).strip()
    if not text.isascii() or _REFUSED.search(text):
        return None
    for pattern, put in _PLAIN:
        text = pattern.sub(put, text)
    return text.strip(" ,-")


def _sentences(text: str) -> list[str]:
    """The sentences, each with an upper-case letter and a mark around it."""
    found = [s.strip(" ,") for s in re.split(r"(?<=[.?!])\s+", text)]
    whole = [s if s[-1] in ".?!" else s + ("?" if _QUESTION.match(s) else ".") for s in found if s]
    marked = [s[:-1] + "?" if _ASKS.match(s) else s for s in whole if s[0] not in ".?!"]
    return [s[0].upper() + s[1:] for s in marked]


def _said(text: str) -> str | None:
    """The text with its numbers in words, or None where something cannot be said."""
    words = text.split()
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    spoken = " ".join(_said_word(before, word, after) for before, word, after in around)
    spoken = re.sub(r"\bzero (?=(?:stop|transfer|layover)s\b)", "no ", spoken)
    spoken = re.sub(r"\b(dollars?) dollars?\b", r"\1", spoken)
    spoken = re.sub(
        r"\b(on|from|till|until|to|for|by) (?=\S+(?:th|st|nd|rd) of\b)", r"\1 the ", spoken
    )
    return None if _NOT_SAID.search(spoken) else _capitals(spoken)


def _capitals(text: str) -> str:
    return re.sub(r"(^|[.?!] )([a-z])", lambda found: found[1] + found[2].upper(), text)


_NOT_SAID: Final = re.compile(r"[^\w ,.?!'-]|[\d_]")  # as in conversations.py
_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th|ST|ND|RD|TH|Th)?(?![A-Za-z])")
_ENDING: Final = re.compile(r"[a-zA-Z]+$")
_ONES: Final = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS: Final = _words("- - twenty thirty forty fifty sixty seventy eighty ninety")
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
        return " ".join([_cardinal(int(whole)), "point", *(_ONES[int(d)] for d in fraction)])
    if "," not in digits and (len(digits) > 4 or digits[0] == "0" != digits):
        return " ".join(_ONES[int(digit)] for digit in digits)
    if len(digits) == 4 and digits[1:3] != "00" and digits[2:] != "00":  # a house, a year
        tens = _cardinal(int(digits[2:]))
        return f"{_cardinal(int(digits[:2]))} {'oh ' if digits[2] == '0' else ''}{tens}"
    return _cardinal(int(digits.replace(",", "")))


def _cardinal(n: int) -> str:
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_ONES[n % 10]}" if n % 10 else "")
    size, name = next((size, name) for size, name in _SCALES if n >= size)
    rest = f" {_cardinal(n % size)}" if n % size else ""
    return f"{_cardinal(n // size)} {name}{rest}"


def _ordinal(cardinal: str) -> str:
    cut = max(cardinal.rfind(" "), cardinal.rfind("-")) + 1
    last = cardinal[cut:]
    ending = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return cardinal[:cut] + _ORDINALS.get(last, ending)


def _phone(found: re.Match[str]) -> str:
    return ", ".join(" ".join(_ONES[int(d)] for d in group) for group in found.groups())


# --- the user's lines ---------------------------------------------------------------------------


def _user_line(text: str) -> Line | None:
    plain = _plain(text)
    said = plain and _said(" ".join(_sentences(plain)))
    if not said or len(said.split()) > MAX_USER_WORDS or _SEES.search(said):
        return None
    return Line(kind=Kind.USER, text=said)


_SEES: Final = re.compile(r"\b(screen|display\w*|menu|in front of me)\b", re.IGNORECASE)


# --- the agent's lines --------------------------------------------------------------------------

_OPENER: Final = re.compile(
    r"^(?:(?:sure(?: thing)?|okay|alright|all right|great|perfect|no problem|no worries|of course|"
    r"certainly|absolutely|definitely|got it|thank you|thanks|wonderful|excellent|awesome|well|"
    r"my pleasure|yup|right|so|good|nice|oh)[,.!]+ |(?:okay|alright) )+(?=\w)",
    re.IGNORECASE,
)
_MORE_HELP: Final = re.compile(
    r"\b(?:anything|something|what) else\b|\b(?:other|further|more|additional) (?:help|assist\w*)\b"
    r"|\bhelp you (?:further|more)\b|\belse\?$",
    re.IGNORECASE,
)
_ELSE: Final = (
    *("Anything else?", "Anything else I can do?", "What else can I do?", "Do you need more help?"),
    *("Is there anything else?", "Something else?", "Can I help with more?"),
)
_COURTESY: Final = re.compile(
    r"^(?:have an?|enjoy|thank|you're welcome|you are welcome|my pleasure|i hope|hope|i'm glad|i am "
    r"glad|glad|good ?bye|bye|see you|let me know|please let me know|i wish|please wait|one moment|"
    r"sure|okay|no problem|great|of course|alright|certainly|perfect|sorry for|i'll be|it was)\b",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"^(?:i (?:have |was able to |could |searched and )?(?:found|find|located)|i've (?:found|located)|"
    r"i have(?: got)?|i've got|there are|there is|there were|we have|we found|those|these) (?:you )?"
    r"(?:\d+|several|some|a few|many|multiple|a couple of|a number of)\b",
    re.IGNORECASE,
)
_LEANS: Final = re.compile(
    r"^(?:it|they|he|she|its|their|the first|the second|these|those|that|this)\b", re.IGNORECASE
)
_IS_RIGHT: Final = re.compile(
    r"^(?:is (?:this|that|it|everything|all)|am i|i'm right|does (?:this|that|everything)|correct|right|"
    r"is correct|can you confirm|(?:can you |could you )?please (?:confirm|verify)|confirm|do you "
    r"confirm|did i)\b.{0,25}$",
    re.IGNORECASE,
)
_RIGHT: Final = (
    "Is that right?",
    "Did I get that right?",
    "Is that all correct?",
    "Have I got that right?",
)
_CONFIRM: Final = re.compile(
    r"^(?:(?:please|kindly|can|could|would|will|you|just|to|let's|lets|let|me|go|ahead|and|i|need|want|"
    r"like|have) )*"
    r"(?:confirm(?:ing)?|verify|ensure|make sure|review|recap|summarize)\b"
    r"(?:[ ,]+(?:that|if|with me|for me|me|these|this|(?:the|your|all) (?:following|below|details?|"
    r"information|info|updated|itinerary)|following|details?|information|everything|please|on|is it "
    r"correct|i(?:'ve| have) (?:got )?(?:this|that|it|everything) (?:right|correct)))*"
    r"[ ,.?-]+",
    re.IGNORECASE,
)
_DOING: Final = re.compile(
    r"^(?:booking|adding|reserving|scheduling|playing|buying|purchasing|sending|sharing|setting|making|"
    r"creating|transferring|renting|getting|searching|looking)\b",
    re.IGNORECASE,
)
_GOING: Final = re.compile(
    r"^(?:visiting|leaving|departing|traveling|picking|checking|going|staying|watching|listening|"
    r"flying|riding)\b",
    re.IGNORECASE,
)
_DO: Final = re.compile(
    r"^(?:to )?((?:play|book|reserve|add|schedule|send|buy|purchase|share|make|find|rent|set|get|transfer|"
    r"request|create)\b)",
    re.IGNORECASE,
)
_THING: Final = re.compile(
    r"^(?:an?|your|\d+|one|two|three|four|five|six|seven|eight|nine|ten|appointment|tickets?|table) ",
    re.IGNORECASE,
)
_STATED: Final = re.compile(
    r"^(?:you(?!r)|i|we|you're|you'd|you'll|the|there|it|your \w+ (?:is|will))\b", re.I
)
_STIFF: Final = re.compile(
    r"\b(?:confirm|verify|ensure|following|details?|criteria|screen|display\w*|click|menu|below|"
    r"in front of you|apologi[sz]e|kindly|info|unfortunately)\b"
    r"|(?:^|[.?!] )(?:is|are|has|have) (?:located|at|called|in)\b"
    r"|\bI (?:can|could) (?:see|not)\b|\b(?:an?|the|and|or|but|my|your|particular)[.?!]",
    re.IGNORECASE,
)
_SHORTER: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (
            r"\bI (?:was able to find|searched and found|have found|did find|could find)\b",
            "I found",
        ),
        (r"\bI(?: ha|')ve (?:successfully|gone ahead and) ", "I've "),
        (r"\b(has been|was|is|have been) successfully ", r"\1 "),
        (r" successfully\b", ""),
        (r"^(?:Would you like|Do you want|Would you want|Do you wish) (?:for )?me to ", "Shall I "),
        (r"^(?:Would you|Do you) (?:wish|prefer) to ", "Do you want to "),
        (r"\b(is|are|'s|'re) located (at|in|on)\b", r"\1 \2"),
        (r"\blocated (?=at|in|on)", ""),
        (r"\bpurchase\b", "buy"),
        (r"\brequire\b", "need"),
        (r"\bapproximately\b", "about"),
        (r"\bprior to\b", "before"),
        (r"\bin regards? to\b", "about"),
        (r"\bavaliable\b", "available"),
        (r"\bassist(?: you)? with\b", "help with"),
        (r"\bassist\b", "help"),
        (r"\bper (?=night|month|day|person|ticket|passenger)", "a "),
        (r" (?:degrees? )?[Ff]ahrenheit\b", " degrees"),
        (r"\bOne of them is\b|^One is\b|^The first one is\b", "There's"),
        (r"^(It|That|There|What|Where|He|She) is (?=\w)", r"\1's "),
        (r"^(They|You) are (?=[a-z])", r"\1're "),
        (r"^I am (?=[a-z])", "I'm "),
        (r"\bI will (?=[a-z])", "I'll "),
        (r"\bI have (?=\w+ed\b|made|found|got|set|sent)", "I've "),
        (r"\b(do|does|is|are|has|have|was|did) not\b", r"\1n't"),
        (r"\bcannot\b", "can't"),
    )
)


def _agent_line(text: str, key: str, asked: str) -> Line | None:
    """What the agent would say of it, in phrases, or None. ``asked`` is what the user said."""
    plain = _plain(text)
    if not plain or text.strip()[0].islower():
        return None
    sentences = _sentences(_OPENER.sub("", plain))
    if _ORDER_SHOWN.search(plain):
        return _in_phrases(_order_read_back(asked, key))
    read_back = [n for n, s in enumerate(sentences) if _CONFIRM.match(s) and not _IS_RIGHT.match(s)]
    if read_back:
        body = _CONFIRM.sub("", " ".join(sentences[read_back[0] :]))
        told = _read_back(_sentences(body), key)
    else:
        told = _told([_shortened(s, key) for s in sentences])
    return None if told is None or _STIFF.search(told) else _in_phrases(told)


def _in_phrases(told: str) -> Line | None:
    phrases = _phrases(told) if len(told.split()) <= MAX_AGENT_WORDS else ()
    return Line(kind=Kind.AGENT, text=told, phrases=phrases) if phrases else None


# The agent of the coffee orders shows the order; ours has nothing to show, so it says it.
_ORDER_SHOWN: Final = re.compile(
    r"\b(?:screen|display\w*|in front of you|order details|details of (?:the|your) order|"
    r"order (?:all |now )?(?:looks?|is|it's) (?:all )?correct|check (?:the|your) order|"
    r"what you ordered|(?:right|correct) order|confirm (?:your|the) order|"
    r"(?:your|the|this) order (?:looks? )?(?:all )?(?:correct|right))\b",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"\b(?:I'd like|I would like|I want|I'll have|I'll take|I need|give me|get me|"
    r"(?:can|could|may) (?:I|you|we) (?:please )?(?:get|have|order|make)(?: me)?)"
    r"(?: to (?:order|get|have|buy|try))? "
    r"((?:an?|one|two|three) (?:(?!\b(?:I|my|me|you|your|and make|no|wait)\b)[\w' ,-])+?)"
    r"(?:,? please)?[.?!]",
    re.IGNORECASE,
)
_REPEATING: Final = ("So", "Okay,", "So that's", "That's")


def _order_read_back(asked: str, key: str) -> str:
    order = _ORDER.search(asked)
    if not order or len(order[1].split()) > MAX_WORDS:
        return _pick(_RIGHT, key)
    return f"{_pick(_REPEATING, key)} {order[1]}, right?"


def _shortened(sentence: str, key: str) -> str:
    if _MORE_HELP.search(sentence) and sentence[-1] == "?":
        return _pick(_ELSE, key)
    if _IS_RIGHT.match(sentence):
        return _pick(_RIGHT, key)
    for pattern, put in _SHORTER:
        sentence = pattern.sub(put, sentence)
    return sentence[0].upper() + sentence[1:]


def _told(sentences: list[str]) -> str | None:
    """The sentences that carry the content, as many as a spoken line holds."""
    content = [s for s in sentences if not _COURTESY.match(s) and s not in _ELSE]
    if not content:
        courteous = [s for s in sentences if s not in _ELSE][:2] or sentences[:1]
        return _said(" ".join(courteous))
    if len(content) > 1 and _FOUND.match(content[0]) and not _LEANS.match(content[1]):
        content = content[1:]
    said = [_said(sentence) for sentence in content]
    if None in said:
        return None
    return _fitting([s for s in said if s], MAX_AGENT_WORDS)


def _fitting(sentences: list[str], n_words: int) -> str | None:
    """All sentences, or the first and a question at the end, or as many as fit, or a part of one."""
    first, last = sentences[0], sentences[-1]
    tries = [sentences, [first, last]] if last[-1] == "?" else [sentences]
    if last in _RIGHT and len(" ".join(sentences).split()) > n_words:
        return None  # nobody can say whether it is right without hearing it
    tries += [sentences[:n] for n in range(len(sentences) - 1, 0, -1)]
    for some in tries:
        if len(" ".join(some).split()) <= n_words:
            empty = len(some) < len(sentences) and _EMPTY.match(" ".join(some))
            return None if empty else " ".join(some)
    return _cut(first, n_words)


_EMPTY: Final = re.compile(
    r"(?:I found|I've|I have|I'll|I'd|I would|I can|There's|There are|Yes|No)\b[a-z ,-]*\.$"
)


def _cut(sentence: str, n_words: int) -> str | None:
    """The sentence up to its last clause that fits."""
    ends = [m.start() for m in _CLAUSE.finditer(sentence)]
    fit = [end for end in ends if 6 <= len(sentence[:end].split()) <= n_words]
    kept = sentence[: fit[-1]].rstrip(" ,") if fit else ""
    return kept + sentence[-1] if kept and kept.split()[-1].lower() not in LEANING else None


_CLAUSE: Final = re.compile(
    r", (?=and (?:it|the|has|is|will|they)\b|which|with|it|has|departing|leaving|starting|located|at )"
    r"| (?=(?:which|and (?:it|the|has|is|will|they|costs?|leaves?|departs?|takes?)) )"
)


def _read_back(sentences: list[str], key: str) -> str | None:
    """What the user asked for, as the agent checks it."""
    said = [_said(_shortened(s, key)) for s in sentences if not _IS_RIGHT.match(s)]
    if not said:
        return _pick(_RIGHT, key)
    if None in said:
        return None
    first, rest = said[0] or "", [s for s in said[1:] if s and _STATED.match(s)]
    lower = first if re.match(r"I\b", first) else first[0].lower() + first[1:]
    if do := _DO.match(first):
        return _asked(f"Shall I {lower[do.start(1) :]}")
    for pattern, before in (
        (_DOING, "So I'm"),
        (_GOING, "So you're"),
        (_STATED, "So"),
        (_THING, "So that's"),
    ):
        if pattern.match(first):
            return _checked([f"{before} {lower}", *rest], key)
    return None


def _asked(sentence: str) -> str | None:
    fits = _fitting([sentence], MAX_AGENT_WORDS)
    return fits and fits.rstrip(".?!") + "?"


def _checked(sentences: list[str], key: str) -> str | None:
    fits = _fitting(sentences, MAX_AGENT_WORDS - 1)
    tail = _pick((", right?", ", right?", ", correct?", ", yes?"), key)
    if fits and _TAIL.search(fits):
        return _TAIL.sub(tail, fits)
    return fits and fits.rstrip(".?!") + tail


_TAIL: Final = re.compile(r",? (?:right|correct)[.?!]$", re.IGNORECASE)


# --- phrases ------------------------------------------------------------------------------------

_NO_PLACE: Final = 99.0
_SHORT_WORDS: Final = 3
_JOINTS: Final = (WEAK_JOINTS - {"like", "as"}) | {"until", "near", "starting", "leaving", "called"}
# What follows these belongs to them: "would | like", "check | in", "is | at".
_HANGING: Final = frozenset(
    _words(
        "is are was were be been am would will can could should do does did has have like check checking "
        "pick picking drop dropping look looking going very so not that's it's there's you're i'm they're "
        "kind kinds type types sort out"
    )
)


def _phrases(text: str) -> tuple[str, ...]:
    """The text in phrases that the voice can take, or nothing where it has no places for it."""
    found: list[str] = []
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        words = sentence.split()
        limit = MAX_WORDS if found else MAX_FIRST_WORDS
        ends = _ends(words, limit)
        if ends is None:
            return ()
        found += [" ".join(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)]
    return tuple(found)


def _ends(words: Sequence[str], limit: int) -> list[int] | None:
    """Where the phrases of a sentence end, at the least cost; the first has ``limit`` words at most."""
    best: list[tuple[float, list[int]] | None] = [(0.0, []), *[None] * len(words)]
    for end in range(1, len(words) + 1):
        for start in range(max(0, end - MAX_WORDS), end):
            before = best[start]
            if before is None or (start == 0 and end > limit):
                continue
            cost = before[0] + _cost(words, start, end)
            known = best[end]
            if cost < _NO_PLACE and (known is None or cost < known[0]):
                best[end] = (cost, [*before[1], end])
    last = best[-1]
    return last[1] if last else None


def _cost(words: Sequence[str], start: int, end: int) -> float:
    if end == len(words):
        return 0.0 if end - start >= _SHORT_WORDS or start == 0 else _NO_PLACE
    here, following = words[end - 1].lower(), words[end]  # a name's "And" is no joint
    short = 3.0 if end - start < _SHORT_WORDS else 0.0
    if here[-1] == ",":
        return 1.0 + short
    if here in LEANING | _HANGING or following in _HANGING:
        return _NO_PLACE
    joint = 2.0 if following in STRONG_JOINTS else 4.0 if following in _JOINTS else _NO_PLACE
    return joint + short


# --- disfluencies -------------------------------------------------------------------------------

_HESITATING: Final = 1 / 3  # of the user's lines of so many words
_RESTARTING: Final = 0.07
_CORRECTING: Final = 0.07
MIN_DISFLUENT_WORDS: Final = 6
_PAUSES: Final = (  # inside a line; {} is the pause
    *("{}", "{}", "{} um {}", "{} uh {}", ", um, {}", ", uh {}", "{} er {}", ", you know {}"),
    *(", like {}", "{} hm {}", ", let me think {}", ", um {}", ", let's see {}"),
)
_STARTS: Final = ("Um, ", "So, um, ", "Uh, ", "Well, ", "Hm, ", "Okay, so, ", "Er, ", "Let's see, ")
_CORRECTIONS: Final = (
    *("no, sorry", "no, wait", "I mean", "sorry", "no", "well, no", "or rather", "actually, no"),
)
_SOUGHT_BEHIND: Final = frozenset(
    _words(
        "a an the for to at on in from with about of and or but my some by around near called is"
    )
)
_NEVER_SOUGHT: Final = _SOUGHT_BEHIND | {"it", "me", "them", "that", "there", "you", "him", "her"}
_LOWERED: Final = frozenset(
    _words(
        "a an can could would will do does is are what where when which how who please find show get let "
        "the my that it this we it's that's there are any in on at for yes yeah no okay sounds great good"
    )
)
_SWAPS: Final = (
    *(_words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"), MONTHS),
    *(_words("two three four five six seven"), _words("first second third fourth fifth sixth")),
    *(_words("morning afternoon evening"), _words("small medium large")),
    *(_words("today tomorrow"), _words("seventh eighth ninth tenth eleventh twelfth")),
)
_NUMBER_WORDS: Final = frozenset((*_ONES, *_TENS, "hundred", "thousand", "million", "point"))


def with_disfluencies(conversation: Conversation, seed: int = 0) -> Conversation:
    """The conversation as somebody says it who thinks while speaking; the agent's lines stay."""
    digest = hashlib.sha256(conversation.id.encode()).digest()
    rng = np.random.default_rng((seed, int.from_bytes(digest[:8], "big")))
    lines, last = [], frozenset[str]()
    for line in conversation.lines:
        if line.kind is Kind.USER and len(line.text.split()) >= MIN_DISFLUENT_WORDS:
            text, last = _disfluent(line.text, last, rng)
            line = replace(line, text=text)
        lines.append(line)
    return replace(conversation, lines=tuple(lines))


def _disfluent(
    text: str, last: frozenset[str], rng: np.random.Generator
) -> tuple[str, frozenset[str]]:
    """The line, perhaps with a disfluency, and the words of the filler that came last."""
    dice = rng.random()
    if dice < _HESITATING:
        return _hesitant(text, last, rng)
    if dice < _HESITATING + _RESTARTING:
        return _restarted(text, rng), last
    if dice < _HESITATING + _RESTARTING + _CORRECTING:
        return _corrected(text, rng), last
    return text, last


def _hesitant(
    text: str, last: frozenset[str], rng: np.random.Generator
) -> tuple[str, frozenset[str]]:
    """A pause where a word is sought, or a filler at the beginning."""
    words = text.split()
    places = _places(words)
    inside = bool(places) and rng.random() < 0.75
    fillers = [f for f in (_PAUSES if inside else _STARTS) if not _heard(f) & last]
    filler = fillers[int(rng.integers(len(fillers)))]
    if not inside:
        return filler + _lowered(text), _heard(filler)
    at = int(rng.choice(places))
    pause = filler.format(*[HESITATION] * 2)
    before = " ".join(words[:at]) + ("" if pause[0] == "," else " ")
    return f"{before}{pause} {' '.join(words[at:])}", _heard(filler) or last


def _heard(filler: str) -> frozenset[str]:
    """Its words; a bare pause has none."""
    return frozenset(re.findall(r"[a-z']+", filler.lower()))


def _places(words: Sequence[str]) -> list[int]:
    """Behind a word that another has to follow: there a speaker stops to find it."""
    return [
        at
        for at in range(2, len(words))
        if words[at - 1] in _SOUGHT_BEHIND and words[at].lower().rstrip(".,?!") not in _NEVER_SOUGHT
    ]


def _restarted(text: str, rng: np.random.Generator) -> str:
    """One or two words said twice, with a pause between."""
    words = text.split()
    n = int(rng.integers(1, 3))
    places = [at for at in (n, *_places(words)) if at >= n and words[at - 1][-1].isalpha()]
    places = [at for at in places if all(word[-1].isalpha() for word in words[at - n : at])]
    if not places:
        return text
    at = int(rng.choice(places))
    again = _lowered(" ".join(words[at - n :]))
    return f"{' '.join(words[:at])} {HESITATION} {again}"


def _corrected(text: str, rng: np.random.Generator) -> str:
    """Another value said first, then taken back for the right one."""
    words = text.split()
    found = [(at, swap) for at in range(1, len(words)) if (swap := _swaps(words, at))]
    if not found:
        return text
    at, others = found[int(rng.integers(len(found)))]
    wrong = others[int(rng.integers(len(others)))]
    sorry = _CORRECTIONS[int(rng.integers(len(_CORRECTIONS)))]
    # The word before is said again with it: "on Monday, no, sorry … on Tuesday".
    again = " ".join(words[at - 1 :] if words[at - 1] in _SOUGHT_BEHIND else words[at:])
    return f"{' '.join(words[:at])} {wrong}, {sorry} {HESITATION} {again}"


def _swaps(words: Sequence[str], at: int) -> list[str]:
    """What could have been said instead of a word, or nothing."""
    word = words[at].rstrip(".,?!")
    if words[at - 1].lower().split("-")[-1] in _NUMBER_WORDS:
        return []  # the end of a longer number
    return next(([o for o in group if o != word] for group in _SWAPS if word in group), [])


def _lowered(text: str) -> str:
    """In lower case where the first word is no name."""
    first = text.split()[0].rstrip(",").lower()
    return text[0].lower() + text[1:] if first in _LOWERED else text


# --- as text ------------------------------------------------------------------------------------


def as_text(conversation: Conversation) -> str:
    """The block that ``conversations.parsed`` reads back as the same conversation.

    Raises:
        BadInput: it holds more than plain lines of the two speakers.
    """
    head = [f"== {conversation.id}"]
    if conversation.mode is not Mode.RESPONSIVE:
        head.append(f"mode={conversation.mode}")
    if switches := [*sorted(conversation.on), *(f"-{name}" for name in sorted(conversation.off))]:
        head.append(f"switches={','.join(switches)}")
    if conversation.persona:
        head.append(f'persona="{conversation.persona}"')
    return "\n".join([" ".join(head), *(_as_text(line) for line in conversation.lines)]) + "\n"


def _as_text(line: Line) -> str:
    if line.kind is Kind.USER and not line.cue:
        return f"{line.kind}: {line.text}"
    if line.kind is Kind.AGENT and line.cut_after is None and not line.places:
        return f"{line.kind}: {' | '.join(line.phrases)}"
    raise BadInput(f"expected plain lines of U and A, got {line.kind}: {line.text!r}")

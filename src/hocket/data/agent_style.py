"""The agent's written lines in spoken style: the part that carries the content, in phrases for the voice.

Law: a rule shortens what it knows and refuses the rest; the first phrase is short, since it is drafted
while the user still speaks (model.md section 2). Equal keys choose equal wordings.
Source: systems' lines of Schema-Guided Dialogue and Taskmaster-4, read by eye (dialogues.py).
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from hocket.data.conversations import MAX_FIRST_WORDS, MAX_WORDS, Kind, Line
from hocket.data.spoken_text import listed, plain, sentences_of, spoken
from hocket.engine.phrasing import LEANING, STRONG_JOINTS, WEAK_JOINTS

MAX_AGENT_WORDS: Final = 22


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


def agent_line(text: str, key: str, asked: str) -> Line | None:
    """What the agent would say of it, in phrases, or None. ``asked`` is what the user said."""
    written = plain(text)
    if not written or text.strip()[0].islower():
        return None
    sentences = sentences_of(_OPENER.sub("", written))
    if _ORDER_SHOWN.search(written):
        return _in_phrases(_order_read_back(asked, key))
    read_back = [n for n, s in enumerate(sentences) if _CONFIRM.match(s) and not _IS_RIGHT.match(s)]
    if read_back:
        body = _CONFIRM.sub("", " ".join(sentences[read_back[0] :]))
        told = _read_back(sentences_of(body), key)
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
        return spoken(" ".join(courteous))
    if len(content) > 1 and _FOUND.match(content[0]) and not _LEANS.match(content[1]):
        content = content[1:]
    said = [spoken(sentence) for sentence in content]
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
    said = [spoken(_shortened(s, key)) for s in sentences if not _IS_RIGHT.match(s)]
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


def _pick(options: Sequence[str], key: str) -> str:
    """One of the wordings, the same for equal keys."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[8:16], "big")
    return options[number % len(options)]


# --- phrases ------------------------------------------------------------------------------------

_NO_PLACE: Final = 99.0
_SHORT_WORDS: Final = 3
_JOINTS: Final = (WEAK_JOINTS - {"like", "as"}) | {"until", "near", "starting", "leaving", "called"}
# What follows these belongs to them: "would | like", "check | in", "is | at".
_HANGING: Final = frozenset(
    listed(
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

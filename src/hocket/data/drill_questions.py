"""Short questions with their short answers: what people know, what was said a moment ago, what comes next.

Law: a question is a frame and the thing that is asked about, so that whoever corrects themselves can put
another thing into the same frame; its answer names the thing and is true. Equal generators give equal
questions. Source: material/drills/*.txt, written for this.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from hocket.data.texts import material

Rng = np.random.Generator
FOLDER: Final = "drills"
NUMBERS: Final = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
    ),
    *(
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ),
)
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth")
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
RELATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "girl": ("sister", "daughter", "aunt", "niece", "grandmother", "wife"),
    "boy": ("brother", "son", "uncle", "nephew", "grandfather", "husband"),
    "any": ("neighbor", "cousin", "boss", "best friend", "teacher", "roommate"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``frame`` holds ``{}`` where the thing stands; ``others`` would fit there as well."""

    frame: str
    thing: str
    answer: str
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The question as it is asked."""
        return capital(self.frame.format(self.thing))


def capital(text: str) -> str:
    """The text beginning in upper case."""
    return text[:1].upper() + text[1:]


def one_of(rng: Rng, choices: Sequence[str]) -> str:
    """Any of them."""
    return choices[int(rng.integers(len(choices)))]


def some_of(rng: Rng, choices: Sequence[str], n: int) -> list[str]:
    """``n`` different ones, in any order."""
    return [choices[int(i)] for i in rng.choice(len(choices), n, replace=False)]


# -- what people know -------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def facts() -> tuple[Question, ...]:
    """Common knowledge, as it is written."""
    return tuple(_as_written(line) for line in material(f"{FOLDER}/facts.txt"))


@lru_cache(maxsize=1)
def reactions() -> tuple[Question, ...]:
    """What people tell without asking, and what to say to it."""
    return tuple(_as_written(line) for line in material(f"{FOLDER}/reactions.txt"))


def _as_written(line: str) -> Question:
    text, answer = (part.strip() for part in line.split("|"))
    return Question(frame="{}", thing=text, answer=answer)


def fact(rng: Rng) -> Question:
    """Any fact."""
    return facts()[int(rng.integers(len(facts())))]


def reaction(rng: Rng) -> Question:
    """Something told."""
    return reactions()[int(rng.integers(len(reactions())))]


@lru_cache(maxsize=1)
def _countries() -> tuple[tuple[str, ...], ...]:
    lines = material(f"{FOLDER}/countries.txt")
    return tuple(tuple(part.strip() for part in line.split("|")) for line in lines)


def country(rng: Rng) -> Question:
    """Capitals and what is spoken where."""
    rows = _countries()
    place, city, spoken = rows[int(rng.integers(len(rows)))]
    others = tuple(row[0] for row in rows if row[1:] != (city, spoken))
    match int(rng.integers(5)):
        case 0 | 1:
            frame = one_of(rng, ("What is the capital of {}?", "Tell me the capital of {}."))
            return Question(
                frame=frame, thing=place, others=others, answer=f"The capital of {place} is {city}."
            )
        case 2:
            frame = one_of(
                rng, ("Which language do people speak in {}?", "What do they speak in {}?")
            )
            return Question(
                frame=frame, thing=place, others=others, answer=f"In {place} people speak {spoken}."
            )
        case 3:
            cities = tuple(row[1] for row in rows if row[1] != city)
            return Question(
                frame="In which country is {}?",
                thing=city,
                others=cities,
                answer=f"{city} is in {place}.",
            )
        case _:
            there = rng.random() < 0.5
            asked = place if there else one_of(rng, others)
            said = f"Yes, {city} is in {place}." if there else f"No, {city} is in {place}."
            return Question(frame=f"Is {city} in {{}}?", thing=asked, answer=said)


_PAIR_FRAMES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "opposite": (
        (
            "What is the opposite of {}?",
            "Tell me the opposite of {}.",
            "The opposite of {}, please.",
        ),
        "The opposite of {a} is {b}.",
    ),
    "young": (
        ("What do we call a young {}?", "What is the name for a baby {}?"),
        "A young {a} is called a {b}.",
    ),
    "legs": (("How many legs does a {} have?", "How many legs has a {}?"), "A {a} has {b} legs."),
    "color": (("What color is {}?", "Which color does {} have?"), "{A} is {b}."),
    "home": (("Where does {} live?",), "{A} lives in {b}."),
    "product": (("What do we get from {}?",), "From {a} we get {b}."),
    "material": (("What is {} made of?", "What do people make {} of?"), "{A} is made of {b}."),
    "female": (("Which word is the woman or the female to {}?",), "The female word to {a} is {b}."),
}


@lru_cache(maxsize=1)
def _pairs() -> Mapping[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    rows: list[tuple[str, str]] = []
    for line in material(f"{FOLDER}/pairs.txt"):
        if line.startswith("["):
            rows = found.setdefault(line.strip("[]"), [])
        else:
            left, right = (part.strip() for part in line.split("|"))
            rows.append((left, right))
    return {name: tuple(rows) for name, rows in found.items()}


def pair(rng: Rng) -> Question:
    """Opposites, young animals, colors and what things are made of."""
    name = one_of(rng, list(_PAIR_FRAMES))
    rows = _pairs()[name]
    a, b = rows[int(rng.integers(len(rows)))]
    if name == "opposite" and rng.random() < 0.5:
        a, b = b, a
        rows = tuple((right, left) for left, right in rows)
    frames, answer = _PAIR_FRAMES[name]
    return Question(
        frame=one_of(rng, frames),
        thing=a,
        others=tuple(left for left, right in rows if right != b),
        answer=answer.format(a=a, A=capital(a), b=b),
    )


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    found = []
    for line in material(f"{FOLDER}/groups.txt"):
        head, members = line.split(":")
        one, several = (part.strip() for part in head.split("|"))
        found.append((one, several, tuple(member.strip() for member in members.split(","))))
    return tuple(found)


def group(rng: Rng) -> Question:
    """Members of a group named, told apart, counted, and called by its name."""
    groups = _groups()
    mine, other = (groups[int(i)] for i in rng.choice(len(groups), 2, replace=False))
    one, several, members = mine
    x, y, z = some_of(rng, members, 3)
    odd = one_of(rng, [each for each in other[2] if each not in members])
    row = [x, y, odd]
    rng.shuffle(row)
    listed = f"{row[0]}, {row[1]} and {row[2]}"
    match int(rng.integers(7)):
        case 0:
            return _plain(f"Name two {several}.", f"{x} and {y}.")
        case 1:
            return _plain(f"Name another {one} besides {x} and {y}.", f"{z} is another {one}.")
        case 2:
            return _plain(f"{x}, {y}, {z}, what are these?", f"{x}, {y} and {z} are {several}.")
        case 3:
            asked = one_of(
                rng,
                (
                    f"Which of these is a {other[0]}, {listed}?",
                    f"{listed}, which one is a {other[0]}?",
                ),
            )
            return _plain(asked, f"{odd} is a {other[0]}.")
        case 4:
            asked = one_of(
                rng,
                (f"{listed}, which one does not belong?", f"Which is the odd one out, {listed}?"),
            )
            return _plain(asked, f"{odd} does not belong, it's a {other[0]}.")
        case 5:
            n = int(rng.integers(3, 6))
            named = some_of(rng, members, min(n, len(members)))
            asked = f"{', '.join(named[:-1])} and {named[-1]}, how many {several} is that?"
            return _plain(asked, f"That is {NUMBERS[len(named)]} {several}.")
        case _:
            n = int(rng.integers(3))
            told = one_of(rng, ("I packed", "I saw", "I wrote down", "We talked about"))
            asked = f"{told} {x}, {y} and {z}. What came {ORDINALS[n]}?"
            return _plain(asked, f"{(x, y, z)[n]} came {ORDINALS[n]}.")


def _plain(text: str, answer: str) -> Question:
    return Question(frame="{}", thing=capital(text), answer=capital(answer))


# -- rows and numbers -------------------------------------------------------------------------------


def row(rng: Rng) -> Question:
    """What comes before and after, and how a row goes on."""
    name, things = [
        ("day", names()["day"]),
        ("month", names()["month"]),
        ("letter", tuple(ALPHABET)),
        ("number", tuple(NUMBERS)),
    ][int(rng.integers(4))]
    n = int(rng.integers(1, len(things) - 1))
    if rng.random() < 0.3:
        start = max(n - 2, 0)
        said = ", ".join(things[start : n + 1])
        asked = one_of(rng, (f"{said}, what comes next?", f"Go on: {said}."))
        return _plain(asked, f"{things[n + 1]} comes next.")
    way, step = (("after", 1), ("before", -1))[int(rng.integers(2))]
    frame = one_of(rng, (f"Which {name} comes {way} {{}}?", f"What {name} is right {way} {{}}?"))
    return Question(
        frame=frame,
        thing=things[n],
        others=tuple(each for each in things if each != things[n]),
        answer=capital(f"{things[n + step]} comes {way} {things[n]}."),
    )


def sum_(rng: Rng) -> Question:
    """Small numbers: sums, halves, which is more, counting."""
    a, b = (int(n) for n in rng.integers(1, 11, 2))
    match int(rng.integers(7)):
        case 0 | 1:
            asked = one_of(rng, ("What is {} plus {}?", "How much is {} and {}?", "Add {} and {}."))
            said = f"{NUMBERS[a]} plus {NUMBERS[b]} is {NUMBERS[a + b]}."
            return _plain(asked.format(NUMBERS[a], NUMBERS[b]), said)
        case 2:
            a, b = max(a, b), min(a, b)
            said = f"{NUMBERS[a]} minus {NUMBERS[b]} is {NUMBERS[a - b]}."
            return _plain(f"What is {NUMBERS[a]} minus {NUMBERS[b]}?", said)
        case 3:
            return _plain(
                f"What is twice {NUMBERS[a]}?", f"Twice {NUMBERS[a]} is {NUMBERS[2 * a]}."
            )
        case 4:
            asked = one_of(rng, ("What is half of {}?", "How much is half of {}?"))
            return _plain(
                asked.format(NUMBERS[2 * a]), f"Half of {NUMBERS[2 * a]} is {NUMBERS[a]}."
            )
        case 5:
            b += a == b
            said = f"{NUMBERS[max(a, b)]} is more than {NUMBERS[min(a, b)]}."
            return _plain(f"Which is more, {NUMBERS[a]} or {NUMBERS[b]}?", said)
        case _:
            n = 2 + a % 6
            things = tuple(NUMBERS[i] for i in range(2, 8) if i != n)
            said = capital(", ".join(NUMBERS[1 : n + 1]) + ".")
            return Question(frame="Count to {}.", thing=NUMBERS[n], others=things, answer=said)


# -- what was said a moment ago -----------------------------------------------------------------------


@lru_cache(maxsize=1)
def names() -> Mapping[str, tuple[str, ...]]:
    """What people tell of, by kind."""
    lines = (line.split(":") for line in material(f"{FOLDER}/names.txt"))
    return {kind: tuple(c.strip() for c in choices.split("|")) for kind, choices in lines}


def person(rng: Rng) -> Question:
    """Somebody is told of in two or three ways, and one of them is asked."""
    sex = one_of(rng, ("girl", "boy"))
    who = one_of(rng, RELATIONS[sex])
    she, her = ("she", "her") if sex == "girl" else ("he", "his")
    name, town, job = (one_of(rng, names()[kind]) for kind in (sex, "town", "job"))
    pet, food, hobby = (one_of(rng, names()[kind]) for kind in ("pet", "food", "hobby"))
    color = one_of(rng, names()["color"])
    told: list[tuple[str, Sequence[str], str]] = [
        (
            f"lives in {town}",
            (f"where does {she} live?", f"which town does {she} live in?"),
            f"{she} lives in {town}.",
        ),
        (
            f"works as a {job}",
            (f"what is {her} job?", f"what does {she} do?"),
            f"{she} is a {job}.",
        ),
        (
            f"has a dog called {pet}",
            (f"what is {her} dog called?", "what's the dog's name?"),
            f"{her} dog is called {pet}.",
        ),
        (
            f"loves {food}",
            (f"what does {she} like to eat?", f"what food does {she} love?"),
            f"{she} loves {food}.",
        ),
        (f"is into {hobby}", (f"what is {her} hobby?",), f"{her} hobby is {hobby}."),
        (f"always wears {color}", (f"what color does {she} wear?",), f"{she} wears {color}."),
    ]
    chosen = [told[int(i)] for i in rng.choice(len(told), int(rng.integers(1, 4)), replace=False)]
    said = " and ".join(part for part, _, _ in chosen)
    if rng.random() < 0.25:
        asked, answer = (f"what is my {who}'s name?", f"your {who}'s name is {name}.")
    else:
        _, ways, answer = chosen[int(rng.integers(len(chosen)))]
        asked = one_of(rng, ways)
    return _plain(f"My {who} {name} {said}{_then(rng, asked)}", answer)


def _then(rng: Rng, asked: str) -> str:
    """A question right behind what was told: in the same breath, or a sentence of its own."""
    return one_of(
        rng, (f", {asked}", f". {capital(asked)}", f". So {asked}", f". Tell me, {asked}")
    )


@lru_cache(maxsize=1)
def _told() -> tuple[tuple[str, ...], ...]:
    lines = material(f"{FOLDER}/told.txt")
    return tuple(tuple(part.strip() for part in line.split("|")) for line in lines)


def told(rng: Rng) -> Question:
    """Something is told of one thing, and asked back."""
    ways = _told()
    kind, frame, asked, answer = ways[int(rng.integers(len(ways)))]
    known = names()
    thing = one_of(rng, known[kind])
    fill = {k: one_of(rng, v) for k, v in known.items()}
    fill["who"] = one_of(rng, [w for ws in RELATIONS.values() for w in ws])
    fill["number"] = one_of(rng, NUMBERS[2:])
    question = one_of(rng, asked.split(" / ")).format_map(fill)
    return Question(
        frame=f"{frame.format_map({**fill, 'x': '{}'})}{_then(rng, question)}",
        thing=thing,
        others=tuple(each for each in known[kind] if each != thing),
        answer=capital(answer.format_map({**fill, "x": thing})),
    )


def echo(rng: Rng) -> Question:
    """Say it: a word, two words, a number that was told digit by digit."""
    a, b = some_of(rng, names()["word"], 2)
    digits = [NUMBERS[int(n)] for n in rng.integers(0, 10, 4)]
    number = " ".join(digits)
    match int(rng.integers(6)):
        case 0:
            others = tuple(each for each in names()["word"] if each != a)
            frame = one_of(rng, ("Say the word {}.", "Please say {}.", "Repeat after me, {}."))
            return Question(frame=frame, thing=a, others=others, answer=f"{capital(a)}.")
        case 1:
            return _plain(f"Say {a} and then {b}.", f"{a}, {b}.")
        case 2:
            return _plain(f"My number is {number}. What is it?", f"your number is {number}.")
        case 3:
            last = _then(rng, "what is the last digit?")
            return _plain(f"The code is {number}{last}", f"the last digit is {digits[-1]}.")
        case 4:
            first = _then(rng, "which digit comes first?")
            return _plain(f"It's {number}{first}", f"{digits[0]} comes first.")
        case _:
            floor = one_of(rng, NUMBERS[2:])
            what = one_of(rng, ("room", "platform", "seat", "locker", "house", "line", "gate"))
            said = f"it's {what} number {floor}."
            return _plain(f"I'm looking for {what} number {floor}. Which {what} is it?", said)


FAMILIES: Final[tuple[tuple[Callable[[Rng], Question], float], ...]] = (
    (fact, 0.26),
    (reaction, 0.08),
    (country, 0.1),
    (pair, 0.12),
    (group, 0.1),
    (row, 0.06),
    (sum_, 0.06),
    (person, 0.08),
    (told, 0.1),
    (echo, 0.04),
)

import pytest

from hocket.evaluation.lanes import Word
from hocket.evaluation.words import content_from, is_acknowledgment, met_at, tokens


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(text=w, start=i * 100, end=i * 100 + 90) for i, w in enumerate(text.split()))


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("It's 42, Dr. Who!", "it's forty two dr who"),
        ("mm-hm", "mm hm"),
        ("In 1984 at 5:30", "in nineteen eighty four at five thirty"),
        ("call 5550, room 207", "call five five five zero room two zero seven"),
        ("0 10 20 99", "zero ten twenty ninety nine"),
        ("forty-two", "forty two"),
        ("1,200", "one two zero zero"),
    ],
)
def test_texts_are_spelled_one_way(text: str, spelled: str) -> None:
    assert " ".join(tokens(text)) == spelled


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Paris is it", 0),
        ("Sure, Paris", 1),
        ("Hm, let me see. Okay, so the answer", 6),
        ("That's a good question. Paris", 4),
        ("Let me tell you", 0),
        ("Well", None),
        ("", None),
    ],
)
def test_content_begins_behind_the_fillers(text: str, first: int | None) -> None:
    assert content_from(words(text)) == first


def test_acknowledgments_say_nothing_else() -> None:
    assert is_acknowledgment(words("Mm-hm, right."))
    assert is_acknowledgment(words("I see"))
    assert not is_acknowledgment(words("The cap"))
    assert not is_acknowledgment(words("right wing"))
    assert not is_acknowledgment(())


def test_every_group_must_be_met_by_one_of_its_words() -> None:
    slots = (("paris", "city of light"), ("42",))
    assert met_at(slots, words("forty-two people in Paris")) == 300
    assert met_at(slots, words("the City of Light has forty two")) == 500
    assert met_at(slots, words("Paris has forty three")) is None
    assert met_at((("new york",),), words("new in york")) is None
    assert met_at((("art",),), words("party")) is None

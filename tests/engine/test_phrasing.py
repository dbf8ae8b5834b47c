import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.phrasing import STRETCH_WORDS, phrases, take_phrase

WORDS = st.sampled_from(
    ["the", "train", "and", "Yes.", "well,", "which", "10:45", "Dr.", "to", "photosynthesis", "I"]
)
RUNNING = st.lists(WORDS, max_size=60).map(" ".join)


@given(st.one_of(st.text(), RUNNING))
def test_joined_phrases_give_back_the_words(text: str) -> None:
    assert " ".join(phrases(text)) == " ".join(text.split())


@given(RUNNING)
def test_phrases_are_short_and_never_empty(text: str) -> None:
    assert all(1 <= len(phrase.split()) <= STRETCH_WORDS for phrase in phrases(text))


@given(RUNNING, st.integers(1, 9))
def test_text_that_grows_letter_by_letter_gives_the_same_words(text: str, step: int) -> None:
    rest, taken = "", []
    for start in range(0, len(text), step):
        rest += text[start : start + step]
        phrase, rest = take_phrase(rest, more=True)
        if phrase:
            taken.append(phrase)
    assert " ".join([*taken, *phrases(rest)]) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Yes. I can.", ["Yes.", "I can."]),
        ("Dr. Smith is here. Come in.", ["Dr. Smith is here.", "Come in."]),
        (
            "I can help with that, but first I need to know when you would like to travel.",
            [
                "I can help with that,",
                "but first I need to know",
                "when you would like to travel.",
            ],
        ),
        (
            "Which is on the left side of the station.",
            ["Which is on the left side of the station."],
        ),
    ],
)
def test_phrases_end_where_a_speaker_would_pause(text: str, expected: list[str]) -> None:
    assert list(phrases(text)) == expected


def test_no_phrase_ends_on_an_article_when_there_is_a_choice() -> None:
    text = "people often said that this house had the finest garden around here"
    assert not any(phrase.split()[-1] == "the" for phrase in phrases(text))


def test_a_half_written_word_is_not_taken() -> None:
    assert take_phrase("Yes", more=True) == ("", "Yes")
    assert take_phrase("No. 5 is ri", more=True) == ("", "No. 5 is ri")


def test_a_finished_sentence_is_taken_while_text_still_grows() -> None:
    assert take_phrase("Sure. I can ", more=True) == ("Sure.", "I can ")


def test_one_long_word_is_a_phrase_of_its_own() -> None:
    assert list(phrases("x" * 300 + " is long")) == ["x" * 300, "is long"]

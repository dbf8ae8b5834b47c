import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.spoken_text import MAX_WORD_LETTERS, spoken_words


def said(text: str) -> str:
    """What is said for a text, with its pause marks, as one line."""
    return " ".join(word.spoken + word.mark for word in spoken_words(text))


@given(st.text())
def test_every_word_is_kept_in_order_whatever_the_text_holds(text: str) -> None:
    assert [word.text for word in spoken_words(text)] == text.split()


@given(st.text())
def test_only_latin_letters_and_a_few_signs_are_said(text: str) -> None:
    for word in spoken_words(text):
        assert all(c.isascii() or c.isalpha() or c in "€£¥°" for c in word.spoken), word
        assert word.mark == "" or word.mark in ".?!,;:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$3.50", "3 dollars and 50 cents"),
        ("$1", "1 dollar"),
        ("-$5", "minus 5 dollars"),
        ("$3 million.", "3 million dollars."),
        ("£1.05", "1 pound and 5 pence"),
        ("10:45", "10 45"),
        ("10:05pm", "10 oh 5 PM"),
        ("10:00", "10 o'clock"),
        ("9:00AM", "9 AM"),
        ("1/2/2026", "January 2nd 2026"),
        ("2026-11-21", "November 21st 2026"),
        ("31/12/1999", "31 12 1999"),
        ("1/2", "1 over 2"),
        ("1984", "19 84"),
        ("1905", "19 oh 5"),
        ("1900", "19 hundred"),
        ("-5", "minus 5"),
        ("1234567890123", "1 2 3 4 5 6 7 8 9 0 1 2 3"),
        ("50% of 1,234", "50% of 1,234"),
    ],
)
def test_numbers_are_said_as_people_say_them(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("[the page](https://a.example/b)", "the page"),
        ("<script>", "script"),
        ("https://www.example.com/a?b=1#c", "example dot com"),
        ("me.you@example.org", "me dot you at example dot org"),
        ("and/or", "and or"),
        ("wait — no", "wait , no"),
        ("2020–2021", "2020 2021"),
        ("ﬁne ｆｕｌｌ", "fine full"),
        ("a\u200bb\x07c", "abc"),
        ("naïve café", "naïve café"),
    ],
)
def test_markup_and_odd_writing_become_plain_words(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text", ["", "   ", "😀", "👩‍👩‍👧", "你好世界", "مرحبا", "привет", "\ud800", "***"]
)
def test_what_an_english_voice_cannot_say_is_silent(text: str) -> None:
    assert said(text).strip() == ""


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Dr. Smith is here.", ["", "", "", "."]),
        ("J. Smith met Mr. Lee.", ["", "", "", "", "."]),
        ("e.g. this one", ["", "", ""]),
        ("in the U.S. today", ["", "", "", ""]),
        ("in the U.S. Then", ["", "", ".", ""]),
        ("so do I. You too", ["", "", ".", "", ""]),
        ("See no. 5. No. Yes", ["", "", ".", ".", ""]),
        ("Really?! Yes!", ["?", "!"]),
        ('He said "go," then "stop."', ["", "", ",", "", "."]),
        ("well... maybe", [",", ""]),
        ("one; two: three, four", [";", ":", ",", ""]),
    ],
)
def test_marks_end_clauses_but_abbreviations_do_not(text: str, marks: list[str]) -> None:
    assert [word.mark for word in spoken_words(text)] == marks


def test_an_endless_word_is_cut_short() -> None:
    (word,) = spoken_words("x" * 300)
    assert len(word.spoken) == MAX_WORD_LETTERS
    assert len(word.text) == 300

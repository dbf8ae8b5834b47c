from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.agreement import Word, agree, contradicts, end_of, key, repeats, start_of


def words(text: str, tick: int = 0, log_p: float = 0.0) -> tuple[Word, ...]:
    return tuple(Word(text=word, ids=(), tick=tick, log_p=log_p) for word in text.split())


def said(text: str) -> list[str]:
    return text.split()


def texts(found: Sequence[Word]) -> str:
    return " ".join(word.text for word in found)


def test_a_word_is_agreed_when_two_hypotheses_in_a_row_hold_it() -> None:
    first = agree((), words("turn left"), going_on=True)
    second = agree(first.tail, words("turn left at"), going_on=True)
    assert (first.newly, texts(second.newly), texts(second.tail)) == ((), "turn left", "at")


def test_while_the_user_speaks_on_both_hypotheses_must_be_sure_of_a_last_word() -> None:
    unsure = words("is the cat", log_p=-0.4)
    found = agree(unsure, words("is the cat that", log_p=-0.4), going_on=True)
    assert (texts(found.newly), texts(found.tail)) == ("is the", "cat that")
    found = agree(found.tail, words("capital of", log_p=-0.4), going_on=True)
    assert (texts(found.newly), texts(found.tail)) == ("", "capital of")
    found = agree(found.tail, words("capital of France", log_p=-0.1), going_on=True)
    assert (texts(found.newly), texts(found.tail)) == ("capital of", "France")
    found = agree(words("France", log_p=-0.4), words("France", log_p=-0.4), going_on=False)
    assert (texts(found.newly), texts(found.tail)) == ("France", "")


def test_nothing_after_the_first_difference_is_agreed() -> None:
    found = agree(words("the great hall is"), words("the grey hall is"), going_on=True)
    assert (texts(found.newly), texts(found.tail)) == ("the", "grey hall is")


def test_case_and_punctuation_are_no_difference_and_the_newer_spelling_counts() -> None:
    assert texts(agree(words("one."), words("One, two"), going_on=True).newly) == "One,"


def test_a_word_keeps_the_tick_of_its_first_sighting() -> None:
    found = agree(words("the next", tick=3), words("the nest egg", tick=4), going_on=True)
    assert [word.tick for word in found.newly + found.tail] == [3, 4, 4]


@given(
    st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=8),
    st.booleans(),
    st.sampled_from([0.0, -1.0]),
)
def test_agreed_words_are_the_start_of_two_hypotheses_in_a_row(
    tails: list[list[str]], going_on: bool, log_p: float
) -> None:
    previous: tuple[Word, ...] = ()
    for tick, tail in enumerate(tails):
        found = agree(previous, words(" ".join(tail), tick, log_p), going_on=going_on)
        n = len(found.newly)
        assert [word.text for word in found.newly] == tail[:n] == [w.text for w in previous[:n]]
        assert [word.text for word in found.tail] == tail[n:]
        previous = found.tail


@pytest.mark.parametrize(
    ("agreed", "written", "n"),
    [
        ("", "so it goes", 0),
        ("so it", "so it goes", 2),
        ("so it", "so that goes", 2),  # one word replaced
        ("going to", "gonna to leave", 2),  # the last agreed word decides
        ("it is", "this it is late", 3),  # one word more
        ("so it", "", 0),
        ("she is twenty three", "she is twentythree now", 3),  # written together
        ("an external body", "an external bodies of", 3),
    ],
)
def test_the_end_of_what_was_agreed_is_found_in_a_new_hypothesis(
    agreed: str, written: str, n: int
) -> None:
    assert end_of(agreed.split(), written.split()) == n


def test_a_cut_is_placed_by_three_words_in_a_row() -> None:
    agreed = said("the cat and the dog and the cat ran")
    assert start_of(said("the cat ran off"), agreed, expected=2) == 6
    assert start_of(said("and the cat ran"), agreed, expected=2) == 5


def test_of_two_places_the_expected_one_is_taken() -> None:
    agreed = said("no no no no no")
    assert start_of(said("no no no"), agreed, expected=2) == 2


def test_a_piece_of_a_word_at_the_cut_is_forgiven() -> None:
    agreed = said("under the old bridge today")
    assert start_of(said("stand the old bridge today"), agreed, expected=0) == 0


def test_a_cut_that_meets_nothing_agreed_does_not_hold() -> None:
    assert start_of(said("something else now"), said("under the old bridge"), expected=1) is None
    assert start_of([], said("under the bridge"), expected=1) is None


@given(st.lists(st.integers(0, 9).map(str), min_size=4, unique=True), st.data())
def test_every_cut_of_distinct_words_is_placed_exactly(
    spoken: list[str], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(spoken) - 1))
    expected = data.draw(st.integers(0, len(spoken) - 1))
    assert start_of(spoken[cut:], spoken, expected=expected) == cut


@pytest.mark.parametrize(
    ("words", "agreed", "other"),
    [
        ("i live in", "i live in", False),
        ("twentythree", "twenty three", False),
        ("i lived in", "i live in", False),  # heard a little otherwise
        ("11 helsinki can", "i live in", True),
        ("83", "eight", True),
        ("", "so", True),
        ("", "", False),
    ],
)
def test_other_words_where_agreed_ones_stood_contradict(
    words: str, agreed: str, other: bool
) -> None:
    assert contradicts(words.split(), agreed.split()) is other


def test_a_circle_is_told_from_emphasis() -> None:
    assert repeats(said("a nice nice nice nice"))
    assert repeats(said("so make a way make a way make a way make a way"))
    assert not repeats(said("no no no that is not it"))


def test_keys_hold_letters_and_digits_only() -> None:
    assert (key("Don’t,"), key("3:30"), key("—")) == ("dont", "330", "")

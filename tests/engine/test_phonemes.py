from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.phonemes import MAX_CLAUSE_WORDS, align, clauses, espeak
from hocket.engine.spoken_text import spoken_words

SENTENCES = [
    "In 1984 the end of the day was a lot of the time",
    "I want to do it in the house if it is on the list",
    "Dr. Smith paid $3.50 at 10:45 on 1/2/2026.",
    "It has been one of the best of all and it is for you to have it",
    "Call 555-0199 between 9:00AM and 5:30pm, or write to a.b@example.com!",
    "He would have been in there as well as I am, at the U.S. office; see https://example.com",
    "Don't you think that's what they've got to do with it?",
    "WWW and GPU and SQL cost 1,234,567.89 in total: 50% of it",
    "the quick 🦊 jumps 你好 over the lazy dog",
]


def word_phonemes(text: str) -> list[str]:
    return [phonemes for clause in clauses(spoken_words(text)) for phonemes in clause.phonemes]


@pytest.mark.parametrize("text", SENTENCES)
def test_each_spoken_word_has_sound_and_each_silent_word_none(text: str) -> None:
    words = spoken_words(text)
    for word, phonemes in zip(words, word_phonemes(text), strict=True):
        assert bool(phonemes) == bool(word.spoken), word


@pytest.mark.parametrize("text", SENTENCES)
def test_no_phoneme_of_a_clause_is_lost_or_doubled(text: str) -> None:
    for clause in clauses(spoken_words(text)):
        whole = espeak(" ".join(word.spoken for word in clause.words if word.spoken))
        assert "".join(clause.phonemes).replace(" ", "") == whole.replace(" ", "")


@pytest.mark.parametrize("text", SENTENCES)
def test_a_word_begins_and_ends_like_the_word_said_alone(text: str) -> None:
    """In at least nine words of ten: running speech changes some ("the end", "a")."""
    words = [word for word in spoken_words(text) if word.spoken]
    found = [phonemes for phonemes in word_phonemes(text) if phonemes]
    near = [
        _shared(espeak(word.spoken), phonemes) for word, phonemes in zip(words, found, strict=True)
    ]
    assert sum(near) >= 0.9 * len(near), list(zip(words, found, near, strict=True))


def _shared(alone: str, running: str) -> bool:
    """At least half of the shorter form's sounds are in the other."""
    a, b = (set(text) - set("ˈˌ ː") for text in (alone, running))
    return 2 * len(a & b) >= min(len(a), len(b))


def test_words_that_run_together_are_told_apart() -> None:
    assert " ʌvðə" in espeak("end of the day")
    (clause,) = clauses(spoken_words("end of the day"))
    assert clause.phonemes[1:3] == ("ʌv", "ðə")
    assert clause.joined == (False, False, True, False)


def test_a_word_said_as_several_is_one() -> None:
    assert word_phonemes("at 10:45 sharp")[1] == "tˈɛn fˈɔːɹɾi fˈaɪv"


def test_alignment_by_sound_follows_the_words_not_the_groups() -> None:
    assert align("ɪɾɪn ðə", ["ˈɪt", "ˈɪn", "ðə"]) == [("ɪɾ", False), ("ɪn", True), ("ðə", False)]
    assert align("aːb", ["a", "b"]) == [("aː", False), ("b", True)]
    assert align("", ["a", "b"]) == [("", False), ("", False)]
    assert align("", []) == []


@given(st.text())
def test_any_text_has_phonemes_for_its_words_in_order(text: str) -> None:
    words = spoken_words(text)
    found = list(clauses(words))
    assert [word for clause in found for word in clause.words] == list(words)
    assert all(len(clause.phonemes) == len(clause.words) for clause in found)


def test_marks_end_clauses_and_long_runs_are_cut() -> None:
    found = list(clauses(spoken_words("Yes, sir. " + "word " * (MAX_CLAUSE_WORDS + 1))))
    assert [clause.mark for clause in found] == [",", ".", "", ""]
    assert [clause.ends_sentence for clause in found] == [False, True, False, False]


def test_threads_get_the_same_phonemes_as_one() -> None:
    texts = [f"{n} bottles of the best" for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(espeak, texts))
    espeak.cache_clear()
    assert threaded == [espeak(text) for text in texts]

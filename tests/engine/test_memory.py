"""What is kept of long conversations."""

from hocket.engine.memory import ROOM_WORDS, remembered


def test_what_users_tell_of_themselves_is_kept_word_for_word_and_in_order() -> None:
    said = [
        "My boat is called Marigold. What's the weather like?",
        "Tell me a joke. I'm a bit tired today.",
        "Remember the milk, please.",
    ]
    assert remembered((), said) == (
        "My boat is called Marigold.",
        "I'm a bit tired today.",
        "Remember the milk, please.",
    )


def test_nothing_is_kept_twice_and_what_is_kept_stays() -> None:
    kept = remembered((), ["My name is Laura."])
    assert remembered(kept, ["My name is Laura.", "Why?"]) == kept


def test_what_was_told_outlives_what_was_mentioned_and_the_newer_the_older() -> None:
    kept = remembered((), ["My dog is called Otto.", "I'm on my way to number zero."])
    for number in range(1, 60):
        kept = remembered(kept, [f"I'm on my way to number {number}."])
        assert sum(len(each.split()) for each in kept) <= ROOM_WORDS
    assert kept[0] == "My dog is called Otto."
    assert "I'm on my way to number 59." in kept and "I'm on my way to number 0." not in kept


def test_questions_and_scraps_are_not_kept() -> None:
    assert remembered((), ["Is my name long?", "my own", "", "..."]) == ()

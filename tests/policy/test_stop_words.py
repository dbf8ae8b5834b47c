import pytest

from hocket.policy.stop_words import asks_to_stop


@pytest.mark.parametrize(
    "said",
    ["stop", "Stop.", "Please stop.", "okay stop talking", "Be quiet please.", "No, stop it!",
     "hey stop", "That is enough. Stop now."],
)  # fmt: skip
def test_a_stop_phrase_at_the_end_counts(said: str) -> None:
    assert asks_to_stop(tuple(said.split()))


@pytest.mark.parametrize(
    "said",
    ["", "the bus stop", "where does it stop", "don't stop", "stop at the station", "I can't stop",
     "never stop", "nonstop", "a quiet evening"],
)  # fmt: skip
def test_other_uses_of_the_words_do_not(said: str) -> None:
    assert not asks_to_stop(tuple(said.split()))

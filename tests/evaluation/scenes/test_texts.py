"""The bench's texts: varied, its own, and answerable."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from hocket.data.drills import drills
from hocket.data.splits import Split
from hocket.evaluation.scenes.desk import SECTIONS
from hocket.evaluation.scenes.texts import HESITATION, both_ways, texts, texts_of
from hocket.evaluation.scenes.timing import GROUPS, cases

TURNS = ("questions", "requests", "statements", "lists", "numbers", "addresses", "openings")
PAUSING = ("hesitations", "corrections")
CLOSED = ("backchannels", "tics")
FILES = (*TURNS, *PAUSING, *CLOSED, "interruptions", "sides", "background")


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()


def test_there_are_hundreds_of_texts_and_none_comes_twice() -> None:
    found = [plain(text.text) for name in FILES for text in texts(name)]
    assert len(found) > 600
    open_classes = [plain(t.text) for name in FILES if name not in CLOSED for t in texts(name)]
    assert len(set(open_classes)) == len(open_classes)


def _material() -> Iterator[str]:
    """Every line that training has, and what stands in it between its marks."""
    folder = Path(str(resources.files("hocket.data") / "material"))
    for file in folder.rglob("*.txt"):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield line
            yield re.sub(r"^(?:U\+|[A-Z](?:\(\w+\))?): ", "", line)
            yield from line.split("|")


def test_no_text_is_one_of_training() -> None:
    drilled = (message.text for chat in drills(5_000, np.random.default_rng(0)) for message in chat)
    trained = {plain(text) for text in (*_material(), *drilled)}
    own = {plain(t.text) for name in FILES if name not in CLOSED for t in texts(name)}
    assert not own & trained
    assert not {plain(case.instruction) for case in cases()} & trained


@pytest.mark.parametrize("name", FILES)
def test_the_splits_share_no_text(name: str) -> None:
    validation, test = (texts_of(name, split) for split in (Split.VALIDATION, Split.TEST))
    assert not set(validation) & set(test)
    assert len(validation) + len(test) == len(texts(name))
    assert len(validation) >= 8


def test_slots_are_single_words_in_lower_case() -> None:
    for name in FILES:
        for text in texts(name):
            for word in (word for group in text.slots for word in group):
                assert word == word.lower()
                assert len(word.split()) == 1, (text.text, word)


@pytest.mark.parametrize("name", ["questions", "requests", "lists", "numbers", "addresses"])
def test_most_turns_can_be_scored_for_relevance(name: str) -> None:
    scored = [text for text in texts(name) if text.slots]
    assert len(scored) >= 0.85 * len(texts(name))


@pytest.mark.parametrize("name", ["lists", "numbers", "addresses", "hesitations", "corrections"])
def test_hesitations_stand_inside_a_phrase(name: str) -> None:
    for text in texts(name):
        assert HESITATION in text.text
        for before, after in zip(
            text.text.split(HESITATION), text.text.split(HESITATION)[1:], strict=False
        ):
            assert before.strip()[-1:] not in ".?!", text.text
            assert after.strip(), text.text


def test_interruptions_are_of_all_kinds() -> None:
    for section in SECTIONS:
        assert len(texts_of("interruptions", Split.TEST, section)) >= 12


def test_numbers_are_met_in_figures_and_in_letters() -> None:
    assert both_ways(("8", "ten", "apple")) == ("8", "eight", "ten", "10", "apple")


@pytest.mark.parametrize("group", GROUPS)
def test_there_are_sixty_timing_cases_of_a_group_of_several_behaviours(group: str) -> None:
    here = [case for case in cases() if case.group == group]
    assert len(here) >= 60
    assert len({case.id for case in here}) == len(here)
    assert len({case.instruction for case in here}) == len(here)
    assert len({case.behaviour for case in here}) >= 5


def test_windows_stand_on_items_that_are_there_and_are_as_wide_as_the_metric_says() -> None:
    for case in cases():
        for window in case.wanted:
            assert 0 <= window.after <= len(case.stream), case.id
            assert window.from_s < window.to_s
            if case.behaviour in ("every", "after", "several", "silence"):
                assert window.to_s - window.from_s == pytest.approx(0.6), case.id
            if case.behaviour in ("say when", "lacking word", "correct slips"):
                assert window.to_s == pytest.approx(0.8), case.id


def test_every_item_of_a_stream_sounds() -> None:
    for case in cases():
        for item in case.stream:
            assert bool(item.say) != bool(item.sound), case.id

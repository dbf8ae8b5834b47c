import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.data.texts import FILES, HESITATION, Kind, hesitant, lines, material, user_lines


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    path = tmp_path / "dialogues.jsonl.gz"
    said = [["u", f"I want to see film number {n} today."] for n in range(50)]
    other = [
        ["s", "What would you like to see today?"],
        ["u", "Hi."],
        ["u", "Two. And no more of it."],
    ]
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write(json.dumps({"turns": said + other}) + "\n")
    return path


@pytest.mark.parametrize("kind", list(Kind))
def test_every_text_is_filled_and_ends_as_a_sentence(kind: Kind) -> None:
    for line in lines(kind, 400, seed=1):
        assert "{" not in line.text
        assert line.text[-1] in ".?!"
        assert line.text[0].isupper()


def test_a_hesitation_never_follows_a_finished_sentence() -> None:
    for line in lines(Kind.TURN, 400, seed=1):
        parts = line.text.split(HESITATION)
        assert all(part.strip()[-1] not in ".?!" for part in parts[:-1])
        assert parts[-1].strip()


def test_about_half_of_the_turns_hesitate() -> None:
    share = np.mean([HESITATION in line.text for line in lines(Kind.TURN, 400, seed=1)])
    assert 0.35 < share < 0.65


def test_the_same_seed_gives_the_same_texts_and_another_does_not() -> None:
    assert lines(Kind.TURN, 50, seed=1) == lines(Kind.TURN, 50, seed=1)
    assert lines(Kind.TURN, 50, seed=1) != lines(Kind.TURN, 50, seed=2)


def test_every_template_comes_before_any_comes_twice() -> None:
    n = len(material(FILES[Kind.BACKCHANNEL]))
    assert len({line.text for line in lines(Kind.BACKCHANNEL, n, seed=3)}) == n


def test_held_out_voices_say_what_no_other_voice_says() -> None:
    fixed = {text for text in material(FILES[Kind.TURN]) if "{" not in text}
    sides = [
        {line.text for line in lines(Kind.TURN, 400, seed=1, held_out=held_out)} & fixed
        for held_out in (False, True)
    ]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == fixed


def test_dialogues_give_single_sentences_of_users(dialogues: Path) -> None:
    found = user_lines(dialogues)
    assert len(found) == 50
    assert all(text.startswith("I want") for text in found)
    said = [line.text for line in lines(Kind.TURN, 40, seed=1, dialogues=dialogues)]
    assert sum("film number" in text for text in said) == 16


def test_a_hesitation_is_put_after_a_word_that_links() -> None:
    words = hesitant("I want to see a film today.", np.random.default_rng(1)).split()
    assert words[words.index(HESITATION) - 1] in {"want", "to", "a"}


def test_a_sentence_without_a_place_stays_as_it_is() -> None:
    assert (
        hesitant("Stop reading this aloud.", np.random.default_rng(1)) == "Stop reading this aloud."
    )


def test_a_file_that_holds_no_dialogues_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.gz"
    path.write_bytes(b"no")
    with pytest.raises(BadInput, match="dialogues"):
        user_lines(path)

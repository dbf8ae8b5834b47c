"""Dialogues become conversations that can be said: numbers in words, short phrases, broken lines named."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from hocket.core.errors import BadInput
from hocket.data.agent_style import MAX_AGENT_WORDS
from hocket.data.conversations import (
    MAX_FIRST_WORDS,
    MAX_WORDS,
    Conversation,
    Kind,
    Line,
    parsed,
)
from hocket.data.dialogues import Dialogue, as_conversation, as_text, chosen, read
from hocket.data.disfluencies import MIN_DISFLUENT_WORDS, with_disfluencies
from hocket.data.texts import HESITATION

FILLERS = {"um", "uh", "er", "hm"}
FERRY = (
    "I need a ferry to the island on the 3rd of May.",
    "Sure. What time would you like to leave?",
    "About 7:30 pm, for 4 people please.",
    "I have found 6 ferries. One of them is the Blue Gull, which is located at Pier 12.",
    "How much is it and what's their number?",
    "It costs $25.50 per person. Have a great day!",
)


def dialogue(
    *texts: str, name: str = "sgd:train:7_00001", services: Sequence[str] = ("Boats_1",)
) -> Dialogue:
    turns = tuple(("us"[n % 2], text) for n, text in enumerate(texts))
    return Dialogue.model_validate({"id": name, "services": services, "turns": turns})


def said(user: str) -> str | None:
    """A user's line as it is said, in a dialogue around it."""
    made = as_conversation(dialogue("I need some help, please.", "With what?", user, "I see."))
    return made.lines[2].text if made else None


def answered(agent: str, asked: str = "I need some help, please.") -> tuple[str, ...] | None:
    """An agent's line in its phrases."""
    made = as_conversation(dialogue(asked, "With what?", asked, agent))
    return made.lines[3].phrases if made else None


def ferries(n_dialogues: int) -> list[Dialogue]:
    """Dialogues that differ in their id, their service and their opening."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    return [
        dialogue(
            f"I need a ferry to Island {n} for the {days[n % 6]} boat.",
            *FERRY[1:],
            name=f"sgd:train:{n}_00001" if n % 2 else f"tm4:dlg-{n}",
            services=(f"Boats_{n % 3}",) if n % 2 else ("",),
        )
        for n in range(n_dialogues)
    ]


def written(path: Path, dialogues: Sequence[Dialogue]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(one.model_dump_json() + "\n" for one in dialogues)
    return path


def test_a_dialogue_becomes_a_conversation_in_spoken_style() -> None:
    made = as_conversation(dialogue(*FERRY))
    assert made is not None
    assert as_text(made) == (
        "== sgd-train-7-00001\n"
        "U: I need a ferry to the island on the third of May.\n"
        "A: What time would you like to leave?\n"
        "U: About seven thirty PM, for four people please.\n"
        "A: There's the Blue Gull, | which is at Pier twelve.\n"
        "U: How much is it and what's their number?\n"
        "A: It costs twenty-five dollars | and fifty cents a person.\n"
    )


def test_taskmaster_ids_are_short_and_an_order_that_was_shown_is_said() -> None:
    made = as_conversation(
        dialogue(
            "Can I get a small mocha with oat milk, please?",
            "Please check the screen. Is your order correct?",
            "Yes, it is.",
            "Okay, it will be ready soon.",
            name="tm4:dlg-ab12-cd",
            services=("",),
        )
    )
    assert made is not None
    assert made.id == "tm-ab12-cd"
    assert "a small mocha with oat milk, right?" in made.lines[1].text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Book it for $25 please.", "Book it for twenty-five dollars please."),
        ("Make it 7:30 pm on March 2nd.", "Make it seven thirty PM on March second."),
        ("Make it 10:00 a.m. on the 22nd.", "Make it ten AM on the twenty-second."),
        ("My zip is 94947", "My zip is nine four nine four seven."),
        (
            "Call me on 555-010-4477.",
            "Call me on five five five, zero one zero, four four seven seven.",
        ),
        ("Go to 1580 Hill Road.", "Go to fifteen eighty Hill Road."),
        ("Go to 3405 Hill Road.", "Go to thirty-four oh five Hill Road."),
        ("It's $1,250.75.", "It's one thousand two hundred fifty dollars and seventy-five cents."),
        ("It has a 4.5 rating & 20% off", "It has a four point five rating and twenty percent off."),
        ("ok i want the 3rd one", "Okay I want the third one."),
        ("From the 4th of March.Can you?", "From the fourth of March. Can you?"),
    ],
)  # fmt: skip
def test_a_user_says_numbers_and_signs_in_words(text: str, words: str) -> None:
    assert said(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Write to me at ann@post.example please.",
        "Look at www.boats.example for it.",
        "The code is AX7741 I think.",
        "It is in Suite C-104 there.",
        "Go to 12-14 Hill Road then.",
        "I'd like the crêpe please.",
        "Is that what the screen says?",
    ],
)
def test_what_nobody_says_aloud_is_refused(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Please confirm the following details: You want 2 seats on the Blue Gull.", 2),
        ("I have successfully booked the boat. Is there anything else I can help you with?", 1),
        ("There are 10 boats. How about the Blue Gull?", 1),
    ],
)
def test_stiff_openings_and_offers_are_dropped(text: str, phrases: int) -> None:
    made = answered(text)
    assert made is not None
    assert len(made) <= phrases
    whole = " ".join(made)
    assert not any(word in whole for word in ("confirm", "details", "There are", "successfully"))


def test_what_the_user_asked_for_is_checked_in_a_question() -> None:
    made = answered("Please confirm: play the song Harbour Lights on the TV.")
    assert made is not None
    assert " ".join(made) == "Shall I play the song Harbour Lights on the TV?"


def test_a_check_asks_once() -> None:
    made = answered("Please confirm: You want 2 seats on the Blue Gull, right?")
    assert made is not None
    assert " ".join(made)[-8:].count(",") == 1
    assert " ".join(made).startswith("So you want two seats on the Blue Gull, ")


def test_a_line_without_places_to_break_makes_no_conversation() -> None:
    assert (
        answered("Old Tall Grey Stone Harbour Light House Boat Hire Company Limited opens.") is None
    )


def test_turns_of_one_speaker_in_a_row_are_one() -> None:
    turns = [("u", "I need a boat."), ("u", "A big one."), ("s", "For when?")]
    turns += [("u", "For Monday."), ("s", "It is booked.")]
    made = as_conversation(Dialogue.model_validate({"id": "a", "services": [], "turns": turns}))
    assert made is not None
    assert [line.text for line in made.lines[:2]] == ["I need a boat. A big one.", "For when?"]


def test_a_piece_ends_before_what_cannot_be_said_and_behind_the_agent() -> None:
    bad = "Mail me at ann@post.example please."
    made = as_conversation(dialogue(*FERRY[:4], bad, "Done."))
    assert made is not None
    assert [line.kind for line in made.lines] == [Kind.USER, Kind.AGENT] * 2
    assert as_conversation(dialogue(*FERRY[:2], bad, "Done.")) is None
    assert as_conversation(dialogue("Yes, that one.", *FERRY[1:])) is None


def test_the_split_goes_by_the_id_alone() -> None:
    for one in ferries(20):
        made = as_conversation(one)
        assert made is not None
        hesitant = as_conversation(one, disfluent=True, seed=3)
        assert hesitant is not None
        assert made.split is hesitant.split is Conversation(id=made.id, lines=()).split


def test_disfluencies_keep_the_law_and_vary() -> None:
    n_lines, changed, hesitations = 0, 0, set()
    one = dialogue(*FERRY)
    plain = as_conversation(one)
    assert plain is not None
    assert parsed(as_text(plain), "plain") == (plain,)
    assert as_conversation(one, disfluent=True, seed=1) == with_disfluencies(plain, 1)
    for seed in range(100):
        hesitant = with_disfluencies(plain, seed)
        assert parsed(as_text(hesitant), "hesitant") == (hesitant,)
        for was, now in zip(plain.lines, hesitant.lines, strict=True):
            if was.kind is Kind.USER and len(was.text.split()) >= MIN_DISFLUENT_WORDS:
                n_lines += 1
                changed += was != now
                hesitations.add(now.text.partition(HESITATION)[0][-8:])
            else:
                assert was == now
    assert 0.3 < changed / n_lines < 0.55
    assert len(hesitations) > 20


def test_no_filler_comes_twice_in_a_row() -> None:
    user = "I would like to take the ferry to the big island for a day."
    plain = as_conversation(dialogue(*[user, "It is possible."] * 5))
    assert plain is not None
    n_rows = 0
    for seed in range(300):
        made = with_disfluencies(plain, seed)
        fillers = [FILLERS & set(re.findall(r"\w+", line.text.lower())) for line in made.lines[::2]]
        heard = [filler for filler in fillers if filler]
        n_rows += len(heard) > 1
        assert not any(one & other for one, other in pairwise(heard))
    assert n_rows > 10


def test_phrases_keep_their_limits() -> None:
    for one in ferries(20):
        made = as_conversation(one)
        assert made is not None
        for line in made.lines[1::2]:
            first, *others = (len(phrase.split()) for phrase in line.phrases)
            assert first <= MAX_FIRST_WORDS
            assert all(n <= MAX_WORDS for n in others)
            assert len(line.text.split()) <= MAX_AGENT_WORDS


def test_the_choice_is_varied_and_the_same_for_a_seed(tmp_path: Path) -> None:
    path = written(tmp_path / "dialogues.gz", ferries(30))
    made = chosen(path, 8, 1)
    assert made == chosen(path, 8, 1)
    assert {one.id for one in made} != {one.id for one in chosen(path, 8, 2)}
    assert {one.id[:2] for one in made} == {"sg", "tm"}
    assert len({one.lines[0].text for one in made}) == 8


def test_a_word_that_hardly_any_dialogue_holds_is_held_for_a_slip(tmp_path: Path) -> None:
    slip = dialogue("I need a ferrry to the island.", *FERRY[1:], name="sgd:train:99_1")
    made = chosen(written(tmp_path / "dialogues.gz", [*ferries(10), slip]), 50, 1)
    assert made
    assert "sgd-train-99-1" not in {one.id for one in made}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        json.dumps({"id": "a", "turns": []}),
        '{"id": "a", "services": [], "turns": [["x", "Hi"]]}',
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "dialogues.gz"
    with gzip.open(path, "wt") as stream:
        stream.write(dialogue(*FERRY).model_dump_json() + "\n" + line + "\n")
    with pytest.raises(BadInput, match=r"dialogues.gz:2: expected a dialogue"):
        list(read(path))


def test_a_file_that_is_none_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected gzipped"):
        list(read(tmp_path / "nothing.gz"))
    (tmp_path / "plain.gz").write_text("{}")
    with pytest.raises(BadInput, match="expected gzipped"):
        list(read(tmp_path / "plain.gz"))


def test_other_lines_have_no_text_here() -> None:
    made = as_conversation(dialogue(*FERRY))
    assert made is not None
    with pytest.raises(BadInput, match="plain lines"):
        as_text(replace(made, lines=(Line(kind=Kind.NOD, text="Mm-hm."),)))

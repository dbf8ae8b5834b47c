from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.data import heard_drills
from hocket.data.chats import Message
from hocket.data.heard_drills import heard_drill, learnable, read_chats, write_chats
from hocket.data.spans import Float32
from hocket.data.stock import Request
from hocket.engine.fake import FakeEarsStream

CHAT = (
    Message(role="user", text="Which month comes after March?"),
    Message(role="assistant", text="April comes after March.", learned=True),
    Message(role="user", text="How many legs has a dog?"),
    Message(role="assistant", text="A dog has four legs.", learned=True),
)


@pytest.mark.parametrize(
    ("asked", "answer", "heard", "known"),
    [
        ("Which month comes after March?", "April.", "Which month comes after March?", True),
        ("Which month comes after March?", "April.", "which months come after march", True),
        ("Which month comes after March?", "April.", "", False),
        ("Which month comes after March?", "April.", "Witch mouse March", False),
        ("What is the opposite of hot?", "Hot and cold.", "What is the opposite of heart?", False),
        ("What's the dog's name?", "The dog's name is Rex.", "Whats the dogs name", True),
        ("Is it in an inn?", "It is in an inn.", "Is it an inn", True),
    ],
)
def test_an_answer_is_learned_if_who_heard_that_could_give_it(
    asked: str, answer: str, heard: str, known: bool
) -> None:
    assert learnable(asked, answer, heard) is known


def test_questions_become_what_was_heard_and_answers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Request] = []

    def tone(request: Request) -> Float32:
        said.append(request)
        return np.asarray(np.sin(np.arange(16_000) * 0.3), np.float32)

    monkeypatch.setattr(heard_drills, "say", tone)
    # 0.8 s of noise, a second of sound and 1.4 s behind it: a question takes 16 ticks, its room aside
    words = {4: ("Which",), 8: ("month", "comes", "after"), 9: ("March?",), 60: ("never",)}
    heard = heard_drill(CHAT, "flite/slt@1.0", FakeEarsStream(words), np.random.default_rng(0))
    assert [request.text for request in said] == [CHAT[0].text, CHAT[2].text]
    assert {request.voice for request in said} == {"flite/slt@1.0"}
    assert [m.text for m in heard] == [CHAT[0].text, CHAT[1].text, "", CHAT[3].text]
    assert [m.learned for m in heard] == [False, True, False, False]


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "heard.jsonl"
    write_chats(path, [CHAT, CHAT[:2]])
    assert list(read_chats(path)) == [CHAT, CHAT[:2]]
    path.write_text('{"role": "user"}\n')
    with pytest.raises(BadInput, match="expected a chat a line"):
        list(read_chats(path))
    with pytest.raises(BadInput, match="expected a chat a line"):
        list(read_chats(tmp_path / "none.jsonl"))

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hocket.cli.main import outcome
from hocket.data.pack import TICK_ARRAYS, PackWriter, SessionTicks
from hocket.evaluation.picture_layout import target_spans
from hocket.evaluation.picture_session import score_of
from hocket.model.duplex_config import AGREED, TENTATIVE, TYPED
from hocket.protocol.floor import Floor
from hocket.protocol.score import ScoreHeader, ScorePermit, ScoreTick, ScoreUser
from hocket.transports.scores import ScoreWriter


@pytest.fixture
def score_file(tmp_path: Path) -> Path:
    path = tmp_path / "score.jsonl"
    with ScoreWriter(path) as writer:
        writer.write(
            ScoreHeader(model="m", mode="reserved", config={}, seed=0, agent_rate_hz=22_050)
        )
        for tick in range(10):
            writer.write(
                ScoreTick(
                    tick=tick,
                    t=tick / 5,
                    user=ScoreUser(level_db=-40.0),
                    floor=Floor.LISTEN,
                    p=(1.0, 0.0, 0.0, 0.0, 0.0),
                    permit=ScorePermit(allowed=(Floor.LISTEN,), rule="test", reason="because"),
                )
            )
    return path


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.png", b"\x89PNG"), ("a.svg", b"<svg"), ("a.html", b"<!doctype html>"), ("A.PNG", b"\x89")],
)
def test_the_picture_is_what_its_name_says(score_file: Path, name: str, begins: bytes) -> None:
    out = score_file.with_name(name)
    assert outcome(["show", str(score_file), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(begins)


def test_a_part_holds_only_its_ticks(score_file: Path) -> None:
    out = score_file.with_name("a.html")
    arguments = ["show", str(score_file), "--out", str(out), "--from", "1", "--to", "1.4"]
    assert outcome(arguments) == 0
    page = out.read_text()
    assert "<td>1.0 s</td>" in page and "<td>0.0 s</td>" not in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{score}", "--out", "{folder}/a.gif"], "to end in .png, .svg or .html, got"),
        (["{folder}/none.jsonl", "--out", "{folder}/a.png"], "No such file or directory"),
        (["{score}", "--out", "{folder}/no/a.png"], "expected to write"),
        (["{score}", "--out", "{folder}/a.png", "--from", "7"], "got a score of 2.0 s"),
        (["{score}"], "--out"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    score_file: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    places = {"score": score_file, "folder": score_file.parent}
    assert outcome(["show", *(a.format(**places) for a in arguments)]) == 2
    complaint = capsys.readouterr().err
    assert message in complaint and complaint.count("\n") == 1
    assert [path.name for path in score_file.parent.iterdir()] == ["score.jsonl"]


# -- packs -----------------------------------------------------------------------------------------


def pack_session(name: str) -> SessionTicks:
    """Four seconds: the user asks, the agent nods into it, answers and calls for help."""
    arrays = {key: np.zeros((20, *shape), kind) for key, (kind, shape) in TICK_ARRAYS.items()}
    arrays["level_db"] -= 60
    arrays["weight"] += 3
    arrays["floor"][[2, *range(10, 20)]] = 4, *[1] * 10
    arrays["target"][:8, 0], arrays["target"][8:, 1] = 1, 1
    said = [
        {"start_s": 0.65, "end_s": 0.85, "text": "Mm-hm.", "part": "nod"},
        {"start_s": 2.25, "end_s": 4.0, "text": "It will be sunny.", "part": "answer"},
    ]
    return SessionTicks(
        about={
            "id": name,
            "mode": "proactive",
            "voice": "kokoro/af_kore",
            "user_spans": [[0.1, 1.7]],
            "agent_spans": [[0.65, 0.85], [2.25, 4.0]],
            "said": said,
            "acts": [{"tick": 9, "kind": "delegate", "argument": "weather"}],
            "events": [{"tick": 15, "text": "timer fired tea"}],
            "marks": [{"kind": "turn_end", "start_s": 1.7, "end_s": 2.25}],
        },
        **arrays,
        input_ids=np.zeros(0, np.uint16),
        input_kinds=np.zeros(0, np.uint8),
        input_end=np.zeros(20, np.int64),
        text_ids=np.zeros(0, np.uint16),
        text_end=np.zeros(20, np.int64),
    )


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    with PackWriter(folder) as writer:
        for name in ("first", "second"):
            writer.add(pack_session(name))
        writer.finish({"recipe": "test"})
    return folder


def test_a_pack_alone_is_told_in_figures(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["show", str(pack)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("2 sessions, 0.00 h, 1 voices")
    assert "agent: gap, median" in told and "0.55 s" in told and "Stivers" in told


def test_a_packs_figures_as_json(pack: Path) -> None:
    out = pack.parent / "a.json"
    assert outcome(["show", str(pack), "--out", str(out)]) == 0
    assert json.loads(out.read_text())["sessions"] == 2


@pytest.mark.parametrize("which", ["1", "second"])
def test_a_session_is_drawn_by_its_number_or_its_id(pack: Path, which: str) -> None:
    out = pack.parent / "a.html"
    assert outcome(["show", str(pack), "--session", which, "--out", str(out)]) == 0
    page = out.read_text()
    assert "second · kokoro/af_kore, proactive" in page
    assert "It will be sunny." in page and "<th>target</th>" in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{pack}", "--session", "2", "--out", "{out}"], "from 0 to 1 or an id of one, got 2"),
        (["{pack}", "--session", "third", "--out", "{out}"], "got third"),
        (["{pack}", "--session", "1"], "--out to end in"),
        (["{pack}", "--out", "{out}"], "expected --session"),
        (["{folder}", "--session", "1", "--out", "{out}"], "expected a finished pack"),
        (["{folder}"], "expected a finished pack"),
        (["{pack}/about.json", "--session", "1", "--out", "{out}"], "expected a pack's folder"),
    ],
)
def test_no_such_session_or_no_pack_is_one_line_and_exit_code_2(
    pack: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    places = {"pack": pack, "folder": pack.parent, "out": pack.parent / "a.png"}
    assert outcome(["show", *(a.format(**places) for a in arguments)]) == 2
    complaint = capsys.readouterr().err
    assert message in complaint and complaint.count("\n") == 1
    assert not (pack.parent / "a.png").exists()


def words_of(ids: Sequence[int]) -> str:
    return " ".join(("so", "the", "weather", "weather?")[i] for i in ids)


def test_a_session_as_a_score_holds_the_target_and_what_sounded_when_it_was_decided() -> None:
    score = score_of(pack_session("one"), words_of)
    assert score.ticks[8].p == (0, 1, 0, 0, 0) and score.ticks[8].floor is Floor.LISTEN
    assert [(t.tick, w.word) for t in score.ticks for w in t.said] == [
        (2, "Mm-hm."),
        (10, "It will be sunny."),
    ]
    assert score.ticks[9].act == {"act": "delegate weather"}
    assert [e.kind for e in score.ticks[15].events] == ["timer fired tea"]
    (response,) = (e for t in score.ticks for e in t.events if e.kind == "response")
    assert response.detail == {"from_s": 1.7, "to_s": 2.25}


def test_what_has_no_weight_has_no_target() -> None:
    one = replace(pack_session("one"), weight=np.zeros(20))
    assert {tick.p for tick in score_of(one, words_of).ticks} == {(0, 0, 0, 0, 0)}


def test_tokens_become_the_words_heard_and_the_text_to_write() -> None:
    one = replace(
        pack_session("one"),
        input_ids=np.array([0, 1, 0, 1, 3]),
        input_kinds=np.array([TENTATIVE, TENTATIVE, AGREED, AGREED, TYPED]),
        input_end=np.array([0, 2, 2, 4, *[5] * 16]),
        text_ids=np.array([1, 2, 0]),
        text_end=np.array([0, 1, 2, 2, *[3] * 16]),
    )
    users = [tick.user for tick in score_of(one, words_of).ticks]
    assert [user.tentative for user in users[:4]] == [(), ("so", "the"), ("so", "the"), ()]
    assert users[3].heard == ("so", "the") and users[4].text == "weather?"
    plans = [tick.plan for tick in score_of(one, words_of).ticks]
    assert plans[:5] == ["", "the weather", "", "", "so"]


def test_a_phrase_that_was_held_sounds_in_two_pieces_and_says_once_that_it_was_cut() -> None:
    one = pack_session("one")
    cut = {**one.about["said"][1], "whole": False}
    about = {**one.about, "said": [cut], "agent_spans": [[0.65, 0.85], [2.25, 2.8], [3.4, 4.0]]}
    said = [w for t in score_of(replace(one, about=about), words_of).ticks for w in t.said]
    assert [(w.word, w.start_s, w.end_s) for w in said] == [
        ("It will be sunny. … (cut)", 2.25, 2.8),
        ("", 3.4, 4.0),
    ]


def test_the_target_is_drawn_where_it_is_another_than_the_floor() -> None:
    drawn = list(target_spans(score_of(pack_session("one"), words_of).ticks))
    # Nodding was not wanted, and speaking was wanted 0.4 s sooner.
    assert [(round(span.start_s, 1), span.floor) for span, _ in drawn] == [
        (0.4, Floor.LISTEN),
        (1.6, Floor.SPEAK),
        (1.8, Floor.SPEAK),
    ]

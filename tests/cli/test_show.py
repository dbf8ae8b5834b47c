from pathlib import Path

import pytest

from hocket.cli.main import outcome
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

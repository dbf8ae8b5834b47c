from pathlib import Path

import pytest

from hocket.core.errors import BadScore
from hocket.protocol.floor import Floor
from hocket.protocol.score import (
    ScoreHeader,
    ScoreLine,
    ScorePermit,
    ScoreTick,
    ScoreTotals,
    ScoreUser,
)
from hocket.transports.scores import ScoreWriter, load_score

HEADER = ScoreHeader(model="m", mode="reserved", config={}, seed=0, agent_rate_hz=22_050)
TICK = ScoreTick(
    tick=0,
    t=0.0,
    user=ScoreUser(level_db=-90.0, heard=("naïve\u2028café",)),
    floor=Floor.LISTEN,
    p=(1.0, 0.0, 0.0, 0.0, 0.0),
    permit=ScorePermit(allowed=(Floor.LISTEN,), rule="test", reason="because"),
)
LINES: list[ScoreLine] = [HEADER, TICK, ScoreTotals(ticks=1, duration_s=0.2)]


def test_a_score_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "score.jsonl"
    with ScoreWriter(path) as writer:
        for line in LINES:
            writer.write(line)
        assert not path.exists()
    score = load_score(path)
    assert [score.header, *score.ticks, score.totals] == LINES
    assert [file.name for file in tmp_path.iterdir()] == ["score.jsonl"]


def test_a_session_that_dies_leaves_its_trail(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ScoreWriter(tmp_path / "score.jsonl") as writer:
        writer.write(HEADER)
        writer.write(TICK)
        raise KeyError
    assert not (tmp_path / "score.jsonl").exists()
    score = load_score(tmp_path / "score.jsonl.part", complete=False)
    assert score.ticks == (TICK,) and score.totals is None


@pytest.mark.parametrize(
    ("data", "message"),
    [(None, "No such file"), (b"\xff\xfe\x00", "in UTF-8"), (b"", "line 1: expected the header")],
)
def test_what_is_no_score_is_refused(tmp_path: Path, data: bytes | None, message: str) -> None:
    path = tmp_path / "score.jsonl"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(BadScore, match=message):
        load_score(path)

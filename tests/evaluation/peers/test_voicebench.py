"""The run as a whole, without voicebench: what is asked of it and what is kept."""

import json
from pathlib import Path

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.peers import voicebench
from hocket.evaluation.peers.voicebench_bridge import Passage
from hocket.evaluation.peers.voicebench_scripts import scenario, scripts
from hocket.evaluation.people import People
from hocket.evaluation.results import PeerResult
from tests.evaluation.peers.test_voicebench_report import answered, report

FOUND = scripts(seed=1, n=2, people=People(voices=("flite/kal16@1.0",)))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sessions that are done, and nothing that could run another."""
    for script in FOUND:
        folder = tmp_path / script.name
        folder.mkdir()
        (folder / "scenario.yaml").write_text(scenario(script))
        (folder / "report.json").write_text(json.dumps(report(answered(500.0))))
        passage = Passage(waits_ms=[0.1, 0.3], ahead_max_s=0.01)
        voicebench._keep(passage, folder / "bridge.json")
    monkeypatch.setattr(voicebench, "scripts", lambda *, seed, n: FOUND)
    monkeypatch.setattr(voicebench, "fill", lambda bank, found: 0)
    monkeypatch.setattr(voicebench, "find_spec", lambda name: name)
    return tmp_path


def test_sessions_that_are_done_are_not_run_again(kept: Path) -> None:
    result = voicebench.run("cascade-vad", url="ws://127.0.0.1:1/v1/native", out=kept, sessions=2)
    found = {figure.name: figure for figure in result.figures}
    assert result.instrument == "voicebench 0.2.0"
    assert "cascade-vad OUT --seed 1 --sessions 2" in result.command
    assert (found["response_latency_p50_ms"].value, found["response_latency_p50_ms"].n) == (500, 2)
    assert found["bridge_wait_p99_ms"].n == 4
    assert found["bridge_ahead_max_ms"].value == 10.0
    kept_json = (kept / "voicebench.json").read_bytes()
    assert PeerResult.model_validate_json(kept_json) == result


@pytest.mark.parametrize("missing", ["report.json", "bridge.json"])
def test_a_session_that_is_not_whole_is_run(kept: Path, missing: str) -> None:
    (kept / FOUND[0].name / missing).unlink()
    with pytest.raises(OSError):  # nobody is at that port
        voicebench.run("cascade-vad", url="ws://127.0.0.1:1/v1/native", out=kept, sessions=2)


def test_a_session_of_another_script_is_run(kept: Path) -> None:
    (kept / FOUND[1].name / "scenario.yaml").write_text("{}")
    with pytest.raises(OSError):
        voicebench.run("cascade-vad", url="ws://127.0.0.1:1/v1/native", out=kept, sessions=2)


def test_without_voicebench_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voicebench, "find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"pip install voicebench==0\.2\.0"):
        voicebench.run("cascade-vad", out=tmp_path)


def test_it_is_asked_to_use_its_websocket_adapter_at_our_voices_rate(tmp_path: Path) -> None:
    asked = voicebench.arguments(Path("s.yaml"), "ws://127.0.0.1:9", 22_050, tmp_path)
    assert asked[:6] == ["run", "s.yaml", "-a", "websocket", "--url", "ws://127.0.0.1:9"]
    assert asked[6:8] == ["-o", "agent_sample_rate=22050"]

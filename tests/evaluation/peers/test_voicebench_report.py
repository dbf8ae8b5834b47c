"""A report written by hand in voicebench's schema 1, with known answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.peers.voicebench_report import figures, read
from hocket.evaluation.results import PeerFigure


def turn(id_: str, expect: str, onset_s: float | None, **measured: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "expect": expect,
        "trigger": "anchor",
        "start_s": 0.0,
        "end_s": 1.0,
        "user_onset_s": onset_s,
        "notes": [],
        **measured,
    }


def report(*turns: dict[str, Any], agent: tuple[tuple[float, float], ...] = ()) -> dict[str, Any]:
    session = {
        "turns": turns,
        "duration_s": 20.0,
        "overlap_ms": 120.0,
        "talk_over_ms": 20.0,
        "agent_segments": agent,
        "truncated": False,
    }
    return {
        "schema_version": 1,
        "voicebench_version": "0.2.0",
        "created_at": "2026-01-01T00:00:00+00:00",
        "summary": {},
        "sessions": [session],
    }


def figured(folder: Path, *found: dict[str, Any]) -> dict[str, PeerFigure]:
    for n, each in enumerate(found):
        (folder / f"{n}.json").write_text(json.dumps(each))
    reports = [read(folder / f"{n}.json") for n in range(len(found))]
    return {figure.name: figure for figure in figures(reports)}


def answered(latency_ms: float | None, **measured: Any) -> dict[str, Any]:
    responded = latency_ms is not None
    return turn(
        "q", "respond", 1.0, responded=responded, response_latency_ms=latency_ms, **measured
    )


def test_times_are_pooled_over_sessions_and_talk_over_stays_negative(tmp_path: Path) -> None:
    first = report(answered(-200.0, talk_over=True), answered(400.0, ttfa_ms=380.0, wer=0.0))
    second = report(answered(1_000.0, wer=0.5), answered(None))
    found = figured(tmp_path, first, second)
    assert (found["response_latency_p50_ms"].value, found["response_latency_p50_ms"].n) == (400, 3)
    assert found["response_latency_p90_ms"].value == pytest.approx(880)
    assert found["ttfa_p50_ms"].n == 1
    assert (found["missed_responses"].value, found["missed_responses"].n) == (1, 4)
    assert found["talk_overs"].value == 1
    assert (found["mean_wer"].value, found["mean_wer"].n) == (0.25, 2)
    assert (found["overlap_ms"].value, found["talk_over_ms"].value) == (240, 40)


def test_an_interruption_that_met_silence_is_a_failure_and_is_told(tmp_path: Path) -> None:
    stopped = turn("i", "stop", 5.0, stopped=True, stop_latency_ms=300.0)
    met_silence = turn("j", "stop", 12.0)
    found = figured(tmp_path, report(stopped, met_silence, agent=((4.0, 5.3),)))
    rate = found["barge_in_success_rate"]
    assert (rate.value, rate.n) == (0.5, 2)
    assert rate.note.startswith("1 of them met no talk")
    assert (found["barge_in_stop_max_ms"].value, found["barge_in_stop_max_ms"].n) == (300, 1)


def test_a_cough_in_silence_passes_and_is_told(tmp_path: Path) -> None:
    stopped_for_it = turn("c", "ignore", 5.0, false_barge_in=True, spurious_response=False)
    in_silence = turn("d", "ignore", 9.0, false_barge_in=False, spurious_response=False)
    not_played = turn("e", "ignore", None)
    found = figured(tmp_path, report(stopped_for_it, in_silence, not_played, agent=((4.0, 5.3),)))
    assert (found["false_barge_ins"].value, found["false_barge_ins"].n) == (1, 3)
    assert found["false_barge_ins"].note.startswith("2 of them")


def test_without_turns_of_a_kind_there_is_no_figure(tmp_path: Path) -> None:
    found = figured(tmp_path, report(answered(100.0)))
    assert found["barge_in_success_rate"].value is None
    assert found["barge_in_stop_p50_ms"].value is None
    assert found["false_barge_ins"].value is None
    assert found["mean_wer"].value is None


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({**report(), "schema_version": 2}))
    with pytest.raises(BadInput, match="schema_version"):
        read(path)
    with pytest.raises(BadInput, match=r"nothing\.json"):
        read(tmp_path / "nothing.json")

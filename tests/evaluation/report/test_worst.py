import os
from base64 import b64decode
from pathlib import Path

from hocket.evaluation.report.document import Card, Fold
from hocket.evaluation.report.drawings import MAX_BYTES, drawing, thumbnail
from hocket.evaluation.report.events_in_words import event_line, events_in_words
from hocket.evaluation.report.folders import folder_of
from hocket.evaluation.report.worst import Bad, of_engine, worst
from hocket.evaluation.report.worst_cards import card_of, worst_scenes
from hocket.evaluation.results import BenchResult
from hocket.evaluation.truth import Kind
from hocket.protocol.score import Score
from tests.evaluation.metrics.hand_made import event, over, truth, turn
from tests.evaluation.report.sample import a_run, scenes

BAD = Bad(
    engine="stops-for-everything",
    family="selectivity",
    scene="selectivity/plain/001",
    scenes_hash="abc",
    wrong=("S_BC",),
)


def test_each_family_names_at_most_five_scenes_engines_in_turn(result: BenchResult) -> None:
    found = worst(result)
    assert set(found) == {"turns", "answers", "overlap", "selectivity"}
    assert all(1 <= len(bads) <= 5 for bads in found.values())
    assert [bad.engine for bad in found["turns"]][:3] == [
        "oracle+end_ms=500",
        "stops-for-everything",
        "silent",
    ]
    every = [(bad.engine, bad.scene) for bads in found.values() for bad in bads]
    assert len(set(every)) == len(every)


def test_there_are_at_most_so_many_pictures_in_all(result: BenchResult) -> None:
    assert sum(map(len, worst(result, at_most=3).values())) == 3


def test_a_scene_is_named_with_all_figures_that_name_it(result: BenchResult) -> None:
    engine = result.engines[1]
    first = of_engine(engine, "selectivity")[0]
    assert first.scene.startswith("selectivity/plain/")
    assert "S_BC" in first.wrong
    assert "R_Y" not in first.wrong  # it stopped for all of them


def test_a_card_shows_the_score_the_truth_and_the_way_to_the_sound(tmp_path: Path) -> None:
    (one,) = [s for s in scenes("selectivity", 2) if s.scene == BAD.scene]
    folder = tmp_path / "my runs" / BAD.engine / BAD.scene
    a_run(folder, one, BAD.engine)
    card = card_of(BAD, folder, tmp_path / "out")
    assert card.events[0].startswith("1.0–3.0 s: turn “Tell me a long story.”")
    base = "../my%20runs/stops-for-everything/selectivity/plain/001"
    assert [link.href for link in card.links] == [
        f"{base}/", f"{base}/user.flac", f"{base}/agent.flac",
    ]  # fmt: skip
    head, data = card.picture.split(",")
    assert head == "data:image/png;base64"
    assert b64decode(data).startswith(b"\x89PNG")


def test_a_take_is_found_where_the_bench_played_it(tmp_path: Path) -> None:
    def found(compute: str = "constant: 40 ms") -> Path | None:
        return folder_of(tmp_path, compute=compute, scenes_hash="abc", engine="e", scene="s/f/0")

    assert found() is None
    folders = [tmp_path / f"{name}/abc/e/s/f/0" for name in ("constant-1", "constant-2")]
    for age_s, folder in zip((2, 1), folders, strict=True):
        folder.mkdir(parents=True)
        (folder / "score.jsonl").touch()
        os.utime(folder / "score.jsonl", (age_s, age_s))
    (tmp_path / "constant-3/other/e/s/f/0").mkdir(parents=True)
    assert found() == folders[0]  # the newest of that set
    assert found("measured on this machine") is None
    (tmp_path / "e/s/f/0").mkdir(parents=True)
    assert found() == tmp_path / "e/s/f/0"
    assert folder_of(tmp_path / "no", compute="", scenes_hash="a", engine="e", scene="s") is None


def test_what_a_scenes_folder_lacks_is_said(tmp_path: Path) -> None:
    assert card_of(BAD, None, tmp_path).note == "its folder is not there"
    assert card_of(BAD, tmp_path, tmp_path).note == "no truth to be read"
    (tmp_path / "truth.json").write_text(scenes("selectivity", 1)[0].model_dump_json())
    card = card_of(BAD, tmp_path, tmp_path)
    assert card.note.startswith("expected a score")
    assert card.picture == ""
    assert card.events


def test_the_worst_are_named_without_runs_too(result: BenchResult, tmp_path: Path) -> None:
    folds = [b for b in worst_scenes(result, runs=None, out=tmp_path).blocks if isinstance(b, Fold)]
    cards = [card for fold in folds for card in fold.blocks if isinstance(card, Card)]
    assert cards
    assert all(card.wrong and not card.picture for card in cards)


def test_a_picture_of_a_full_score_is_small_enough(score: Score) -> None:
    assert 5_000 < len(thumbnail(score, truth(length_s=36.0))) <= MAX_BYTES


def test_the_truth_is_laid_over_the_users_staff_where_it_began(score: Score) -> None:
    one = truth(
        turn(0.6, 19.0, (2.0, 2.6)), over(Kind.TIC, 20.2, 21.0), over(Kind.NOISE, 30.0, 30.0)
    )
    first, second = drawing(score, one).axes
    marks = {"turn", "tic", "noise"}
    assert [x.get_text() for x in first.texts if x.get_text() in marks] == ["turn"]
    assert [x.get_text() for x in second.texts if x.get_text() in marks] == ["tic"]


def test_events_are_told_in_order_with_what_became_of_them() -> None:
    late = over(Kind.BACKCHANNEL, 6.0, 6.4, text="mhm")
    never = over(Kind.TIC, 9.0, 9.0)
    stop = over(Kind.INTERRUPTION, 4.0, 4.5, text="stop", finished=False, voice="flite/a")
    one = truth(late, stop, never, event(Kind.NOISE, 1.0, 1.2))
    assert events_in_words(one) == (
        "1.0–1.2 s: noise",
        "4.0–4.5 s over the agent: interruption “stop” (no answer due) [flite/a]",
        "6.0–6.4 s over the agent: backchannel “mhm”",
        "never came: tic",
    )
    assert event_line(turn(1.0, 4.0, (2.0, 2.5))) == "1.0–4.0 s: turn with pauses 2.0–2.5"

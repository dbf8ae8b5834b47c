"""Scenes are played once, kept whole, and read as tables: with fakes, without a model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hocket.core.errors import BadInput
from hocket.data.splits import Split
from hocket.engine.fake import FakeEars, FakeEngine, FakeVoice, decision
from hocket.engine.worker import Worker
from hocket.evaluation.bench import playing, runner
from hocket.evaluation.bench.contest import EngineAt, Part, scene_folder, set_folder
from hocket.evaluation.bench.playing import is_played, take_of
from hocket.evaluation.bench.runner import House, perform
from hocket.evaluation.bench.tables import suite_result
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.scenes.scene import Anchor, Scene
from hocket.evaluation.truth import Kind
from hocket.protocol.floor import Floor
from tests.evaluation.scenes.stage import move, scene, sound, stocked

ASKED = sound(Kind.TURN, "could you please tell me a story")
NOD = sound(Kind.BACKCHANNEL, "mhm right")
STORY = " ".join(["word"] * 12)
ENGINE = EngineAt(engine="fake", settings={"p": 0.5})


def patient(number: int, *, suite: str = "overlap") -> Scene:
    """A question, and a nod into its answer."""
    moves = (move(ASKED, Anchor.START, 0.5), move(NOD, Anchor.VOICE, 0.7))
    return scene(*moves, id=f"{suite}/nod/{number:03d}", suite=suite, family="nod", seed=number)


def talks_on(engine: EngineAt, at_length: bool) -> Worker:
    """Answers at tick 14 and talks through everything."""
    answer = {14: decision(Floor.SPEAK, STORY)}
    return Worker(ears=FakeEars(), engine=FakeEngine(answer), voice=FakeVoice())


@pytest.fixture
def house(tmp_path: Path) -> House:
    stocked(tmp_path / "bank", [ASKED, NOD])
    return House(
        worker_of=talks_on,
        bank=tmp_path / "bank",
        split=str(Split.TEST),
        rooms=None,
        compute="constant",
    )


def parts(runs: Path, scenes: list[Scene]) -> list[Part]:
    folder = set_folder(runs, "constant", scenes)
    return [
        Part(engine=ENGINE, scene=s, folder=scene_folder(folder, ENGINE, s.id), words=False)
        for s in scenes
    ]


def test_a_scene_leaves_two_lanes_a_score_and_the_truth_of_what_fell_where(
    house: House, tmp_path: Path
) -> None:
    (part,) = perform(parts(tmp_path / "runs", [patient(1)]), house)
    names = {path.name for path in part.folder.iterdir()}
    assert names == {"user.flac", "agent.flac", "score.jsonl", "truth.json", "heard.json"}
    take = take_of(part.folder, words=False)
    nod = take.truth.events[-1]
    assert nod.kind is Kind.BACKCHANNEL
    assert nod.end_s > nod.start_s
    spoken = take.lane.runs[0]
    assert spoken[0] / 16_000 < nod.start_s < spoken[1] / 16_000
    assert take.score is not None
    assert take.score.totals is not None


def test_what_was_played_is_not_played_again_and_what_broke_off_is(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    todo = parts(tmp_path / "runs", [patient(1), patient(2)])
    list(perform(todo, house))
    before = {p: p.read_bytes() for p in (tmp_path / "runs").rglob("*") if p.is_file()}
    (todo[1].folder / "truth.json").unlink()  # the last file written: this take broke off
    played: list[str] = []

    def watched(scene: Scene, *rest: object) -> None:
        played.append(scene.id)
        playing.play(scene, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(runner, "play", watched)
    list(perform(todo, house))
    assert played == [todo[1].scene.id]
    assert {p: p.read_bytes() for p in before} == before, "the same to the byte"


def test_two_processes_give_what_one_gives(house: House, tmp_path: Path) -> None:
    scenes = [patient(1), patient(2)]
    alone, together = parts(tmp_path / "one", scenes), parts(tmp_path / "two", scenes)
    list(perform(alone, house))
    list(perform(together, house, jobs=2))
    for one, other in zip(alone, together, strict=True):
        for name in ("user.flac", "agent.flac", "score.jsonl", "truth.json"):
            assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_the_folder_names_everything_that_the_outcome_depends_on(tmp_path: Path) -> None:
    one, other = [patient(1)], [patient(2)]
    assert set_folder(tmp_path, "constant", one) != set_folder(tmp_path, "constant", other)
    assert set_folder(tmp_path, "constant", one) != set_folder(tmp_path, "measured", one)
    folder = set_folder(tmp_path, "constant", one)
    blind = EngineAt(engine="fake", settings={"p": 0.5}, without=("words",))
    assert scene_folder(folder, ENGINE, "a") != scene_folder(folder, blind, "a")


def test_a_sound_that_the_bank_lacks_stops_the_bench(house: House, tmp_path: Path) -> None:
    unknown = scene(move(sound(Kind.TURN, "never said"), Anchor.START, 0.5), id="overlap/none/001")
    with pytest.raises(BadInput, match="fill it first"):
        list(perform(parts(tmp_path, [unknown]), house))
    assert not is_played(parts(tmp_path, [unknown])[0].folder)


def takes(house: House, runs: Path, n: int) -> Iterator[Take]:
    scenes = [patient(number) for number in range(n)]
    for part in perform(parts(runs, scenes), house):
        yield take_of(part.folder, words=False)


def test_a_suites_tables_stand_by_voices_and_leave_out_costs_that_were_not_measured(
    house: House, tmp_path: Path
) -> None:
    found = list(takes(house, tmp_path / "runs", 3))
    result = suite_result("overlap", found, scenes_hash="x", measured=False, seed=0)
    assert set(result.tables) == {"all", "synthetic"}, "there is no human voice"
    assert set(result.tables["all"]) == {"overlap", "governance"}
    measured = suite_result("overlap", found, scenes_hash="x", measured=True, seed=0)
    assert "runtime" in measured.tables["all"]

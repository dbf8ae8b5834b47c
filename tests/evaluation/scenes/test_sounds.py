"""From scenes to samples: rule-made sounds, people's pieces, and the bank."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hocket.audio.levels import rms_db
from hocket.core.errors import BadInput
from hocket.data.formant_voices import ESPEAK, FLITE, installed
from hocket.data.spans import speech_spans
from hocket.data.splits import Split
from hocket.evaluation.made_sounds import BURSTS, MADE, TICS, made
from hocket.evaluation.people import People
from hocket.evaluation.scene_set import Size, Suite, scene_set
from hocket.evaluation.scenes.desk import Desk, made_sound
from hocket.evaluation.sounds import SceneSounds, bench_bank, fill
from hocket.evaluation.truth import Kind
from tests.evaluation.scenes.conftest import PAUSING
from tests.evaluation.scenes.stage import PEOPLE, sound


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_made_sound_is_the_same_for_a_seed_and_another_for_another(name: str) -> None:
    once, again, other = made(name, 3), made(name, 3), made(name, 4)
    assert np.array_equal(once, again)
    assert len(once) != len(other) or not np.array_equal(once, other)
    assert np.max(np.abs(once)) == pytest.approx(0.9, abs=1e-3)
    assert np.isfinite(once).all()


@pytest.mark.parametrize("name", [*TICS, *BURSTS, "clap", "knock", "bell", "whistle"])
def test_a_made_sound_lasts_as_long_as_such_a_sound_does(name: str) -> None:
    lengths_s = [len(made(name, seed)) / 16_000 for seed in range(5)]
    assert 0.1 <= min(lengths_s) <= max(lengths_s) <= 5.0


def test_a_made_sound_lies_at_its_level_from_its_first_audible_sample(sounds: SceneSounds) -> None:
    for name in (*TICS, *BURSTS):
        rendered = sounds.render(made_sound(Kind.TIC, name, gain_db=-6.0, seed=1))
        loud_S = np.concatenate([rendered.samples_S[a:b] for a, b in rendered.spans])
        assert rms_db(loud_S) == pytest.approx(-29, abs=2.5)
        assert rendered.spans[0][0] <= 160


def test_spans_are_where_the_sound_is(sounds: SceneSounds) -> None:
    rendered = sounds.render(PAUSING)
    again = speech_spans(rendered.samples_S)
    assert len(again) == len(rendered.spans) > 1
    edges = [np.ravel(s) for s in (again, rendered.spans)]
    assert np.allclose(edges[0], edges[1], atol=320)


def test_a_piece_holds_its_own_speech_only(sounds: SceneSounds) -> None:
    whole = sounds.spans(PAUSING.source)
    cut = (whole[0][1] + whole[1][0]) // 2
    n = whole[-1][1] + 1
    first, rest = (sounds.render(replace(PAUSING, piece=p)) for p in ((0, cut), (cut, n)))
    assert len(first.spans) == 1
    assert len(rest.spans) == len(whole) - 1
    with pytest.raises(BadInput, match="expected speech"):
        sounds.render(replace(PAUSING, piece=(0, 10)))


def test_what_was_not_said_yet_is_refused(sounds: SceneSounds) -> None:
    with pytest.raises(BadInput, match="fill it first"):
        sounds.render(sound(Kind.TURN, "nobody ever said this"))


def test_the_bank_lies_beside_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOCKET_DATA", str(tmp_path))
    assert bench_bank() == tmp_path / "bench-bank"


def test_a_text_in_a_voice_is_one_sound_in_all_sets() -> None:
    found = [
        {(s.text, s.voice): s.source for scene in scenes for s in scene.sounds if s.request}
        for seed in (1, 2)
        for scenes in [scene_set(Suite.TURNS, seed=seed, size=Size.FULL, people=PEOPLE)]
    ]
    common = found[0].keys() & found[1].keys()
    assert len(common) > 50
    assert all(found[0][key] == found[1][key] for key in common)


def test_engines_take_turns_and_side_talk_across_the_room_is_another_voice() -> None:
    voices = ("kokoro/a", "kokoro/b", "flite/kal16@1.0", "espeak-ng/x@1.0")
    people = People(voices=voices)
    desk = Desk(suite="turns", seed=1, split=Split.TEST, people=people)
    engines = [desk.voice().split("/")[0] for _ in range(8)]
    assert engines.count("kokoro") == 4
    assert {"flite", "espeak-ng"} < set(engines)
    sides = [desk.side("kokoro/a") for _ in range(30)]
    assert {s.far for s in sides} == {True, False}
    assert all((s.voice != "kokoro/a") == s.far for s in sides)


@pytest.mark.skipif(not (installed(FLITE) and installed(ESPEAK)), reason="no speech programs")
def test_filling_makes_a_scene_sound_and_is_not_done_twice(tmp_path: Path) -> None:
    people = People(voices=("flite/kal16@1.0", "espeak-ng/en-us+m1@0.8"))
    (scene, *_) = scene_set(Suite.OVERLAP, seed=1, size=Size.QUICK, people=people)
    few = replace(scene, fuel=scene.fuel[:1], moves=scene.moves[:1])
    assert fill(tmp_path / "bank", [few]) == 2
    assert fill(tmp_path / "bank", [few]) == 0

"""Sets of scenes: reproducible, large enough, and made of held-out voices and the bench's own texts."""

from collections import Counter
from dataclasses import replace

import pytest

from hocket.core.errors import BadInput
from hocket.data.bank import HeardWord, Utterance
from hocket.data.pieces import pieces_of
from hocket.data.splits import Split, split_of
from hocket.evaluation.people import People, people_of
from hocket.evaluation.scene_set import Size, Suite, scene_set, set_hash
from hocket.evaluation.scenes.scene import Anchor, Scene
from hocket.evaluation.truth import Kind, Voices
from tests.evaluation.scenes.stage import PEOPLE

OVER = (Kind.INTERRUPTION, Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE, Kind.NOISE)


def made(suite: Suite, size: Size = Size.QUICK, people: People = PEOPLE) -> tuple[Scene, ...]:
    return scene_set(suite, seed=1, size=size, people=people)


def reading(reader: str = "1069", *, complete: bool = True) -> Utterance:
    """Twelve words in three spans: a pause inside the first sentence, a silence behind it."""
    marks = {7: "end.", 11: "over."}
    words = tuple(
        HeardWord(text=marks.get(i, f"word{i}"), start_s=s, end_s=s + 0.25, probability=0.9)
        for i, s in enumerate([0.1, 0.4, 0.7, 1.0, 1.8, 2.1, 2.4, 2.7, 3.6, 3.9, 4.2, 4.5])
    )
    spans = tuple((round(a * 16_000), round(b * 16_000)) for a, b in [(0.1, 1.25), (1.8, 2.95)])
    return Utterance(
        id=f"u{reader}",
        kind="turn",
        text=" ".join(word.text for word in words),
        voice=f"reader/{reader}",
        engine="reader",
        split="test",
        n_samples=5 * 16_000,
        spans=(*spans, (round(3.6 * 16_000), round(4.75 * 16_000))),
        complete=complete,
        words=words,
    )


def cut(kind: str, number: int) -> Utterance:
    return replace(reading(), id=f"{kind}{number}", kind=kind, voice="meeting/trn06@A")


HUMANS = replace(
    PEOPLE,
    readings=tuple(pieces_of(reading(r)) for r in ("1069", "1263", "1594")),
    meetings=tuple(cut(kind, n) for kind in ("backchannel", "tic", "side") for n in range(3)),
)


@pytest.mark.parametrize("suite", Suite)
def test_equal_arguments_give_equal_sets(suite: Suite) -> None:
    first, again = made(suite), made(suite)
    assert first == again
    assert set_hash(first) == set_hash(again)
    other = scene_set(suite, seed=2, size=Size.QUICK, people=PEOPLE)
    assert set_hash(other) != set_hash(first)


def test_the_hash_covers_texts_voices_and_moves() -> None:
    (scene, *rest) = made(Suite.OVERLAP)
    move = scene.moves[0]
    changed = [
        replace(scene, moves=(replace(move, after_s=move.after_s + 0.001), *scene.moves[1:])),
        replace(
            scene, moves=(replace(move, sound=replace(move.sound, text="x")), *scene.moves[1:])
        ),
        replace(scene, fuel=scene.fuel[1:]),
        replace(scene, around=replace(scene.around, hiss_db=-50.0)),
    ]
    hashes = {set_hash((each, *rest)) for each in changed}
    assert len(hashes | {set_hash((scene, *rest))}) == len(changed) + 1


@pytest.mark.parametrize("suite", Suite)
def test_ids_are_unique_and_name_suite_and_family(suite: Suite) -> None:
    scenes = made(suite, Size.ORDINARY)
    assert len({scene.id for scene in scenes}) == len(scenes)
    assert all(scene.id.startswith(f"{suite}/{scene.family}/") for scene in scenes)


@pytest.mark.parametrize(("size", "least"), [(Size.ORDINARY, 60), (Size.FULL, 200)])
def test_every_rate_rests_on_enough_events(size: Size, least: int) -> None:
    counts = Counter(
        m.sound.kind for s in made(Suite.SELECTIVITY, size) for m in s.moves if m.over_agent
    )
    assert all(counts[kind] >= least for kind in OVER)
    families = Counter(s.family for s in made(Suite.OVERLAP, size) for m in s.moves)
    assert all(n >= least for n in families.values())
    assert len(families) == 4
    turns = [m.sound for s in made(Suite.TURNS, size) for m in s.moves]
    assert len(turns) >= least
    assert sum("…" in sound.text for sound in turns) >= least
    noise = Counter(m.sound.kind for s in made(Suite.NOISE, size) for m in s.moves)
    assert noise[Kind.INTERRUPTION] >= least
    assert len([w for s in made(Suite.TIMING, size) for w in s.wishes]) >= min(least, 200)


def test_a_quick_selectivity_set_shows_every_rate() -> None:
    counts = Counter(m.sound.kind for s in made(Suite.SELECTIVITY) for m in s.moves if m.over_agent)
    assert all(counts[kind] >= 10 for kind in OVER)


def test_the_four_of_a_group_differ_in_the_sound_alone() -> None:
    interruption, backchannel, side, background = made(Suite.OVERLAP)
    for other in (backchannel, side, background):
        assert other.fuel == interruption.fuel
        moments = [[m.after_s for m in s.moves] for s in (other, interruption)]
        assert moments[0] == moments[1]
    kinds = [s.moves[0].sound.kind for s in (interruption, backchannel, side, background)]
    assert kinds == [Kind.INTERRUPTION, Kind.BACKCHANNEL, Kind.SIDE, Kind.SIDE]


def test_noise_meets_every_condition() -> None:
    families = {scene.family for scene in made(Suite.NOISE, Size.ORDINARY)}
    assert families == {
        "snr+25", "snr+15", "snr+10", "snr+5", "snr+0", "snr-5",
        "babble", "echo", "telephone", "lost", "late", "room",
    }  # fmt: skip
    echoes = [s.around for s in made(Suite.NOISE, Size.FULL) if s.family == "echo"]
    assert all(-30 <= (a.echo_db or 0) <= -6 and 0.02 <= a.echo_delay_s <= 0.3 for a in echoes)


def test_only_what_comes_onto_the_agents_voice_may_be_void() -> None:
    for suite in (Suite.OVERLAP, Suite.SELECTIVITY):
        for scene in made(suite):
            over = [m for m in scene.moves if m.sound.kind in OVER and m.anchor is Anchor.VOICE]
            assert over or scene.family == "silence"
            assert len(scene.fuel) >= len(over)


@pytest.mark.parametrize("split", [Split.VALIDATION, Split.TEST])
def test_voices_are_held_out(split: Split) -> None:
    try:
        people = people_of(split)
    except BadInput:
        pytest.skip("no held-out voice is installed")
    assert {split_of(voice) for voice in people.voices} == {split}
    scenes = scene_set(Suite.OVERLAP, seed=1, size=Size.QUICK, split=split)
    voices = {s.voice for scene in scenes for s in scene.sounds if s.request}
    assert {split_of(voice) for voice in voices} == {split}


def test_training_voices_are_refused() -> None:
    with pytest.raises(BadInput, match="held-out"):
        people_of(Split.TRAIN)


def test_without_recordings_there_are_no_human_scenes_and_with_them_they_are_marked() -> None:
    for suite in (Suite.TURNS, Suite.SELECTIVITY):
        assert all(scene.voices is Voices.SYNTHETIC for scene in made(suite))
        human = [s for s in made(suite, people=HUMANS) if s.voices is Voices.HUMAN]
        assert human
        for scene in human:
            engines = {s.voice.split("/")[0] for s in scene.sounds}
            assert engines <= {"reader", "meeting"}
            assert scene.around.tone


def test_a_reading_is_cut_behind_its_sentences_only() -> None:
    first, second = pieces_of(reading())
    assert (first.finished, second.finished) == (True, True)
    assert first.text.endswith("end.")
    assert first.behind == second.first == pytest.approx(3.275 * 16_000, abs=1)
    assert pieces_of(reading(complete=False))[1].finished is False


def test_a_sentence_in_a_flow_of_words_is_not_cut_off() -> None:
    plain = reading()
    flowing = replace(plain, spans=((plain.spans[0][0], plain.spans[-1][1]),))
    assert len(pieces_of(flowing)) == 1

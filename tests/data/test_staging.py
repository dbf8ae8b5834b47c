"""Written conversations in time: what is placed where, and what the agent makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.bank import Bank, BankWriter, utterance_id
from hocket.data.casting import Deck, cast_of
from hocket.data.conversations import Conversation, parsed
from hocket.data.library import Library
from hocket.data.repertoire import Rendition
from hocket.data.scenes import Desk, Habits, Place
from hocket.data.script import Part, Role, Script, Surroundings
from hocket.data.simulation import Played, Studio, play
from hocket.data.spans import Float32
from hocket.data.staging import Stage
from hocket.engine.fake import FakeEars
from hocket.model.duplex_config import EVENT, TYPED
from hocket.protocol.floor import FLOORS, Floor
from tests.data.fake_bank import RATE_HZ, buzz
from tests.data.studio import tokenizer

QUIET = Habits(
    slow_answer=0, stretched=0, unwritten=0, stir=0, early=0, long_silence=0, sound_in_silence=0
)
ASKED = """
== asked
U: Could you find me a train to Leeds on Friday?
A: Sure, | there is one at eight | and another at nine in the morning.
U: The early one then.
A: I have put it down for you.
"""
BROKEN_OFF = """
== broken-off
U: Tell me about the history of the old bridge in town.
A: It was built | by three brothers from the north, |! who had never seen a river | as wide as that one.
I(question): No wait, how long did it take them?
A: About nine years.
"""
UNBOTHERED = """
== unbothered
U: Tell me about the history of the old bridge in town.
A: It was built | by three brothers from the north, |~ who had never seen a river | as wide as that one.
B: Mm hmm.
U: Thanks a lot for that.
"""
NODDED = """
== nodded
U: So yesterday I went down to the harbour
N: Mm-hm.
U+ and there was nobody there at all.
A: That sounds lonely.
"""
CUED = """
== cued mode=proactive
U: Whenever I say a colour you say its opposite. My car is [red] and it is quite old.
C: Green.
U+ And the seats are made of leather.
A: Very nice.
"""
TIMED = """
== timed
U: Tell me when ten seconds are over.
T: set 10s "ten"
A: Ten seconds, go.
E: timer fired "ten"
A: Time is up.
"""
LOOKED_UP = """
== looked-up
U: What does a ticket to Oslo cost?
D: price of a ticket to Oslo
A: Let me look.
R: 129 euros
A: It is a hundred and twenty-nine euros.
P: and to Bergen
A: I do not know that one.
"""


def hum(text: str) -> Float32:
    """The agent: 0.3 s a word."""
    return (0.1 * np.sin(np.arange(4_800 * len(text.split())) / 20)).astype(np.float32)


class Hums(dict[str, Float32]):
    """Whatever is to be said."""

    def __missing__(self, text: str) -> Float32:
        return hum(text)


def staged(
    text: str,
    folder: Path,
    *,
    habits: Habits = QUIET,
    seed: int = 0,
    nods: tuple[str, ...] = (),
) -> Script:
    (conversation,) = parsed(text, "test")
    sounds = bank(conversation, folder)
    rng = np.random.default_rng(seed)
    lengths = {
        text: len(hum(text))
        for line in conversation.lines
        for text in (*line.phrases, line.text)
        if text
    } | {text: len(hum(text)) for text in nods}
    place = Place(noises=("hiss",), rooms=(), lines=lengths)
    cast = cast_of("kokoro/one", sounds.utterances, rng)
    desk = Desk(cast, place, Deck(tuple(lengths), rng), habits, rng)
    said = {u.text: u for u in sounds}
    stage = Stage(desk, lambda voice: said, nods)
    stage.play(Rendition(conversation=conversation, voice="kokoro/one", other="kokoro/two"))
    return stage.script(name="s", split="train", of_set="duplex", seed=seed, around=Surroundings())


def bank(conversation: Conversation, folder: Path) -> Bank:
    with BankWriter(folder) as writer:
        for line in conversation.lines:
            if line.kind in ["U", "U+", "I", "B", "S"]:
                writer.add(
                    buzz(line.text.replace("…", ","), "kokoro/one"),
                    trim=True,
                    id=utterance_id(text=line.text),
                    kind="turn",
                    text=line.text,
                    voice="kokoro/one",
                    engine="kokoro",
                    split="train",
                    complete=True,
                )
    return Bank.open(folder)


def heard_of(script: Script, lag_s: float = 0.4) -> Mapping[int, tuple[str, ...]]:
    """Every word of the user's, so long after it was said."""
    words: dict[int, list[str]] = {}
    for sound in script.sounds:
        said = sound.text.split()
        for number, word in enumerate(said, start=1):
            at = sound.onset + (sound.end - sound.onset) * number // len(said)
            tick = (at + round(lag_s * RATE_HZ)) // TICK_USER_SAMPLES
            words.setdefault(tick, []).append(word)
    return {tick: tuple(each) for tick, each in words.items()}


def performed(script: Script, folder: Path) -> Played:
    studio = Studio(
        sounds=Library(Bank.open(folder), split="train"),
        ears=FakeEars(heard_of(script)),
        tokenizer=tokenizer(),
        speech=Hums(),
    )
    return play(script, studio)


def text_of(played: Played) -> str:
    return tokenizer().decode([int(i) for i in played.ticks.text_ids])


def told(played: Played, kind: int) -> str:
    ids = played.ticks.input_ids[played.ticks.input_kinds == kind]
    return tokenizer().decode([int(i) for i in ids])


def test_turns_are_answered_in_order_behind_their_ends(tmp_path: Path) -> None:
    script = staged(ASKED, tmp_path)
    turns = [sound for sound in script.sounds if sound.role is Role.TURN]
    assert [turn.text for turn in turns] == [
        "Could you find me a train to Leeds on Friday?",
        "The early one then.",
    ]
    assert script.turn_ends == tuple(turn.end for turn in turns)
    for line, end in zip(script.lines, script.turn_ends, strict=True):
        assert 0 <= line.start - end <= 1.3 * RATE_HZ
    assert turns[1].onset > script.lines[0].start + script.lines[0].n_samples
    played = performed(script, tmp_path)
    assert [said["text"] for said in played.ticks.about["said"]] == [
        text for line in script.lines for text in line.texts
    ]
    assert all(said["whole"] for said in played.ticks.about["said"])
    assert text_of(played).count("<|im_end|>") == 2
    assert text_of(played).startswith("Sure, there is one at eight and another at nine")


def test_who_is_interrupted_gives_way_and_is_told_what_was_heard(tmp_path: Path) -> None:
    script = staged(BROKEN_OFF, tmp_path)
    cut = next(sound for sound in script.sounds if sound.role is Role.INTERRUPTION)
    line = script.lines[0]
    place = line.start + sum(len(hum(text)) for text in line.texts[:2])
    assert abs(cut.onset - place) < 0.6 * RATE_HZ
    played = performed(script, tmp_path)
    floors = [FLOORS[i] for i in played.ticks.floor]
    assert floors.count(Floor.YIELD) == 1
    said = played.ticks.about["said"]
    assert said[0]["whole"] and not said[2]["whole"]
    assert said[-1]["text"] == "About nine years."
    report = told(played, EVENT)
    assert report.startswith(' user heard up to "It was built by three brothers')
    assert "wide as that" not in report
    assert text_of(played).count("<|im_end|>") == 1  # the broken line has no end


def test_a_backchannel_over_the_line_changes_nothing_of_what_is_said(tmp_path: Path) -> None:
    script = staged(UNBOTHERED, tmp_path)
    nod = next(sound for sound in script.sounds if sound.role is Role.BACKCHANNEL)
    line = script.lines[0]
    assert line.start < nod.onset < line.start + line.n_samples
    assert script.turn_ends == (script.sounds[0].end,)  # nobody answers the thanks
    assert script.open_end
    played = performed(script, tmp_path)
    assert all(said["whole"] for said in played.ticks.about["said"])
    assert Floor.YIELD not in {FLOORS[i] for i in played.ticks.floor}


def test_the_agent_nods_into_the_turn_and_answers_it_later(tmp_path: Path) -> None:
    script = staged(NODDED, tmp_path)
    first, more = script.sounds
    assert first.turn == more.turn
    assert script.turn_ends == (more.end,)
    nod, answer = script.lines
    assert nod.part is Part.NOD
    assert first.end < nod.start < first.end + 0.5 * RATE_HZ
    played = performed(script, tmp_path)
    floors = [FLOORS[i] for i in played.ticks.floor]
    assert floors.count(Floor.BACKCHANNEL) == 2  # 0.3 s
    assert [said["part"] for said in played.ticks.about["said"]] == ["nod", "answer"]
    for tick, floor in enumerate(floors):
        if floor is Floor.BACKCHANNEL:
            assert played.ticks.target[tick][FLOORS.index(floor)] == 1
    assert answer.start >= more.end


LONG = """
== long{options}
U: {turn}
A: That sounds lonely.
"""
PIECES = ", ".join(["I went down to the harbour and looked at boats"] * 4)


@pytest.mark.parametrize(
    ("options", "turn", "nods"),
    [
        ("", PIECES, True),
        (" switches=-backchannel", PIECES, False),
        (" mode=reserved", PIECES, False),
        ("", "I went down to the harbour, and looked at boats", False),
    ],
)
def test_the_agent_nods_into_long_turns_where_it_may(
    options: str, turn: str, nods: bool, tmp_path: Path
) -> None:
    text = LONG.format(options=options, turn=turn)
    found, behind = [], 0
    for seed in range(6):
        script = staged(text, tmp_path / str(seed), seed=seed, nods=("mm-hm", "right"))
        assert staged(text, tmp_path / f"{seed} too", seed=seed, nods=("mm-hm", "right")) == script
        nodded = [line for line in script.lines if line.part is Part.NOD]
        found += nodded
        (sound,) = script.sounds
        for line in nodded:
            assert any(
                a < line.start < a + 0.5 * 16_000 for _, a in sound.spans[:-1]
            )  # soon behind a piece
            assert line.start > sound.onset + 2 * 16_000 and line.start < sound.end
        assert not nodded or "nod" in script.behaviours
        strays = [line for line in script.lines if line.part is Part.STRAY]
        behind += len(strays)
        assert all(0 <= line.start - sound.end <= 0.4 * 16_000 for line in strays)
    assert bool(found) is nods and (0 < behind < 6) is nods


def test_a_cue_is_answered_when_it_was_heard_and_the_user_goes_on(tmp_path: Path) -> None:
    script = staged(CUED, tmp_path)
    played = performed(script, tmp_path)
    cued = next(said for said in played.ticks.about["said"] if said["part"] == "cued")
    heard = heard_of(script)
    tick = next(tick for tick, words in sorted(heard.items()) if "red" in words)
    assert cued["start_s"] == pytest.approx((tick + 1) * 0.2, abs=0.2)
    deaf = replace(script, sounds=tuple(replace(s, text="mumble") for s in script.sounds))
    unsaid = performed(deaf, tmp_path)
    assert [said["part"] for said in unsaid.ticks.about["said"]] == ["answer"]


def test_a_timer_goes_off_when_it_is_due(tmp_path: Path) -> None:
    script = staged(TIMED, tmp_path)
    (fired,) = script.told
    assert fired.text == 'timer fired "ten"'
    played = performed(script, tmp_path)
    (act,) = played.ticks.about["acts"]
    assert (act["kind"], act["argument"]) == ("timer", 'set 10s "ten"')
    assert 9 <= fired.at / RATE_HZ - 0.2 * act["tick"] <= 11.5
    assert "timer fired" in told(played, EVENT)
    last = played.ticks.about["said"][-1]
    assert last["text"] == "Time is up." and last["part"] == "told"
    assert 0 < last["start_s"] - fired.at / RATE_HZ < 1.6


def test_a_job_is_handed_over_and_its_result_is_told_after_it_came(tmp_path: Path) -> None:
    played = performed(script := staged(LOOKED_UP, tmp_path), tmp_path)
    assert [act["kind"] for act in played.ticks.about["acts"]] == ["delegate"]
    assert "job 1 result: 129 euros" in told(played, EVENT)
    assert told(played, TYPED) == " and to Bergen"
    said = played.ticks.about["said"]
    result = next(each for each in script.told if not each.typed)
    assert said[1]["start_s"] >= result.at / RATE_HZ
    assert [each["part"] for each in said] == ["answer", "told", "told"]


@pytest.mark.parametrize("text", [ASKED, BROKEN_OFF, UNBOTHERED, NODDED, CUED, TIMED, LOOKED_UP])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_played_holds_together(text: str, seed: int, tmp_path: Path) -> None:
    habits = replace(QUIET, unwritten=1.0, early=0.5, slow_answer=0.3)
    played = performed(staged(text, tmp_path, habits=habits, seed=seed), tmp_path)
    ticks = played.ticks
    sounding = np.isin(ticks.floor, [FLOORS.index(f) for f in (Floor.SPEAK, Floor.BACKCHANNEL)])
    # Nothing sounds but behind a tick that lets it, and what was written comes before it is voiced.
    assert (
        ticks.played_share[~np.r_[False, sounding[:-1]] & ~np.r_[False, False, sounding[:-2]]] == 0
    ).all()
    assert np.allclose(np.asarray(ticks.target, np.float64).sum(axis=1), 1, atol=2e-3)
    written = text_of(played).replace("<|im_end|>", " ")
    for said in ticks.about["said"]:
        if said["whole"]:
            assert said["text"] in written
    assert ticks.text_end[-1] == len(ticks.text_ids)
    assert (np.diff(ticks.text_end) >= 0).all()


def test_labels_do_not_know_what_comes_later(tmp_path: Path) -> None:
    script = staged(BROKEN_OFF, tmp_path)
    whole = performed(script, tmp_path).ticks
    for n_ticks in range(10, script.n_ticks, 9):
        behind = n_ticks * TICK_USER_SAMPLES
        told_so_far = tuple(each for each in script.told if each.at <= behind)
        cut = replace(
            script,
            n_ticks=n_ticks,
            sounds=tuple(s for s in script.sounds if s.onset < behind),
            turn_ends=tuple(end for end in script.turn_ends if end <= behind),
            told=told_so_far,
        )
        part = performed(cut, tmp_path).ticks
        assert np.array_equal(part.target, whole.target[:n_ticks])
        assert np.array_equal(part.floor, whole.floor[:n_ticks])


def test_what_the_bank_lacks_is_told(tmp_path: Path) -> None:
    (conversation,) = parsed(ASKED, "test")
    sounds = bank(replace(conversation, lines=conversation.lines[:1]), tmp_path)
    rng = np.random.default_rng(0)
    place = Place(noises=("hiss",), rooms=(), lines=Lengths())
    desk = Desk(cast_of("kokoro/one", sounds.utterances, rng), place, Deck((), rng), QUIET, rng)
    stage = Stage(desk, lambda voice: {u.text: u for u in sounds})
    with pytest.raises(BadInput, match="The early one then"):
        stage.play(Rendition(conversation=conversation, voice="kokoro/one", other="kokoro/two"))


class Lengths(dict[str, int]):
    """As long as it hums."""

    def __missing__(self, text: str) -> int:
        return len(hum(text))


def test_results_belong_to_the_oldest_job_that_is_open(tmp_path: Path) -> None:
    text = """
== two-jobs
U: Look up the weather in Oslo.
D: weather in Oslo
A: I will look.
U: And the one in Bergen too.
D: weather in Bergen
A: That one as well.
U: Forget about Oslo.
X: Oslo is not wanted
A: Only Bergen then.
R(stale): snow
R: rain
A: It rains in Bergen.
"""
    script = staged(text, tmp_path)
    assert [each.text for each in script.told] == ["job 1 result: snow", "job 2 result: rain"]
    assert script.prompts == (script.told[1].at,)
    acts = [act.kind for line in script.lines for act in line.acts]
    assert acts == ["delegate", "delegate", "cancel"]

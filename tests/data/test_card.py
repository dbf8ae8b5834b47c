from dataclasses import replace

from hocket.data.card import AGENT, OF_ENGINES, OF_TEXTS, OWN, ROOMS, card, licences
from hocket.data.script import Line, Role, Script, Sound, Surroundings


def sound(engine: str, source: str = "x") -> Sound:
    return Sound(start=0, source=source, role=Role.TURN, spans=((0, 1),), engine=engine)


SCRIPT = Script(
    id="s",
    split="train",
    set="duplex",
    voice="kokoro/one",
    engine="kokoro",
    seed=0,
    n_ticks=9_000,
    sounds=(sound("kokoro"), sound("meeting")),
    lines=(),
    turn_ends=(),
    behaviours=("nod", "turn"),
)


def test_every_source_in_a_pack_is_named_with_its_licence() -> None:
    plain = {OWN, OF_ENGINES["kokoro"], OF_ENGINES["meeting"]}
    assert set(licences([SCRIPT])) == plain
    spoken = replace(SCRIPT, lines=(Line(start=0, texts=("a",), n_samples=1),))
    told = replace(SCRIPT, conversation="everyday-tea sgd-00012")
    roomy = replace(SCRIPT, surroundings=Surroundings(noise="noise3"))
    echoing = replace(SCRIPT, surroundings=Surroundings(room="rir1"))
    assert set(licences([SCRIPT, spoken])) == plain | {AGENT}
    assert set(licences([told])) == plain | {OF_TEXTS["sgd-"]}
    assert set(licences([roomy])) == set(licences([echoing])) == plain | {ROOMS}


def test_hours_are_counted_by_voice_behaviour_and_mode() -> None:
    other = replace(SCRIPT, voice="flite/awb", behaviours=("turn",), mode="proactive")
    found = card("duplex", "train", [SCRIPT, other], seed=3, version=7)
    assert found["hours"] == 1.0
    assert found["hours_by_voice"] == {"flite/awb": 0.5, "kokoro/one": 0.5}
    assert found["hours_by_behaviour"] == {"nod": 0.5, "turn": 1.0}
    assert found["hours_by_mode"] == {"proactive": 0.5, "responsive": 0.5}
    assert (found["seed"], found["made_by"]) == (3, 7)

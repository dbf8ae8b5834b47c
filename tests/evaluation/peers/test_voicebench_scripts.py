"""Scripts for voicebench: what is said, when, and what is expected."""

import json
from pathlib import Path

import numpy as np
import soundfile as sf

from hocket.data.bank import BankWriter
from hocket.data.splits import Split, split_of
from hocket.evaluation.peers.voicebench_scripts import Script, scenario, scripts, written
from hocket.evaluation.people import People

VOICES = ("flite/kal16@1.0", "espeak-ng/en-us@1.0")


def some(n: int = 8, seed: int = 3) -> tuple[Script, ...]:
    return scripts(seed=seed, n=n, people=People(voices=VOICES))


def test_the_seed_decides_everything() -> None:
    assert some() == some()
    assert some() != some(seed=4)
    assert some(4) == some(8)[:4]


def test_half_are_interruptions_and_the_others_are_dealt_in_turn() -> None:
    last = [script.turns[-1] for script in some()]
    assert [turn.expect for turn in last] == ["stop", "ignore"] * 4
    assert [turn.id for turn in last[1::2]] == ["backchannel", "tic", "side", "noise"]


def test_only_held_out_voices_speak() -> None:
    voices = {turn.sound.voice for script in some() for turn in script.turns}
    assert {split_of(v) for v in voices if not v.startswith("made/")} == {Split.TEST}


def test_what_is_to_be_ignored_need_not_be_heard_right() -> None:
    for script in some():
        for turn in json.loads(scenario(script))["turns"]:
            assert ("text" in turn) == (turn["expect"] != "ignore")


def test_an_interruption_has_two_seconds_and_a_cough_one() -> None:
    found = [json.loads(scenario(script))["turns"][-1] for script in some(2)]
    assert [turn["max_stop_ms"] for turn in found] == [2_000, 1_000]
    assert {turn["start"]["after"] for turn in found} == {"agent_speech_start"}


def test_sounds_are_written_beside_the_scenario(tmp_path: Path) -> None:
    (script,) = some(1)
    tone_S = (0.3 * np.sin(np.arange(16_000) * 0.2)).astype(np.float32)
    with BankWriter(tmp_path / "bank") as bank:
        for turn in script.turns:
            bank.add(
                tone_S,
                trim=True,
                id=turn.sound.source,
                kind=str(turn.sound.kind),
                text=turn.sound.text,
                voice=turn.sound.voice,
                engine="flite",
                split="test",
                complete=True,
            )
    path = written(script, tmp_path / "one", tmp_path / "bank")
    for turn in json.loads(path.read_text())["turns"]:
        about = sf.info(path.parent / turn["audio"]["file"])
        assert (about.samplerate, about.channels, about.subtype) == (16_000, 1, "PCM_16")
        assert about.duration > 0.9

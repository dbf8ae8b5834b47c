"""Conversations for voicebench, in the voices and texts of our bench: its own signals are no speech.

Law: seed and number give the same scripts to the byte; voices are held-out ones. Each script is a
question, a request that makes the agent talk for a while, and one sound over that talk.
Source: voicebench 0.2.0 on scenarios (JSON is YAML); metrics.md for the limits of stopping.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import soundfile as sf

from hocket.core.units import USER_RATE_HZ
from hocket.data.bank import Bank
from hocket.data.splits import Split
from hocket.data.stock import stock
from hocket.evaluation import made_sounds
from hocket.evaluation.people import People, people_of
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.scene import Sound
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Kind

SCENARIO: Final = "scenario.yaml"
# Over the agent's talk, in turn: half are interruptions, as its two rates need equal numbers.
OVER: Final = (Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE, Kind.NOISE)
FIRST_MS: Final = 1_500  # a session is open by then
BEHIND_ANSWER_MS: Final = 1_200
OVER_MS: Final = (400, 1_200)  # as in our scenes
TALK_WITHIN_MS: Final = 10_000
STOP_WITHIN_MS: Final = 2_000  # R_Y
KEEP_ON_MS: Final = 1_000  # S_BC
LONGEST_MS: Final = 40_000
# voicebench's own 250 ms take the voice's pauses between phrases (up to 0.36 s) for its ends. 0.4 s is
# what counts as silence in our metrics, on samples; at real pace the jitter of arrival comes on top
# (a pause of 0.41 s was seen on a busy machine).
AGENT_SILENCE_MS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn of a script; ``expect`` in voicebench's words."""

    id: str
    sound: Sound
    expect: str
    start: tuple[str, int]  # anchor of voicebench's, ms
    text: str = ""  # to be heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A conversation of one voice."""

    name: str
    turns: tuple[Turn, ...]


def scripts(*, seed: int, n: int, people: People | None = None) -> tuple[Script, ...]:
    """``n`` scripts in voices of the test split."""
    desk = Desk(
        suite="voicebench",
        seed=seed,
        split=Split.TEST,
        people=people or people_of(Split.TEST),
    )
    return tuple(_script(desk, number) for number in range(n))


def _script(desk: Desk, number: int) -> Script:
    voice = desk.voice()
    question, opening = desk.turn("questions", voice), desk.turn("openings", voice)
    over, expect = _over(desk, number, voice)
    after_ms = round(1_000 * desk.uniform(OVER_MS[0] / 1_000, OVER_MS[1] / 1_000))
    return Script(
        name=f"{number:03d}-{over.kind}",
        turns=(
            _respond("question", question, ("session_start", FIRST_MS)),
            _respond("opening", opening, ("agent_speech_end", BEHIND_ANSWER_MS)),
            Turn(
                id=str(over.kind),
                sound=over,
                expect=expect,
                start=("agent_speech_start", after_ms),
                text=over.text if expect == "stop" else "",
            ),
        ),
    )


def _over(desk: Desk, number: int, voice: str) -> tuple[Sound, str]:
    if number % 2 == 0:
        text = desk.text("interruptions", "question")
        return desk.said(Kind.INTERRUPTION, text, voice), "stop"
    match OVER[number // 2 % len(OVER)]:
        case Kind.BACKCHANNEL:
            return desk.backchannel(voice), "ignore"
        case Kind.TIC:
            return desk.made(Kind.TIC, made_sounds.TICS, desk.uniform(-3, 3)), "ignore"
        case Kind.SIDE:
            text, gain_db = desk.text("sides"), desk.uniform(-8, -3)
            return desk.said(Kind.SIDE, text, voice, gain_db=gain_db), "ignore"
        case _:
            return desk.noise(), "ignore"


def _respond(name: str, sound: Sound, start: tuple[str, int]) -> Turn:
    return Turn(id=name, sound=sound, expect="respond", start=start, text=sound.text)


def fill(bank: Path, found: tuple[Script, ...]) -> int:
    """Say what the bench's bank lacks; returns how many sounds were added."""
    requests = {
        t.sound.request.id: t.sound.request for s in found for t in s.turns if t.sound.request
    }
    return stock(bank, [requests[key] for key in sorted(requests)], jobs=1)


def written(script: Script, folder: Path, bank: Path) -> Path:
    """Write the turns' sounds and the scenario into a folder; where the scenario is."""
    folder.mkdir(parents=True, exist_ok=True)
    sounds = SceneSounds(Bank(bank), split=str(Split.TEST))
    for turn in script.turns:
        samples_S = sounds.render(turn.sound).samples_S
        sf.write(folder / f"{turn.id}.wav", samples_S, USER_RATE_HZ, subtype="PCM_16")
    path = folder / SCENARIO
    path.write_text(scenario(script), encoding="utf-8")
    return path


def scenario(script: Script) -> str:
    """The script in voicebench's format."""
    made_of = " ".join(f"{turn.id}={turn.sound.source}" for turn in script.turns)
    fields = {
        "name": script.name,
        "description": f"{script.turns[0].sound.voice}: {made_of}",
        "sample_rate": USER_RATE_HZ,
        "frame_ms": 20,
        "max_duration_ms": LONGEST_MS,
        "vad": {"agent": {"min_silence_ms": AGENT_SILENCE_MS}},
        "adapter": {"type": "websocket"},
        "turns": [_turn(turn) for turn in script.turns],
    }
    return json.dumps(fields, indent=1) + "\n"


def _turn(turn: Turn) -> dict[str, Any]:
    after, delay_ms = turn.start
    found: dict[str, Any] = {
        "id": turn.id,
        "audio": {"file": f"{turn.id}.wav"},
        "start": {"after": after, "delay_ms": delay_ms, "timeout_ms": TALK_WITHIN_MS},
        "expect": turn.expect,
        "max_stop_ms": STOP_WITHIN_MS if turn.expect == "stop" else KEEP_ON_MS,
    }
    return {**found, "text": turn.text} if turn.text else found

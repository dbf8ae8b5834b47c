"""A script played through: mix, ears, labels and agent, tick by tick, as in serving.

Law: within a tick the order is that of serving: the sound of the tick, what the ears make of it, what
should be done (label), what is done (actor), which sounds from the next tick on.
Source: docs/data.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data import labels
from hocket.data.actor import Actor
from hocket.data.hearing import Hearing, played_rows
from hocket.data.labels import Label, Seen
from hocket.data.marks import ahead, marks, near_edges, user_speech
from hocket.data.mix import Mixer, Sounds
from hocket.data.pack import SessionTicks
from hocket.data.script import Script, Sound
from hocket.data.spans import Float32
from hocket.data.writing import Writer
from hocket.engine.port import Ears
from hocket.protocol.floor import FLOORS, Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """What playing a script through needs, loaded once a process."""

    sounds: Sounds
    ears: Ears
    tokenizer: Tokenizer
    speech: Mapping[str, Float32]  # the agent's lines at 16 kHz


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A session as packed, and both lanes, float32 [T * 3200] at 16 kHz."""

    ticks: SessionTicks
    user: Float32
    agent: Float32
    rules: tuple[str, ...]  # of the label of each tick


def play(script: Script, studio: Studio) -> Played:
    """Play a script through. About 50 ms a tick, nearly all of it the ears'."""
    mixer, actor = Mixer(script, studio.sounds), Actor(script, studio.speech)
    hearing = Hearing(studio.ears.open(), studio.tokenizer)
    lengths = {text: len(studio.speech[text]) for line in script.lines for text in line.texts}
    writer = Writer(script, lengths, studio.tokenizer)
    state, found, floors = labels.START, list[Label](), list[Floor]()
    reached: list[tuple[int, str]] = []
    for tick in range(script.n_ticks):
        behind = (tick + 1) * TICK_USER_SAMPLES
        told = [each for each in script.told if behind - TICK_USER_SAMPLES < each.at <= behind]
        events = [*writer.reports(tick), *(each.text for each in told if not each.typed)]
        heard = hearing.step(
            mixer.tick(tick, actor.lane_S[:behind]),
            typed=[each.text for each in told if each.typed],
            events=events,
        )
        reached += [(tick, text) for text in events]
        due = actor.look(tick, heard.heard, heard.tentative)
        seen = Seen(
            tick=tick,
            heard=heard.heard,
            tentative=heard.tentative,
            line=actor.line,
            line_start=actor.line_start,
            part=actor.part,
            due=due,
        )
        state, label = labels.label(state, script, seen)
        found.append(label)
        floors.append(actor.act(tick, label))
        writer.step(tick, floors[-1], actor.spoken[-1] if actor.spoken else None)
    agent_S = actor.lane_S[: script.n_samples]
    rows = hearing.rows() | played_rows(agent_S, actor.spans) | _truth(script, actor, found)
    floor = np.array([FLOORS.index(each) for each in floors])
    return Played(
        ticks=SessionTicks(
            about=about(script, actor) | {"events": [{"tick": t, "text": x} for t, x in reached]},
            floor=floor,
            text_ids=np.array(writer.ids, np.uint16),
            text_end=np.array(writer.ends, np.int64),
            **rows,
        ),
        user=np.concatenate(hearing.lane),
        agent=agent_S,
        rules=tuple(label.rule for label in found),
    )


def _truth(script: Script, actor: Actor, found: list[Label]) -> dict[str, Any]:
    weighs_T = np.array([label.weighs for label in found])
    return {
        "target": np.array([label.target for label in found]),
        "weight": near_edges(script, actor.spans) * weighs_T,
        "user_ahead": ahead(user_speech(script), script.n_ticks),
        "agent_ahead": ahead(actor.spans, script.n_ticks),
    }


def about(script: Script, actor: Actor) -> dict[str, Any]:
    """What a pack's index says of a session."""
    around = script.surroundings
    return {
        "id": script.id,
        "split": script.split,
        "set": script.set,
        "voice": script.voice,
        "engine": script.engine,
        "seed": script.seed,
        "behaviours": list(script.behaviours),
        "stubborn": script.stubborn,
        "noise": around.noise,
        "echo_db": around.echo_db,
        "snr_db": around.snr_db if around.noise else None,
        "codec": str(around.codec),
        "ceiling_db": around.ceiling_db,
        "lost_share": around.lost_share,
        "late": len(around.late),
        "conversation": script.conversation,
        "mode": script.mode,
        "switches": list(script.switches),
        "persona": script.persona,
        "marks": marks(script, actor.spans),
        "user_spans": [_seconds(*span) for span in sorted(user_speech(script))],
        "agent_spans": [_seconds(*span) for span in actor.spans],
        "said": _said(actor),
        "sounds": [_sound(sound) for sound in script.sounds],
        "acts": [
            {"tick": tick, "kind": act.kind, "argument": act.argument} for tick, act in actor.acts
        ],
    }


def _sound(sound: Sound) -> dict[str, Any]:
    start_s, end_s = _seconds(sound.onset, sound.end)
    said = {"start_s": start_s, "end_s": end_s, "role": str(sound.role), "text": sound.text}
    return said | {"voice": sound.voice or sound.source}


def _said(actor: Actor) -> list[dict[str, Any]]:
    """Every phrase of which something sounded, with the part of it that did, by lines."""
    found = []
    for number, (line, pieces) in enumerate(groupby(actor.spoken, key=lambda each: each.line)):
        sounded, at = list(pieces), 0
        for text in line.texts:
            behind = at + actor.length(text)
            own = [p for p in sounded if p.from_sample < behind and at < p.until]
            if own:
                first = own[0].first + max(at - own[0].from_sample, 0)
                last = own[-1].first + min(behind, own[-1].until) - own[-1].from_sample
                start_s, end_s = _seconds(first, last)
                said = {"start_s": start_s, "end_s": end_s, "text": text, "part": str(line.part)}
                found.append(said | {"whole": own[-1].until >= behind, "line": number})
            at = behind
    return found


def _seconds(first: int, behind: int) -> list[float]:
    return [round(first / USER_RATE_HZ, 3), round(behind / USER_RATE_HZ, 3)]

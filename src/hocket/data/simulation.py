"""A script played through: mix, ears, labels and agent, tick by tick, as in serving.

Law: within a tick the order is that of serving: the sound of the tick, what the ears make of it, what
should be done (label), what is done (actor), which sounds from the next tick on.
Source: docs/data.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data import labels
from hocket.data.actor import Actor
from hocket.data.hearing import Hearing, played_rows
from hocket.data.labels import Label, Seen
from hocket.data.marks import ahead, marks, near_edges, user_speech
from hocket.data.mix import Mixer, Sounds
from hocket.data.pack import SessionTicks
from hocket.data.script import Script
from hocket.data.spans import Float32
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
    state, found, floors = labels.START, list[Label](), list[Floor]()
    for tick in range(script.n_ticks):
        behind = (tick + 1) * TICK_USER_SAMPLES
        heard = hearing.step(mixer.tick(tick, actor.lane_S[:behind]))
        seen = Seen(
            tick=tick,
            heard=heard.heard,
            tentative=heard.tentative,
            line=actor.line,
            line_start=actor.line_start,
        )
        state, label = labels.label(state, script, seen)
        found.append(label)
        floors.append(actor.act(tick, label))
    agent_S = actor.lane_S[: script.n_samples]
    rows = hearing.rows() | played_rows(agent_S, actor.spans) | _truth(script, actor, found)
    floor = np.array([FLOORS.index(each) for each in floors])
    return Played(
        ticks=SessionTicks(about=about(script, actor), floor=floor, **rows),
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
        # The probe writes no text; the answers stand in the recipe's lines.
        "text_ids": np.zeros(0, np.uint16),
        "text_end": np.zeros(script.n_ticks, np.int64),
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
        "telephone": around.telephone,
        "marks": marks(script, actor.spans),
    }

"""A simulated user and a real engine, through the same shell as ``hocket talk``."""

from pathlib import Path

import numpy as np
import pytest

from hocket.core.clock import VirtualClock
from hocket.data.bank import Bank
from hocket.data.formant_voices import FLITE, installed
from hocket.data.splits import Split
from hocket.engine.worker import Worker
from hocket.evaluation.agent_lane import EchoingPlayer
from hocket.evaluation.people import People
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.scene import Anchor, Around, Move, Scene
from hocket.evaluation.simulated_user import SimulatedUser
from hocket.evaluation.sounds import SceneSounds, fill
from hocket.evaluation.truth import Truth
from hocket.recipes import engines
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import CONSTANT, Conversation
from hocket.weights import store
from tests.evaluation.scenes.stage import Float32

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not installed(FLITE), reason="flite says the texts"),
]
VOICE = "flite/kal16@1.0"


def one_scene() -> Scene:
    desk = Desk(suite="overlap", seed=3, split=Split.TEST, people=People(voices=(VOICE,)))
    opening, mhm = desk.turn("openings", VOICE), desk.backchannel(VOICE)
    moves = [
        Move(sound=opening, anchor=Anchor.START, after_s=0.5),
        Move(sound=mhm, anchor=Anchor.VOICE, after_s=0.6),
    ]
    spare = [desk.turn("openings", VOICE) for _ in range(3)]
    around = Around(hiss_db=-70.0, echo_db=-30.0, echo_delay_s=0.06)
    return desk.scene("one", moves, fuel=spare, around=around)


def talked(
    scene: Scene, sounds: SceneSounds, worker: Worker
) -> tuple[Truth, Float32, EchoingPlayer]:
    config = SessionConfig(model="cascade-vad", voice_rate_hz=worker.voice.rate_hz, seed=0)
    player = EchoingPlayer(rate_hz=worker.voice.rate_hz)
    user = SimulatedUser(scene, sounds=sounds, agent=player.lane)
    ticks: list[Float32] = []
    Conversation(
        session=Session(config),
        worker=worker,
        player=player,
        clock=VirtualClock(),
        charge=CONSTANT,
        record=lambda line: None,
    ).run(ticks.append(tick) or tick for tick in user.ticks())  # type: ignore[func-returns-value]
    return user.truth(), np.concatenate(ticks), player


def test_the_backchannel_falls_on_the_engines_speech_and_all_of_it_comes_again(
    tmp_path: Path,
) -> None:
    scene = one_scene()
    fill(tmp_path, [scene])
    sounds = SceneSounds(Bank(tmp_path), split="test")
    worker = engines.worker(store.path_of, "cascade-vad")
    truth, user_S, player = talked(scene, sounds, worker)
    (mhm,) = [event for event in truth.events if event.over_agent]
    spans = player.lane.spans(1000.0)
    assert mhm.end_s > mhm.start_s
    assert any(start_s <= mhm.start_s <= end_s for start_s, end_s in spans)
    assert truth.length_s == pytest.approx(len(user_S) / 16_000)
    again, user_again_S, _ = talked(scene, sounds, worker)
    assert again == truth
    assert np.array_equal(user_again_S, user_S)

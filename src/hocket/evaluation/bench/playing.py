"""A scene played on an engine, through the same shell as ``hocket talk``, and kept.

Law: a folder holds all four files of a take or the take is played again: ``truth.json`` is written last.
With a constant charge the same scene on the same engine gives the same files to the byte.
Source: transports/conversation.py; docs/bench-scenes.md.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from hocket.audio.pcm import to_int16
from hocket.core.clock import VirtualClock
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32
from hocket.engine.worker import Worker
from hocket.evaluation.agent_lane import EchoingPlayer
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.scenes.scene import Scene
from hocket.evaluation.simulated_user import SimulatedUser
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Truth
from hocket.evaluation.words_back import LANE, hear
from hocket.protocol.score import ScoreHeader
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.atomic import PartFile
from hocket.transports.conversation import CONSTANT, MEASURED, Charge, Conversation
from hocket.transports.scores import ScoreWriter, load_score

USER_LANE: Final = "user.flac"
SCORE: Final = "score.jsonl"
TRUTH: Final = "truth.json"
CHARGES: Final[dict[str, Charge]] = {"constant": CONSTANT, "measured": MEASURED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that playing needs, loaded once a process."""

    worker: Worker
    sounds: SceneSounds
    compute: str  # constant or measured


def is_played(folder: Path) -> bool:
    """Whether a folder holds a whole take."""
    return (folder / TRUTH).is_file()


def play(scene: Scene, engine: str, stage: Stage, folder: Path) -> None:
    """Play a scene on the stage's engine, from its first tick to its last.

    Raises:
        BadInput: the bank lacks a sound.
        StorageError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH).unlink(missing_ok=True)
    config = SessionConfig(model=engine, voice_rate_hz=stage.worker.voice.rate_hz, seed=0)
    player = EchoingPlayer(rate_hz=config.voice_rate_hz)
    user = SimulatedUser(scene, sounds=stage.sounds, agent=player.lane)
    ticks: list[Float32] = []

    def kept(tick_S: Float32) -> Float32:
        ticks.append(tick_S)
        return tick_S

    with ScoreWriter(folder / SCORE) as score:
        score.write(_header(scene, config, stage.compute))
        conversation = Conversation(
            session=Session(config),
            worker=stage.worker,
            player=player,
            clock=VirtualClock(),
            charge=CHARGES[stage.compute],
            record=score.write,
        )
        score.write(conversation.run(map(kept, user.ticks())))
    _write_lane(folder / USER_LANE, np.concatenate(ticks), USER_RATE_HZ)
    _write_lane(folder / LANE, player.lane.samples, config.voice_rate_hz)
    truth = PartFile(folder / TRUTH)
    truth.write(user.truth().model_dump_json(indent=1).encode())
    truth.commit()


def take_of(folder: Path, *, words: bool) -> Take:
    """A take as metrics read it; what the agent said is read back if ``words``.

    Raises:
        BadInput: a file of the take is missing or broken.
    """
    truth = Truth.model_validate_json((folder / TRUTH).read_bytes())
    return Take(truth=truth, lane=hear(folder, words=words), score=load_score(folder / SCORE))


def _header(scene: Scene, config: SessionConfig, compute: str) -> ScoreHeader:
    return ScoreHeader(
        model=config.model,
        mode=str(config.mode),
        config={
            "session": asdict(config),
            "clock": "virtual",
            "compute": compute,
            "scene": scene.id,
            "user_audio": USER_LANE,
        },
        seed=config.seed,
        agent_rate_hz=config.voice_rate_hz,
    )


def _write_lane(path: Path, lane_S: Float32, rate_hz: int) -> None:
    soundfile.write(path, to_int16(lane_S), rate_hz, format="FLAC", subtype="PCM_16")

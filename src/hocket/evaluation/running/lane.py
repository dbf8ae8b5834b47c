"""A user's lane of any length: one recorded conversation, over and over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from hocket.core.clock import VirtualClock
from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.protocol.score import ScoreTick, ScoreTotals
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.conversation import MEASURED, Charge, Conversation
from hocket.transports.files import Recording
from hocket.transports.playout import LanePlayer

EXAMPLE: Final = Path(__file__).parents[4] / "examples" / "conversation.flac"


def example() -> Path:
    """The conversation that comes with the repository.

    Raises:
        BadInput: Hocket was installed without it.
    """
    if not EXAMPLE.is_file():
        raise BadInput(f"expected a recording of a user in {EXAMPLE}, got none: name another one")
    return EXAMPLE


def repeated(recording: Path, seconds: float) -> Iterator[Float32]:
    """Ticks float32 [3200] of a recording, over and over for so long.

    Raises:
        BadAudio: the recording cannot be used.
    """
    left = round(seconds / TICK_S)
    while left > 0:
        for tick in Recording(recording).ticks():
            yield tick
            left -= 1
            if not left:
                return


def hold(
    worker: Worker,
    lane: Iterator[Float32],
    record: Callable[[ScoreTick], None],
    *,
    seed: int = 0,
    charge: Charge = MEASURED,
) -> ScoreTotals:
    """One session in virtual time; its sound is thrown away, its compute is measured."""
    config = SessionConfig(
        model=worker.engine.name, voice_rate_hz=worker.voice.rate_hz, seed=seed, tail_s=1.0
    )
    conversation = Conversation(
        session=Session(config),
        worker=worker,
        player=LanePlayer(rate_hz=config.voice_rate_hz, sink=lambda _: None),
        clock=VirtualClock(),
        charge=charge,
        record=record,
    )
    return conversation.run(lane)

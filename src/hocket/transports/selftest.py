"""What a busy tick costs on this machine, measured before anybody is admitted.

Law: all three stages run as in a live session: the voice asks a question, the ears hear it, the engine
thinks and the voice answers; on every thread of the pool at once, for so sessions will meet. Built in: no
recording, no network; a few seconds in all.
"""

import asyncio
from typing import Final

import numpy as np

from hocket.audio.resample import resample
from hocket.core.clock import VirtualClock
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.port import Float32
from hocket.engine.worker import Worker
from hocket.protocol.floor import SOUNDING
from hocket.protocol.score import ScoreTick
from hocket.session.config import SessionConfig
from hocket.session.session import Session
from hocket.transports.admission import TickCost
from hocket.transports.conversation import Conversation
from hocket.transports.playout import LanePlayer
from hocket.transports.stage_pool import StagePool

QUESTION: Final = "Could you tell me, in a few words, what the weather in spring is like?"
ANSWER_S: Final = 5.0
WARM_UP_TICKS: Final = 3  # the first runs of a graph allocate; they are paid once, not every tick
SPEECH_DB: Final = -50.0


async def tick_cost(pool: StagePool) -> TickCost:
    """Hold a conversation with ourselves on each thread; the cost of ticks in which somebody spoke."""
    alone_ms = await pool.call(busy_ticks_ms)
    each = await asyncio.gather(*(pool.call(busy_ticks_ms) for _ in range(pool.threads)))
    return TickCost.of([ms for ticks_ms in each for ms in ticks_ms] or [0.0], alone_ms)


def busy_ticks_ms(worker: Worker) -> list[float]:
    """What each tick of one short conversation cost in which somebody spoke."""
    lines: list[ScoreTick] = []
    conversation = Conversation(
        session=Session(
            SessionConfig(
                model=worker.engine.name, voice_rate_hz=worker.voice.rate_hz, tail_s=ANSWER_S
            )
        ),
        worker=worker,
        player=LanePlayer(rate_hz=worker.voice.rate_hz, sink=lambda _: None),
        clock=VirtualClock(),
        record=lines.append,
    )
    conversation.run(_ticks(_question(worker)))
    warm = lines[WARM_UP_TICKS:]
    return [line.compute_ms.total for line in warm if is_busy(line)]


def is_busy(line: ScoreTick) -> bool:
    """Whether somebody spoke: silent ticks are cheap and say nothing of head-room."""
    return line.floor in SOUNDING or line.user.level_db > SPEECH_DB


def _question(worker: Worker) -> Float32:
    phrase = worker.voice.prepare(QUESTION, seed=1)
    sound = worker.voice.render(phrase, 0, phrase.n_samples)
    return resample(sound, worker.voice.rate_hz, USER_RATE_HZ)


def _ticks(samples_S: Float32) -> list[Float32]:
    starts = range(0, len(samples_S) - TICK_USER_SAMPLES, TICK_USER_SAMPLES)
    return [np.asarray(samples_S[start : start + TICK_USER_SAMPLES]) for start in starts]

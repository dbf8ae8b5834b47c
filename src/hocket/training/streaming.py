"""A packed session as serving would have given it to the floor network: a tick at a time.

Law: what the network reads of tick k in training (batches.py) and here is the same.
"""

from dataclasses import replace

import numpy as np

from hocket.data.pack import SessionTicks
from hocket.engine.floor_network import FloorTick
from hocket.protocol.floor import FLOORS
from hocket.training.manners import manner_of
from hocket.training.word_vectors import WordVectors


def floor_ticks(session: SessionTicks, vectors: WordVectors) -> list[FloorTick]:
    """All ticks of a session, in order; the floor that its agent took is what was done before each."""
    ends = np.concatenate(([0], session.input_end))
    tokens_NE = vectors.of(session, slice(0, int(ends[-1])))
    manner = manner_of(session.about)
    found = []
    for k in range(len(session)):
        inside = slice(int(ends[k]), int(ends[k + 1]))
        own = FloorTick(
            level_db=float(session.level_db[k]),
            dmel_FM=np.asarray(session.dmel[k]),
            manner=manner,
            features_QE=np.asarray(session.features[k], np.float32),
            tokens_NE=tokens_NE[inside],
            kinds_N=session.input_kinds[inside],
        )
        if k:
            own = replace(
                own,
                last_floor=FLOORS[int(session.floor[k - 1])],
                played_db=float(session.played_db[k - 1]),
                played_share=float(session.played_share[k - 1]),
                played_dmel_M=session.played_dmel[k - 1],
            )
        found.append(own)
    return found

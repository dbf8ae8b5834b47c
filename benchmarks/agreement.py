"""The floor network as it is served against the one that was trained, over packed sessions.

    python -m benchmarks.agreement PACK --training FOLDER --engine FOLDER [--sessions 40] [--json FILE]

``--training`` is a training of the floor, ``--engine`` what ``hocket export`` made of it. Three runs over the
same ticks: one pass over windows in torch, a tick at a time in 32 bits, a tick at a time in 8 bits as served.
Told are the likeliest action and what the engine's thresholds make of the chances. The network is given what
the session's agent did, so that one decision that differs does not change what follows.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import write
from benchmarks.thresholds import total
from hocket.data.pack import Pack, SessionTicks
from hocket.engine import shipped
from hocket.engine.floor_network import FloorNetwork
from hocket.engine.interaction import InteractionSettings
from hocket.evaluation.intervals import wilson
from hocket.protocol.floor import FLOORS, Floor
from hocket.training.checkpoint import load_card
from hocket.training.config import TrainingConfig
from hocket.training.predict import Predictor, vectors_of
from hocket.training.streaming import floor_ticks
from hocket.training.word_vectors import WordVectors

Chances = NDArray[np.float32]  # [T, 5] over FLOORS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pack", type=Path)
    parser.add_argument("--training", type=Path, required=True)
    parser.add_argument("--engine", type=Path, required=True)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    pack = Pack(options.pack)
    drawn = np.random.default_rng(options.seed).permutation(len(pack))[: options.sessions]
    sessions = [pack[int(number)] for number in sorted(drawn)]
    config = load_card(options.training).config
    assert isinstance(config, TrainingConfig)
    vectors = vectors_of(config, options.engine)
    offline = Predictor.load(options.training, vectors=vectors)
    whole = [offline(session).p_T5 for session in sessions]
    float32 = _streamed(
        shipped.floor_network(options.engine, precision="float32"), vectors, sessions
    )
    int8 = _streamed(shipped.floor_network(options.engine), vectors, sessions)
    decided = _decisions(shipped.settings(options.engine))
    results = {
        "sessions": len(sessions),
        "ticks": sum(map(len, sessions)),
        "8 bits against 32, streamed": _compared(int8, float32, decided),
        "streamed against one pass, 32 bits": _compared(float32, whole, decided),
        "8 bits streamed against the training": _compared(int8, whole, decided),
    }
    write(options.json, "agreement", results)


def _streamed(
    network: FloorNetwork, vectors: WordVectors | None, sessions: list[SessionTicks]
) -> list[Chances]:
    assert vectors is not None
    found = []
    for session in sessions:
        stream = network.open()
        found.append(np.stack([stream.step(tick).p_C for tick in floor_ticks(session, vectors)]))
    return found


def _decisions(settings: InteractionSettings) -> Callable[[Chances], NDArray[np.bool_]]:
    """Which thresholds the chances pass, [T, 6]: speak at once, in total, hold, yield so or so, nod.

    What adds up is summed over all ticks, whatever came between: no session is played here.
    """
    at = {floor: FLOORS.index(floor) for floor in FLOORS}

    def decided(p_T5: Chances) -> NDArray[np.bool_]:
        speak, yields = p_T5[:, at[Floor.SPEAK]], p_T5[:, at[Floor.YIELD]]
        nods = p_T5[:, at[Floor.BACKCHANNEL]]
        return np.stack(
            [
                speak >= settings.speak_p,
                total(speak, settings.speak_total_ticks) >= settings.speak_total,
                yields >= settings.hold_p,
                yields >= settings.yield_p,
                total(yields, settings.yield_total_ticks) >= settings.yield_total,
                nods >= settings.nod_p,
            ],
            axis=1,
        )

    return decided


def _compared(
    ours: list[Chances],
    theirs: list[Chances],
    decided: Callable[[Chances], NDArray[np.bool_]],
) -> dict[str, Any]:
    a_T5, b_T5 = np.concatenate(ours), np.concatenate(theirs)
    likeliest_T = a_T5.argmax(1) == b_T5.argmax(1)
    same_T = (decided(a_T5) == decided(b_T5)).all(1)
    return {
        "same likeliest action": _share(likeliest_T),
        "same by the thresholds": _share(same_T),
        "largest difference of a chance": round(float(np.abs(a_T5 - b_T5).max()), 5),
        "mean difference": round(float(np.abs(a_T5 - b_T5).mean()), 6),
    }


def _share(same_T: NDArray[np.bool_]) -> dict[str, Any]:
    told = wilson(int(same_T.sum()), len(same_T))
    interval = [round(told.low, 5), round(told.high, 5)]
    return {"share": round(float(same_T.mean()), 5), "interval": interval}


if __name__ == "__main__":
    main()

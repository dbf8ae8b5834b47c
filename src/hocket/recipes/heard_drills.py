"""A file of heard drills, for ``hocket train hocket-135m --heard-drills FILE``.

    python -m hocket.recipes.heard_drills FILE [--n 1200] [--engine flite] [--seed 0] [--jobs 2]

Law: chat ``i`` depends on seed, number and voices alone, so any number of processes gives the same file.
Only voices of the training split speak.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import track

from hocket.data.chats import Message
from hocket.data.drills import drills
from hocket.data.formant_voices import FLITE
from hocket.data.heard_drills import heard_drill, write_chats
from hocket.data.splits import Split, split_of
from hocket.data.stock import voices_of
from hocket.engine.ears import MoonshineEars
from hocket.recipes import engines
from hocket.weights import store


def one(number: int, *, voices: tuple[str, ...], seed: int) -> tuple[Message, ...]:
    """Chat ``number``, said by any of the voices."""
    rng = np.random.default_rng((seed, number))
    [chat] = drills(1, rng)
    return heard_drill(chat, voices[int(rng.integers(len(voices)))], _ears().open(), rng)


@cache
def _ears() -> MoonshineEars:
    return engines.ears(store.path_of)


def main(
    file: Path,
    n: Annotated[int, typer.Option(help="Chats of one to four questions.")] = 1_200,
    engine: Annotated[
        list[str] | None, typer.Option(help="flite or kokoro; may be repeated.")
    ] = None,
    seed: int = 0,
    jobs: int = 2,
) -> None:
    """Write FILE."""
    store.ensure(engines.EARS)
    known = [voice for name in engine or [FLITE] for voice in voices_of(name)]
    voices = tuple(voice for voice in known if split_of(voice) is Split.TRAIN)
    make = partial(one, voices=voices, seed=seed)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        write_chats(file, track(pool.map(make, range(n), chunksize=4), "hearing drills", total=n))


if __name__ == "__main__":
    typer.run(main)

"""What a language model makes of every packed word, read before training in several processes.

Law: it changes nothing but time: what is not there when it is asked for is read then, by the same code.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from hocket.data.pack import Pack
from hocket.training.config import TrainingConfig
from hocket.training.predict import vectors_of
from hocket.training.word_vectors import WordVectors

_vectors: WordVectors | None = None


def prepare(
    config: TrainingConfig,
    words: Path | None,
    packs: Sequence[Path],
    *,
    jobs: int,
    made: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Read all sessions of the packs; ``made`` is told how many are done, and of how many.

    ``config`` and ``words`` are such that ``vectors_of`` takes them.
    """
    places = [(folder, number) for folder in packs for number in range(len(Pack(folder)))]
    if jobs <= 1:
        _open(config, words)
        for done, place in enumerate(places, 1):
            _read(place)
            made(done, len(places))
        return
    # Forked children would share the graphs' threads; spawned ones load their own.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(config, words)
    ) as pool:
        for done, _ in enumerate(pool.map(_read, places, chunksize=4), 1):
            made(done, len(places))


def _open(config: TrainingConfig, words: Path | None) -> None:
    global _vectors
    _vectors = vectors_of(config, words)


def _read(place: tuple[Path, int]) -> None:
    folder, number = place
    if _vectors is not None:
        _vectors.of(Pack(folder)[number], slice(0, 0))

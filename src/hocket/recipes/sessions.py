"""Sets of sessions for training and evaluation, by name.

Law: a recipe is a function from a bank, a size and a seed to scripts; equal arguments give equal
scripts. It says which voices, which habits and which augmentations; scenes and mixing are data's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from hocket.core.errors import BadInput
from hocket.core.units import TICK_S
from hocket.data.agent_speech import agent_speech
from hocket.data.bank import Bank
from hocket.data.casting import Cast, Deck, casts
from hocket.data.library import Library
from hocket.data.scenes import Desk, Habits, Place, reader_script
from hocket.data.script import Script, Surroundings
from hocket.data.simulation import Studio
from hocket.data.splits import HELD_OUT_ENGINE, MEETING, READER
from hocket.data.timing import samples
from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from hocket.recipes import engines
from hocket.weights import store

FILES: Final = (*engines.EARS, *engines.VOICE, engines.BRAIN)
RECIPES: Final = ("floor-probe", "engine", "readers")
SPLITS: Final = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """Share of sessions with each disturbance; 0 switches it off."""

    echo: float = 1 / 3
    noise: float = 0.5
    room: float = 1 / 3
    telephone: float = 0.1
    loss: float = 0.1
    gain_db: float = 10.0  # up or down


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Scripted sessions of one split."""

    name: str
    split: str
    set: str
    engines: tuple[str, ...] | None  # None: all but the engine that is held out
    length_s: tuple[float, float] = (60.0, 100.0)
    late: bool = False  # answers come 3 s after a turn, when no judge waits any more
    stubborn: float = 0.0  # share of sessions whose agent speaks through everything
    habits: Habits = field(default_factory=Habits)
    augment: Augment = field(default_factory=Augment)

    def casts(self, engine: str) -> bool:
        """Whether voices of an engine play in these sessions."""
        if self.engines is None:
            return engine not in (READER, HELD_OUT_ENGINE)
        return engine in (*self.engines, MEETING)


# What is judged happens more often: silence that nobody judges costs as much to hear.
JUDGED: Final = Habits(event=0.95, second_event=0.7, long_silence=0.05, sound_in_silence=0.15)


def floor_probe(split: str) -> Sessions:
    """The floor probe's sessions over synthetic voices."""
    return Sessions(
        name=f"floor-probe-{split}",
        split=split,
        set="synthetic",
        engines=None,
        late=split != "train",
        stubborn={"train": 0.0, "validation": 0.5, "test": 1.0}[split],
        habits=Habits() if split == "train" else JUDGED,
    )


def engine() -> Sessions:
    """The floor probe's test over the engine that training never hears."""
    return Sessions(
        name="floor-probe-engine",
        split="test",
        set="engine",
        engines=(HELD_OUT_ENGINE,),
        late=True,
        stubborn=1.0,
        habits=JUDGED,
    )


def write(
    recipe: Sessions, library: Library, lines: Mapping[str, int], *, hours: float, seed: int
) -> list[Script]:
    """Scripts of at least so many hours.

    Raises:
        BadInput: the bank has no voice for the recipe.
    """
    rng = np.random.default_rng((seed, 0))
    people = [u for u in library.utterances if recipe.casts(u.engine)]
    users, answers = casts(people, rng), Deck(tuple(lines), rng)
    place = Place(noises=library.noises, rooms=library.responses, lines=lines)
    scripts: list[Script] = []
    left_s = hours * 3600
    while left_s > 0:
        number = len(scripts)
        desk = _desk(recipe, users.deal(), place, answers, (seed, 1, number))
        around = surroundings(recipe.augment, library, desk.rng)
        name = f"{recipe.name}-{seed}-{number:05d}"
        script = desk.script(
            name=name,
            split=recipe.split,
            of_set=recipe.set,
            seed=seed * 100_000 + number,
            around=around,
        )
        scripts.append(script)
        left_s -= script.n_ticks * TICK_S
    return scripts


def _desk(
    recipe: Sessions, cast: Cast, place: Place, lines: Deck[str], seed: tuple[int, ...]
) -> Desk:
    """A script of about the recipe's length."""
    rng = np.random.default_rng(seed)
    desk = Desk(cast, place, lines, recipe.habits, rng)
    desk.late, desk.stubborn = recipe.late, bool(rng.random() < recipe.stubborn)
    desk.voice_delay_s = float(rng.uniform(0.02, 0.12))
    behind = samples(float(rng.uniform(*recipe.length_s)))
    while desk.at < behind:
        desk.exchange()
    return desk


def surroundings(augment: Augment, library: Library, rng: np.random.Generator) -> Surroundings:
    """What one session sounds through."""

    def happens(share: float) -> bool:
        return bool(rng.random() < share)

    return Surroundings(
        gain_db=float(rng.uniform(-augment.gain_db, augment.gain_db)),
        room=str(rng.choice(library.responses))
        if library.responses and happens(augment.room)
        else "",
        noise=str(rng.choice(library.backgrounds)) if happens(augment.noise) else "",
        snr_db=float(rng.uniform(5, 30)),
        echo_db=float(rng.uniform(-30, -6)) if happens(augment.echo) else None,
        echo_delay_s=float(rng.uniform(0.02, 0.3)),
        telephone=happens(augment.telephone),
        lost_share=float(rng.uniform(0.002, 0.02)) if happens(augment.loss) else 0.0,
    )


def readers(bank: Bank, *, seed: int) -> list[Script]:
    """A session for every reader of the bank.

    Raises:
        BadInput: the bank has no readers.
    """
    found = bank.select(engine=READER)
    if not found:
        raise BadInput("expected readers in the bank, got none")
    # Seeds by name, not by place: a bank that grew keeps the sessions that were made.
    return [reader_script(u, seed=seed + int(u.id[:8], 16)) for u in found]


def open_studio(bank: Path, split: str, rooms: Path | None, cache: Path) -> Studio:
    """Everything that playing scripts of a split needs; ears on one thread."""
    path_of = store.path_of
    return Studio(
        sounds=Library(Bank.open(bank), split=split, rooms=rooms),
        ears=engines.ears(path_of),
        tokenizer=tokenizer_of(GgufFile(path_of(engines.BRAIN))),
        speech=agent_speech(cache, partial(engines.voice, path_of)),
    )

"""Sets of sessions for training and evaluation, by name.

Law: a recipe is a function from a bank, a size and a seed to scripts; equal arguments give equal
scripts. It says which voices, which habits and which augmentations; scenes and mixing are data's.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from hocket.core.errors import BadInput
from hocket.data.agent_lines import LINES, NODS
from hocket.data.agent_speech import AgentSpeech, agent_speech
from hocket.data.bank import Bank
from hocket.data.casting import Cast, Deck, casts
from hocket.data.formant_voices import FLITE
from hocket.data.kokoro import ENGINE as KOKORO
from hocket.data.library import Library
from hocket.data.marks import marks
from hocket.data.pieces import in_pieces
from hocket.data.scenes import Desk, Habits, Place, reader_script
from hocket.data.script import Script
from hocket.data.simulation import Studio
from hocket.data.speeds import at_other_speeds
from hocket.data.splits import HELD_OUT_ENGINE, MEETING, READER
from hocket.data.timing import samples
from hocket.model.gguf_file import GgufFile
from hocket.model.tokenizer import tokenizer_of
from hocket.recipes import engines
from hocket.recipes.augment import Augment, as_it_arrives, lasting, surroundings
from hocket.weights import store

FILES: Final = (*engines.EARS, *engines.VOICE, engines.BRAIN)
RECIPES: Final = ("floor-probe", "busy", "company", "people", "hesitant", "engine", "readers")
SPLITS: Final = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Scripted sessions of one split."""

    name: str
    split: str
    set: str
    users: tuple[str, ...]  # engines whose voices play the user
    beside: tuple[str, ...] = (MEETING,)  # and those that are heard besides
    length_s: tuple[float, float] = (60.0, 100.0)
    late: bool = False  # answers come 3 s after a turn, when no judge waits any more
    stubborn: float = 0.0  # share of sessions whose agent speaks through everything
    habits: Habits = field(default_factory=Habits)
    augment: Augment = field(default_factory=Augment)

    def plays_user(self, engine: str) -> bool:
        """Whether voices of an engine play the user."""
        return engine in self.users

    def casts(self, engine: str) -> bool:
        """Whether voices of an engine are heard in these sessions."""
        return engine in (*self.users, *self.beside)


# What is judged happens more often: silence that nobody judges costs as much to hear.
JUDGED: Final = Habits(event=0.95, second_event=0.7, long_silence=0.05, sound_in_silence=0.15)


def floor_probe(split: str) -> Sessions:
    """The floor probe's sessions over synthetic voices."""
    return Sessions(
        name=f"floor-probe-{split}",
        split=split,
        set="synthetic",
        users=(KOKORO, FLITE),
        late=split != "train",
        stubborn={"train": 0.0, "validation": 0.5, "test": 1.0}[split],
        habits=Habits() if split == "train" else JUDGED,
    )


# Conversations have two sounds a minute that might take the floor; who learns what they are needs more.
BUSY: Final = Habits(
    stray=0.15,
    stretched=0.3,
    event=1.0,
    second_event=0.8,
    most_events=5,
    hasty=0.5,
    eager=0.1,
    slow_answer=0.25,
    long_silence=0.05,
    interruption=0.28,
    backchannel=0.26,
    noise=0.08,
    tic=0.14,
    side=0.24,
)


def busy(split: str) -> Sessions:
    """An agent at length, and over it one sound after the other, of which one in four is for it."""
    return Sessions(
        name=f"busy-{split}", split=split, set="synthetic", users=(KOKORO, FLITE), habits=BUSY
    )


# Talk to others in silence is answered by who met it three times an hour.
COMPANY: Final = replace(
    BUSY,
    stretched=0.5,
    event=0.6,
    second_event=0.5,
    most_events=2,
    sound_in_silence=0.9,
    more_in_silence=0.5,
    side_in_silence=0.6,
    loudness_db=2.0,
    interruption=0.35,
    side=0.4,
)


def company(split: str) -> Sessions:
    """A user who is not alone: between exchanges, and over the agent, there is talk to others."""
    return replace(busy(split), name=f"company-{split}", habits=COMPANY)


PEOPLE: Final = Habits(
    hasty=0.5,
    eager=0.1,
    stray=0.35,
    sound_in_silence=0.6,
    more_in_silence=0.3,
    side_in_silence=0.6,
    loudness_db=1.5,
)


def people(split: str) -> Sessions:
    """Real readers as users: their sentences are turns, and what breaks in on the agent.

    Made voices are heard beside them, and nod for them. Sessions are short: a reader has two or
    three sentences.
    """
    return replace(
        floor_probe(split),
        name=f"people-{split}",
        set="people",
        users=(READER,),
        beside=(MEETING, KOKORO, FLITE),
        length_s=(25.0, 45.0),
        habits=PEOPLE,
    )


# Who takes a pause for an end does so rarely, and then must not talk on.
HESITANT: Final = Habits(
    stretched=0.95,
    going_on=0.3,
    hasty=0.9,
    eager=0.15,
    stray=0.5,
    event=0.6,
    slow_answer=0.25,
    long_silence=0.05,
    loudness_db=1.5,
)


def hesitant(split: str) -> Sessions:
    """Users, readers and made voices, who stop in nearly every turn, and an agent that cannot wait."""
    beside_readers = people(split)
    users = (READER, KOKORO, FLITE)
    return replace(
        beside_readers, name=f"hesitant-{split}", users=users, beside=(MEETING,), habits=HESITANT
    )


def engine() -> Sessions:
    """The floor probe's test over the engine that training never hears."""
    return Sessions(
        name="floor-probe-engine",
        split="test",
        set="engine",
        users=(HELD_OUT_ENGINE,),
        late=True,
        stubborn=1.0,
        habits=JUDGED,
    )


def planned(recipe: str, split: str) -> Sessions:
    """The sessions of a recipe's name, ``readers`` aside."""
    if recipe == "engine":
        return engine()
    named = {"people": people, "busy": busy, "company": company, "hesitant": hesitant}
    return named.get(recipe, floor_probe)(split)


def write(
    recipe: Sessions, library: Library, lines: Mapping[str, int], *, hours: float, seed: int
) -> list[Script]:
    """Scripts of at least so many hours. ``lines``: what the agent says, in samples at 16 kHz, and its nods.

    Raises:
        BadInput: the bank has no voice for the recipe.
    """
    rng = np.random.default_rng((seed, 0))
    heard = [u for u in library.utterances if recipe.casts(u.engine)]
    if recipe.split == "train":
        heard += at_other_speeds(heard)
    nods = tuple(text for text in NODS if text in lines)
    said = tuple(text for text in lines if text not in NODS)
    users, answers = casts(heard, rng, users=recipe.plays_user), Deck(said, rng)
    place = Place(noises=library.noises, rooms=library.responses, lines=lines, nods=nods)

    def one(number: int) -> Script:
        desk = _desk(recipe, users.deal(), place, answers, (seed, 1, number))
        script = desk.script(
            name=f"{recipe.name}-{seed}-{number:05d}",
            split=recipe.split,
            of_set=recipe.set,
            seed=seed * 100_000 + number,
            around=surroundings(recipe.augment, library, desk.rng),
        )
        return as_it_arrives(script, recipe.augment, desk.rng)

    return lasting(hours, one)


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


def readers(bank: Bank, *, seed: int) -> list[Script]:
    """A session for every piece of every reader of the bank in which there is something to judge.

    Raises:
        BadInput: the bank has no readers.
    """
    found = in_pieces(bank.select(engine=READER))
    if not found:
        raise BadInput("expected readers in the bank, got none")
    # Seeds by name, not by place: a bank that grew keeps the sessions that were made.
    scripts = (reader_script(u, seed=seed + _number(u.id)) for u in found)
    return [script for script in scripts if marks(script, ())]


def _number(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)


def floor_lines(cache: Path) -> dict[str, int]:
    """What the agent says where the words do not matter, and its nods, with its lengths in samples."""
    texts = (*LINES, *NODS)
    lengths = speech(cache, texts).lengths()
    return {text: lengths[text] for text in texts}


def speech(cache: Path, texts: Sequence[str], *, jobs: int = 1) -> AgentSpeech:
    """The agent's phrases, these among them; said now where they are not in the cache."""
    return agent_speech(cache, partial(engines.voice, store.path_of), texts, jobs=jobs)


def open_studio(bank: Path, split: str, rooms: Path | None, cache: Path) -> Studio:
    """Everything that playing scripts of a split needs; ears on one thread.

    What the agent says in them was said before, by ``speech`` into the same cache.
    """
    path_of = store.path_of
    return Studio(
        sounds=Library(Bank.open(bank), split=split, rooms=rooms),
        ears=engines.ears(path_of),
        tokenizer=tokenizer_of(GgufFile(path_of(engines.BRAIN))),
        speech=speech(cache, ()),
    )

"""Sessions of the interaction model: written conversations, played by voices of their split.

Law: equal seeds over an equal bank give equal scripts. A conversation is drawn by its behaviour's share,
then one of its renditions; what it sounds through and how fast people react is drawn anew each time.
Source: model.md section 3 for the shares; docs/data.md.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from hocket.data import stock
from hocket.data.agent_lines import NODS
from hocket.data.bank import Utterance
from hocket.data.casting import Cast, Deck, cast_of
from hocket.data.conversations import Conversation, conversations
from hocket.data.dialogues import chosen
from hocket.data.formant_voices import FLITE
from hocket.data.kokoro import ENGINE as KOKORO
from hocket.data.library import Library
from hocket.data.repertoire import Rendition, rendition
from hocket.data.scenes import Desk, Habits, Place
from hocket.data.script import Script
from hocket.data.splits import Split, split_of
from hocket.data.staging import Stage, without_nods
from hocket.data.timing import samples
from hocket.recipes.augment import Augment, as_it_arrives, lasting, surroundings

# Of the sessions. Every conversation of a file is as likely as any other.
SHARES: Final = {
    "everyday": 0.12,
    "questions": 0.09,
    "recall": 0.09,
    "hesitant": 0.10,
    "interruptions": 0.12,
    "corrections": 0.06,
    "unbothered": 0.14,
    "stories": 0.08,
    "timers": 0.04,
    "cues": 0.04,
    "lookups": 0.05,
    "edges": 0.03,
    "tasks": 0.04,
}
TASKS: Final = "tasks"  # dialogues of others, where they are at hand
MOST_TASKS: Final = 1_000
MOST_TRIES: Final = 20  # to find a conversation that was not played in the session
SHORTEST_S: Final = 35.0  # a conversation, most of them
UNNODDED: Final = 0.2  # share of sessions with nods written in which the agent may not nod


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplex:
    """What the sessions of a split are made of."""

    split: Split
    users: tuple[str, ...] = (KOKORO, FLITE)  # engines whose voices play them
    dialogues: Path | None = None  # a file of task dialogues that are played too
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    renditions: int = 1  # of each conversation in the bank
    length_s: tuple[float, float] = (45.0, 90.0)
    habits: Habits = field(default_factory=lambda: Habits(slow_answer=0.25, stretched=0.25))
    augment: Augment = field(default_factory=Augment)


def repertoire(
    recipe: Duplex, voices: Sequence[str], *, hours: float = math.inf
) -> dict[str, list[Rendition]]:
    """All renditions by the behaviour's name, or as many as so many hours need."""
    found: dict[str, list[Rendition]] = {}
    for name, share in recipe.shares.items():
        every = _tasks(recipe.dialogues) if name == TASKS else conversations(name)
        own = sorted((c for c in every if c.split is recipe.split), key=_shuffled)
        most = min(hours * 3600 * share / SHORTEST_S + 1, len(own))
        found[name] = [
            rendition(each, number, voices)
            for number in range(recipe.renditions)
            for each in own[: int(most)]
        ]
    return found


def _tasks(dialogues: Path | None) -> Sequence[Conversation]:
    return chosen(dialogues, MOST_TASKS, seed=0, disfluent=True) if dialogues else ()


def voices_of(recipe: Duplex) -> list[str]:
    """The voices of the recipe's split that its engines have here.

    Raises:
        BadInput: an engine is not installed.
    """
    every = [voice for engine in recipe.users for voice in stock.voices_of(engine)]
    return [voice for voice in every if split_of(voice) is recipe.split]


def fill(bank: Path, found: Mapping[str, Sequence[Rendition]], *, jobs: int) -> int:
    """Say what the bank lacks of the users' lines; returns how many sounds were added."""
    requests = {r.id: r for each in found.values() for one in each for r in one.requests}
    return stock.stock(bank, [requests[key] for key in sorted(requests)], jobs=jobs)


def phrases(found: Mapping[str, Sequence[Rendition]]) -> list[str]:
    """Everything that the agent would say, each once."""
    return list(dict.fromkeys(p for each in found.values() for one in each for p in one.phrases))


def write(
    recipe: Duplex,
    found: Mapping[str, Sequence[Rendition]],
    library: Library,
    lengths: Mapping[str, int],
    *,
    hours: float,
    seed: int,
) -> list[Script]:
    """Scripts of at least so many hours. ``lengths``: of the agent's phrases, samples at 16 kHz.

    Raises:
        BadInput: the bank lacks a sound.
    """
    place = Place(noises=library.noises, rooms=library.responses, lines=lengths)
    sounds = Sounds(library)
    programme = _Programme(recipe.shares, found, np.random.default_rng((seed, 0)))
    nods = tuple(text for text in NODS if text in lengths)

    def one(number: int) -> Script:
        rng = np.random.default_rng((seed, 1, number))
        stage = _played(recipe, programme.session(), sounds, place, nods, rng)
        script = stage.script(
            name=f"duplex-{recipe.split}-{seed}-{number:05d}",
            split=str(recipe.split),
            of_set="duplex",
            seed=seed * 100_000 + number,
            around=surroundings(recipe.augment, library, rng),
        )
        return as_it_arrives(script, recipe.augment, rng)

    return lasting(hours, one)


def _played(
    recipe: Duplex,
    programme: Iterator[Rendition],
    sounds: "Sounds",
    place: Place,
    nods: Sequence[str],
    rng: np.random.Generator,
) -> Stage:
    """One conversation after the other, until the session is long enough."""
    first = next(programme)
    cast = sounds.cast(first.voice, rng)
    desk = Desk(cast, place, Deck(tuple(place.lines), rng), recipe.habits, rng)
    desk.voice_delay_s = float(rng.uniform(0.02, 0.12))
    behind = samples(float(rng.uniform(*recipe.length_s)))
    may_nod = rng.random() >= UNNODDED
    stage = Stage(desk, sounds.of, nods)
    for played in chain([first], programme):
        stage.play(
            played if may_nod else replace(played, conversation=without_nods(played.conversation))
        )
        if desk.at >= behind:
            break
    return stage


class Sounds:
    """The bank by voice and text."""

    def __init__(self, library: Library) -> None:
        self.utterances = library.utterances
        self._by_voice: dict[str, dict[str, Utterance]] = {}
        for utterance in library.utterances:
            self._by_voice.setdefault(utterance.voice, {})[utterance.text] = utterance

    def of(self, voice: str) -> Mapping[str, Utterance]:
        """What a voice says: text -> utterance."""
        return self._by_voice.get(voice, {})

    def cast(self, voice: str, rng: np.random.Generator) -> Cast:
        """What is heard of a voice, and beside it, that no conversation has written."""
        return cast_of(voice, self.utterances, rng)


class _Programme:
    """What is played one after the other: by the shares of the behaviours, each once before any twice."""

    def __init__(
        self,
        shares: Mapping[str, float],
        found: Mapping[str, Sequence[Rendition]],
        rng: np.random.Generator,
    ) -> None:
        self._rng = rng
        self._decks: dict[str, dict[tuple[str, str], Deck[Rendition]]] = {}
        for name, renditions in found.items():
            for key in sorted({_company(each) for each in renditions}):
                own = [each for each in renditions if _company(each) == key]
                self._decks.setdefault(name, {})[key] = Deck(own, rng)
        self._shares = {name: shares[name] for name in self._decks}
        self._companies = {
            key: sum(len(decks[key]) for decks in self._decks.values() if key in decks)
            for decks in self._decks.values()
            for key in decks
        }

    def session(self) -> Iterator[Rendition]:
        """Renditions of one voice in one mode, until nearly all have come."""
        sizes = np.array(list(self._companies.values()), np.float64)
        keys = list(self._companies)
        key = keys[int(self._rng.choice(len(keys), p=sizes / sizes.sum()))]
        names = [name for name, decks in self._decks.items() if key in decks]
        shares = np.array([self._shares[name] for name in names])
        played: set[str] = set()
        tries = 0
        while tries < MOST_TRIES:
            name = names[int(self._rng.choice(len(names), p=shares / shares.sum()))]
            rendition = self._decks[name][key].deal()
            tries += 1
            if rendition.conversation.id not in played:
                played.add(rendition.conversation.id)
                tries = 0
                yield rendition


def _shuffled(conversation: Conversation) -> str:
    return hashlib.sha256(conversation.id.encode()).hexdigest()


def _company(played: Rendition) -> tuple[str, str]:
    """What stays the same for a session: the voice, and what stands in the model's prefix."""
    of = played.conversation
    prefix = (str(of.mode), of.persona, *sorted(of.on), "-", *sorted(of.off))
    return played.voice, " ".join(prefix)

"""Who plays in a session: one user with all that they say, and the others around them.

Law: all voices of a session are of one split; decks are dealt to their end before anything comes twice.
Source: docs/data.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from hocket.core.errors import BadInput
from hocket.data.bank import Utterance
from hocket.data.script import Role
from hocket.data.splits import MEETING, READER

Card = TypeVar("Card")
MIN_TURNS = 3  # of a voice, to play a user
MIN_READER_TURNS = 2  # real people say little: a sentence or three
ASIDE = 1 / 3  # of what is said to somebody else is the user's own, turned away
MOST_TIMES = 6  # that a voice comes before all have come, however much it says


class Deck(Generic[Card]):
    """Cards dealt in shuffled order, shuffled again when all were dealt."""

    def __init__(self, cards: Sequence[Card], rng: np.random.Generator) -> None:
        self._cards = list(cards)
        self._rng = rng
        self._left: list[int] = []

    def __len__(self) -> int:
        return len(self._cards)

    def deal(self) -> Card:
        """The next card."""
        if not self._left:
            self._left = [int(i) for i in self._rng.permutation(len(self._cards))]
        return self._cards[self._left.pop()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A user's decks by role; side talkers are others. A role without a card does not occur."""

    voice: str
    engine: str
    decks: dict[Role, Deck[Utterance]]

    def has(self, role: Role) -> bool:
        """Whether there is a sound for the role; noises need no voice."""
        return role is Role.NOISE or len(self.decks[role]) > 0


def casts(
    utterances: Sequence[Utterance],
    rng: np.random.Generator,
    *,
    users: Callable[[str], bool] = lambda engine: True,
) -> Deck[Cast]:
    """All users that these utterances (of one split) make, each as often as they have turns.

    ``users`` says whether voices of an engine may play a user; the others only talk beside them.

    Raises:
        BadInput: no voice has enough finished turns.
    """
    found: list[Cast] = []
    voices = sorted({u.voice for u in utterances if u.kind == Role.TURN and users(u.engine)})
    for voice in voices:
        cast = cast_of(voice, utterances, rng)
        n, least = (
            len(cast.decks[Role.TURN]),
            MIN_READER_TURNS if cast.engine == READER else MIN_TURNS,
        )
        found += [cast] * (min(max(n // MIN_TURNS, 1), MOST_TIMES) if n >= least else 0)
    if not found:
        raise BadInput(
            f"expected a voice with {MIN_TURNS} finished turns, got {len(voices)} voices"
        )
    return Deck(found, rng)


def cast_of(voice: str, utterances: Sequence[Utterance], rng: np.random.Generator) -> Cast:
    """A user by voice, and the others around; the utterances are of one split."""
    own = [u for u in utterances if u.voice == voice]
    # Made voices cough badly; real coughs come from meetings, whoever they are.
    tics = [u for u in utterances if u.kind == Role.TIC and u.engine == MEETING]
    turns = [u for u in own if u.kind == Role.TURN and u.complete]
    over = own
    if own[0].engine == READER:  # nobody nods or breaks in while reading: others nod for them
        over = [*(replace(u, kind=Role.INTERRUPTION) for u in turns), *utterances]
        over = [u for u in over if u.kind == Role.BACKCHANNEL or u.voice == voice]
    cards = {
        Role.TURN: turns,
        Role.INTERRUPTION: [u for u in over if u.kind == Role.INTERRUPTION],
        Role.BACKCHANNEL: [u for u in over if u.kind == Role.BACKCHANNEL],
        Role.TIC: [u for u in own if u.kind == Role.TIC] + tics,
        Role.SIDE: _sides(voice, utterances),
    }
    engine = own[0].engine
    decks = {role: Deck(us, rng) for role, us in cards.items()}
    return Cast(voice=voice, engine=engine, decks=decks)


def _sides(voice: str, utterances: Sequence[Utterance]) -> list[Utterance]:
    """Talk to somebody else: other people's, and the user's own so often that it is a share of it."""
    sides = [u for u in utterances if u.kind == Role.SIDE]
    own = [u for u in sides if u.voice == voice]
    others = [u for u in sides if u.voice != voice]
    times = round(ASIDE / (1 - ASIDE) * len(others) / len(own)) if own else 0
    return others + own * max(times, 1)

"""Scenes with real people: readers as users; cuts of meetings, and readers across the room, beside.

Law: a reader's turn is a stretch of natural speech with its own pauses and its own room; nothing is
put into it. The room goes on behind the scene. One reader a scene.
Source: people.py for what a piece is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Final, TypeVar

import numpy as np

from hocket.data.bank import Utterance
from hocket.data.pieces import Piece
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.scene import Anchor, Around, Move, Scene, Sound
from hocket.evaluation.scenes.size import Size
from hocket.evaluation.truth import Kind, Voices

Card = TypeVar("Card")

FAMILY: Final = "human"
READINGS: Final = {Size.QUICK: 2, Size.ORDINARY: 25, Size.FULL: 25}
OVER_SCENES: Final = {Size.QUICK: 1, Size.ORDINARY: 12, Size.FULL: 50}
INTERRUPTION_S: Final = 7.0  # longer pieces are turns only
BYSTANDERS: Final = (Kind.BACKCHANNEL, Kind.TIC, Kind.SIDE)
ACROSS_DB: Final = (-10.0, -2.0)


def reading_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """Readings as turns, piece by piece."""
    for pieces in _shuffled(desk, desk.people.readings)[: READINGS[size]]:
        sounds = [reading(piece, Kind.TURN) for piece in pieces]
        first = Move(sound=sounds[0], anchor=Anchor.START, after_s=desk.uniform(0.4, 1.2))
        moves = [first, *(desk.answered(sound) for sound in sounds[1:])]
        yield desk.scene(FAMILY, moves, voices=Voices.HUMAN, around=_room(pieces))


def people_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """Readers and people of meetings over the agent's speech."""
    readings = [pieces for pieces in desk.people.readings if _short(pieces)]
    if len(readings) < 2:
        return
    decks = {kind: cycle(_shuffled(desk, desk.people.cuts(str(kind)))) for kind in BYSTANDERS}
    others = cycle(_shuffled(desk, [piece for pieces in readings for piece in _short(pieces)]))
    for pieces in islice(cycle(_shuffled(desk, readings)), OVER_SCENES[size]):
        cuts = [meeting(cut, kind) for kind, deck in decks.items() for cut in islice(deck, 1)]
        cuts.append(_across(desk, next(p for p in others if p.utterance != pieces[0].utterance)))
        own = [reading(piece, Kind.INTERRUPTION) for piece in _short(pieces)[:2]]
        sounds = _shuffled(desk, [*cuts, *own])
        turns = [piece for piece in pieces if piece.finished] or list(pieces)
        fuel = islice(cycle(reading(piece, Kind.TURN) for piece in turns), len(sounds) + 1)
        yield desk.scene(
            FAMILY,
            [desk.over(sound) for sound in sounds],
            voices=Voices.HUMAN,
            fuel=list(fuel),
            around=_room(pieces),
        )


def reading(piece: Piece, kind: Kind) -> Sound:
    """A piece of a reading as a sound."""
    return Sound(
        kind=kind,
        source=piece.utterance.id,
        text=piece.text,
        voice=piece.utterance.voice,
        finished=piece.finished,
        piece=(piece.first, piece.behind),
    )


def _across(desk: Desk, piece: Piece) -> Sound:
    """Another reader across the room, who speaks to nobody here."""
    sound = reading(piece, Kind.SIDE)
    return replace(sound, far=True, finished=False, gain_db=desk.uniform(*ACROSS_DB))


def meeting(cut: Utterance, kind: Kind) -> Sound:
    """A cut of a meeting as a sound."""
    return Sound(kind=kind, source=cut.id, text=cut.text, voice=cut.voice, gain_db=-3.0)


def _short(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.length_s <= INTERRUPTION_S]


def _room(pieces: Sequence[Piece]) -> Around:
    return Around(tone=pieces[0].utterance.id)


def _shuffled(desk: Desk, cards: Sequence[Card]) -> list[Card]:
    return [cards[int(i)] for i in np.asarray(desk.rng.permutation(len(cards)))]

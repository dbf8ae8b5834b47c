"""Scenes of the suite ``turns``: finished turns of all kinds, and silences inside turns.

Law: a turn is one utterance, so its prosody runs across its pauses; silences are only made longer,
never cut in between sentences. An answer is due where the truth says ``finished``.
Source: metrics.md (takeover, response gap, pauses broken, misfire, relevance).
"""

from collections.abc import Iterator
from typing import Final

from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.human import reading_scenes
from hocket.evaluation.scenes.scene import Anchor, Move, Scene, Sound
from hocket.evaluation.scenes.size import Size

TURNS_A_SCENE: Final = 4
# family: file of texts, turns by size, share of turns whose longest silence is made longer
FAMILIES: Final[dict[str, tuple[str, dict[Size, int], float]]] = {
    "question": ("questions", {Size.QUICK: 4, Size.ORDINARY: 18, Size.FULL: 64}, 0.0),
    "request": ("requests", {Size.QUICK: 1, Size.ORDINARY: 12, Size.FULL: 40}, 0.0),
    "statement": ("statements", {Size.QUICK: 1, Size.ORDINARY: 6, Size.FULL: 20}, 0.0),
    "list": ("lists", {Size.QUICK: 1, Size.ORDINARY: 8, Size.FULL: 28}, 0.4),
    "number": ("numbers", {Size.QUICK: 1, Size.ORDINARY: 8, Size.FULL: 28}, 0.4),
    "address": ("addresses", {Size.QUICK: 1, Size.ORDINARY: 8, Size.FULL: 28}, 0.4),
    "hesitation": ("hesitations", {Size.QUICK: 6, Size.ORDINARY: 32, Size.FULL: 104}, 0.6),
    "correction": ("corrections", {Size.QUICK: 3, Size.ORDINARY: 16, Size.FULL: 52}, 0.5),
}
STRETCH_S: Final = (0.55, 0.5, 0.2, 2.0)  # log-normal: median, sigma, least, most


def turn_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """All scenes of the suite."""
    for family, (file, counts, stretched) in FAMILIES.items():
        left = counts[size]
        while left:
            n = min(left, TURNS_A_SCENE)
            left -= n
            voice = desk.voice()
            sounds = [
                desk.turn(file, voice, stretch_s=_stretch_s(desk, stretched)) for _ in range(n)
            ]
            yield desk.scene(family, in_turn(desk, sounds))
    yield from reading_scenes(desk, size)


def in_turn(desk: Desk, sounds: list[Sound]) -> list[Move]:
    """One turn after the other, each in the silence behind the answer to the one before."""
    first = Move(sound=sounds[0], anchor=Anchor.START, after_s=desk.uniform(0.4, 1.2))
    return [first, *(desk.answered(sound) for sound in sounds[1:])]


def _stretch_s(desk: Desk, share: float) -> float:
    if not desk.chance(share):
        return 0.0
    median_s, sigma, least_s, most_s = STRETCH_S
    drawn_s = float(desk.rng.lognormal(0, sigma)) * median_s
    return round(min(max(drawn_s, least_s), most_s), 3)

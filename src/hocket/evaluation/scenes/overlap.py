"""Scenes of the suite ``overlap``: four scenes alike but for what is said over the agent.

Law: the four of a group share voice, openings and moments, so that only the kind of sound differs.
Source: Full-Duplex-Bench v1.5 (arXiv 2507.23159): interruption, backchannel, talk to somebody else,
background speech.
"""

from collections.abc import Callable, Iterator
from typing import Final

from hocket.evaluation.scenes.desk import OVER_S, Desk
from hocket.evaluation.scenes.scene import Anchor, Move, Scene, Sound
from hocket.evaluation.scenes.size import Size

EVENTS_A_SCENE: Final = 4
GROUPS: Final = {Size.QUICK: 1, Size.ORDINARY: 21, Size.FULL: 68}


def overlap_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """All scenes of the suite."""
    kinds: dict[str, Callable[[str], Sound]] = {
        "interruption": desk.interruption,
        "backchannel": desk.backchannel,
        "side": desk.side,
        "background": desk.background,
    }
    for _ in range(GROUPS[size]):
        voice = desk.voice()
        fuel = [desk.turn("openings", voice) for _ in range(EVENTS_A_SCENE + 1)]
        moments_s = [desk.uniform(*OVER_S) for _ in range(EVENTS_A_SCENE)]
        for family, say in kinds.items():
            moves = [
                Move(sound=say(voice), anchor=Anchor.VOICE, after_s=after_s)
                for after_s in moments_s
            ]
            yield desk.scene(family, moves, fuel=fuel)

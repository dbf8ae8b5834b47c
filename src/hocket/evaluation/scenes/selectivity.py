"""Scenes of the suite ``selectivity``: all kinds of sounds over the agent, mixed, and in silence.

Law: each scene holds one sound of every kind over the agent's speech, in drawn order, so no rate rests
on scenes of its own; what is said in silence comes when both sides have fallen silent.
Source: the panel of tau-voice (arXiv 2603.13686), with noise bursts beside.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.human import people_scenes
from hocket.evaluation.scenes.scene import Anchor, Move, Scene, Sound
from hocket.evaluation.scenes.size import Size

MIXED: Final = {Size.QUICK: 10, Size.ORDINARY: 76, Size.FULL: 250}
SILENT: Final = {Size.QUICK: 1, Size.ORDINARY: 4, Size.FULL: 10}
IN_SILENCE_EVERY: Final = 3  # scenes, one also holds a sound in silence
IN_SILENCE_S: Final = (1.8, 3.5)
SPARE_OPENINGS: Final = 2


def selectivity_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """All scenes of the suite."""
    for number in range(MIXED[size]):
        yield _mixed(desk, in_silence=number % IN_SILENCE_EVERY == 0)
    for _ in range(SILENT[size]):
        yield _nobody(desk)
    yield from people_scenes(desk, size)


def _mixed(desk: Desk, *, in_silence: bool) -> Scene:
    voice = desk.voice()
    sounds = [
        desk.interruption(voice),
        desk.backchannel(voice),
        desk.tic(voice),
        desk.side(voice),
        desk.noise(),
    ]
    order = np.asarray(desk.rng.permutation(len(sounds)))
    moves = [desk.over(sounds[int(i)]) for i in order]
    if in_silence:
        moves.append(_quietly(desk, desk.tic(voice) if desk.chance(0.5) else desk.side(voice)))
    fuel = [desk.turn("openings", voice) for _ in range(len(sounds) + SPARE_OPENINGS)]
    return desk.scene("mixed", moves, fuel=fuel)


def _quietly(desk: Desk, sound: Sound) -> Move:
    return Move(sound=sound, anchor=Anchor.SILENCE, after_s=desk.uniform(*IN_SILENCE_S))


def _nobody(desk: Desk) -> Scene:
    """Nobody speaks: a noise after a while, and nothing to answer."""
    moves = [
        Move(sound=desk.noise(), anchor=Anchor.START, after_s=desk.uniform(4, 9)),
        Move(sound=desk.tic(desk.voice()), anchor=Anchor.PREVIOUS, after_s=desk.uniform(3, 6)),
    ]
    return desk.scene("silence", moves, tail_s=4.0)

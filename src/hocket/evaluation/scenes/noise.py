"""Scenes of the suite ``noise``: turns and sounds over the agent, each under one bad condition.

Law: one condition a scene, named by its family, so that each can be read on its own.
Source: metrics.md and model.md section 3 for the ranges.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from hocket.evaluation import made_sounds
from hocket.evaluation.scenes.desk import Desk
from hocket.evaluation.scenes.scene import BABBLE, Around, Scene, Sound
from hocket.evaluation.scenes.size import Size
from hocket.evaluation.truth import Kind

SCENES: Final = {Size.QUICK: 1, Size.ORDINARY: 32, Size.FULL: 104}
SNR_DB: Final = (25, -5, 10, 0, 15, 5)
BABBLE_DB: Final = (3.0, 20.0)
ECHO_DB: Final = (-30.0, -6.0)
ECHO_DELAY_MS: Final = tuple(range(20, 301, 20))
LOST_SHARE: Final = (0.02, 0.1)
LATE_A_MINUTE: Final = (6.0, 20.0)
OTHERS: Final = (BABBLE, "echo", "telephone", "lost", "late", "room")
BABBLERS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    family: str
    around: Around
    babble: tuple[Sound, ...] = ()


def noise_scenes(desk: Desk, size: Size) -> Iterator[Scene]:
    """All scenes of the suite, the conditions in turn."""
    families = [each for pair in zip(SNR_DB, OTHERS, strict=True) for each in pair]
    for number, family in enumerate(islice(cycle(families), SCENES[size])):
        condition = _condition(desk, family, number)
        voice = desk.voice()
        moves = [
            desk.over(desk.backchannel(voice)),
            desk.over(desk.interruption(voice)),
            desk.over(desk.noise()),
            desk.over(desk.interruption(voice)),
            desk.answered(desk.turn("questions", voice)),
        ]
        yield desk.scene(
            condition.family,
            moves,
            fuel=[desk.turn("openings", voice) for _ in range(len(moves))],
            around=condition.around,
            babble=condition.babble,
        )


def _condition(desk: Desk, family: str | int, number: int) -> _Condition:
    match family:
        case int(snr_db):
            names = (*made_sounds.STEADY, *desk.people.noises)
            around = Around(noise=names[number // 2 % len(names)], snr_db=snr_db)
            return _Condition(family=f"snr{snr_db:+d}", around=around)
        case "babble":
            around = Around(noise=BABBLE, snr_db=desk.uniform(*BABBLE_DB))
            return _Condition(family=BABBLE, around=around, babble=_babblers(desk))
        case "echo":
            delay_ms = ECHO_DELAY_MS[int(desk.rng.integers(len(ECHO_DELAY_MS)))]
            around = Around(echo_db=desk.uniform(*ECHO_DB), echo_delay_s=delay_ms / 1000)
        case "telephone":
            around = Around(telephone=True)
        case "lost":
            around = Around(lost_share=desk.uniform(*LOST_SHARE))
        case "late":
            around = Around(late_a_minute=desk.uniform(*LATE_A_MINUTE))
        case _:
            around = Around(room="made")
    return _Condition(family=str(family), around=around)


def _babblers(desk: Desk) -> tuple[Sound, ...]:
    return tuple(
        desk.said(Kind.SIDE, desk.text("background"), desk.voice()) for _ in range(BABBLERS)
    )

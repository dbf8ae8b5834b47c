"""What sessions sound through, drawn anew for each, and how many there are.

Law: every disturbance is a share of sessions with a switch (0), drawn from the session's own generator.
Source: model.md section 3; docs/data.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from hocket.core.units import TICK_S
from hocket.data.lateness import made_late
from hocket.data.library import Library
from hocket.data.script import Codec, Script, Surroundings

SNR_DB: Final = (-5.0, 15.0, 25.0)  # least, likeliest, most
CEILING_DB: Final = (-18.0, -10.0)  # speech is at -23 dBFS, its peaks some 15 dB higher


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """Share of sessions with each disturbance; 0 switches it off."""

    echo: float = 1 / 3
    noise: float = 0.5
    room: float = 1 / 3
    telephone: float = 0.1
    opus: float = 0.2  # of the sessions that are not heard over a telephone
    clipping: float = 0.1
    loss: float = 0.1
    late: float = 0.1
    gain_db: float = 10.0  # up or down


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
        snr_db=float(rng.triangular(*SNR_DB)),
        echo_db=float(rng.uniform(-30, -6)) if happens(augment.echo) else None,
        echo_delay_s=float(rng.uniform(0.02, 0.3)),
        codec=_codec(happens(augment.telephone), happens(augment.opus)),
        lost_share=float(rng.uniform(0.002, 0.02)) if happens(augment.loss) else 0.0,
        ceiling_db=float(rng.uniform(*CEILING_DB)) if happens(augment.clipping) else 0.0,
    )


def as_it_arrives(script: Script, augment: Augment, rng: np.random.Generator) -> Script:
    """The script, or in the share of late sessions the script with pieces that arrive late."""
    return made_late(script, rng) if rng.random() < augment.late else script


def _codec(telephone: bool, opus: bool) -> Codec:
    return Codec.TELEPHONE if telephone else Codec.OPUS if opus else Codec.NONE


def lasting(hours: float, one: Callable[[int], Script]) -> list[Script]:
    """Scripts by number, until they last at least so many hours."""
    scripts: list[Script] = []
    left_s = hours * 3600
    while left_s > 0:
        scripts.append(one(len(scripts)))
        left_s -= scripts[-1].n_ticks * TICK_S
    return scripts

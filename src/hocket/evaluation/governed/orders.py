"""What the person has ordered, by an account of its own: it trusts neither permit nor score.

Law: an order holds from the moment in which the session got it. A stop may be taken back by anything that
the person types or that the ears hear; it is taken back here no later than in any session, so that
what is counted was surely against an order.
"""

from typing import Final

import numpy as np

from hocket.audio.levels import from_db, rms_db
from hocket.engine.stages import Heard, StageResult
from hocket.protocol.events import ModeChosen, Muted, OutsideEvent, StopPressed, TextTyped
from hocket.protocol.floor import Floor
from hocket.protocol.modes import Mode, Switches
from hocket.protocol.score import ScoreTick, ScoreUser

SPEAKS: Final = 0.5  # voice activity from which the user speaks, by docs/architecture.md
AUDIBLE_DB: Final = -55.0
# Whose last 80 ms are as much under the tick's loudest 10 has fallen silent. The session says 12; the levels
# here are in whole decibels.
SILENT_BELOW_DB: Final = 11.0
END_FRAMES: Final = 8


class Orders:
    """Mute, stop, mode and switches as they stand; counts samples sent against them."""

    def __init__(self, *, mode: Mode, switches: Switches) -> None:
        self.samples_against = 0
        self._mode, self._switches = mode, switches
        self._muted = self._stopped = False

    def take(self, event: OutsideEvent | StageResult) -> None:
        """Something reaches the session."""
        match event:
            case Muted(on=on):
                self._muted = on
            case StopPressed():
                self._stopped = True
            case TextTyped():
                self._stopped = False
            case Heard(result=heard):
                self._stopped &= not (heard.heard or heard.tentative)
            case ModeChosen(mode=mode):
                self._mode = mode
            case _:
                pass

    def judge(self, line: ScoreTick) -> None:
        """A tick is over; its samples, if any, went out just now."""
        if self._muted or self._stopped or self._out_of_turn(line):
            self.samples_against += line.sent_samples

    def _out_of_turn(self, line: ScoreTick) -> bool:
        speaks = line.ahead.user[0] >= SPEAKS and _sounds_to_the_end(line.user)
        switch = self._switches.backchannel
        murmurs = self._mode is not Mode.RESERVED if switch is None else switch
        reserved = self._mode is Mode.RESERVED and speaks
        return reserved or (line.floor is Floor.BACKCHANNEL and not murmurs)


def _sounds_to_the_end(user: ScoreUser) -> bool:
    end_db = rms_db(np.array([from_db(db) for db in user.levels_db[-END_FRAMES:]]))
    return end_db >= max(AUDIBLE_DB, max(user.levels_db) - SILENT_BELOW_DB)

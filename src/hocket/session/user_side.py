"""What the session knows of the user: the present tick, whether they speak, whether they said stop.

Law: facts for the policy come from the engine's own voice activity and the level, never from a
detector of the session's own. The 10 ms envelope serves the score and the response gap only.
"""

import numpy as np

from hocket.audio.levels import rms_db
from hocket.core.units import TICK_S, USER_RATE_HZ, tick_start_s
from hocket.engine.port import Float32, HeardTick, TickOutput
from hocket.policy.stop_words import asks_to_stop

FRAME = USER_RATE_HZ // 100
UTTERANCE_GAP_TICKS = 6  # words that come later than this after the last ones begin an utterance
ENVELOPE_FRAMES = 1_500  # 15 s of context for the noise floor
SPEECH_ABOVE_FLOOR_DB = 12.0
SPEECH_AT_LEAST_DB = -50.0
# Who is so far under the tick's loudest 10 ms in its last 80 has just fallen silent. Without this the tick
# in which a turn ends counts as speech, and an engine that knows that it is over waits for another. Less
# than 80 ms may be the closure before a plosive, or between words that belong together ("name | for").
SILENT_BELOW_DB = 12.0
END = 8 * FRAME


class UserSide:
    """The user's lane as seen tick by tick."""

    def __init__(self, *, speech_level_db: float) -> None:
        self._speech_level_db = speech_level_db
        self.samples: Float32 = np.zeros(0, np.float32)
        self.levels_db: tuple[int, ...] = ()
        self.heard = HeardTick(features=np.zeros((4, 576), np.float32), level_db=-90.0)
        self._envelope: list[int] = []
        self._words: list[str] = []
        self._latest: tuple[str, ...] = ()
        self._quiet_ticks = 0
        self._said_stop = False
        self._pressed_stop = False
        self._voice_activity = 0.0
        self._sounds_to_the_end = False
        self.last_speech_s: float | None = None

    def begin(self, tick: int, samples_S: Float32) -> None:
        """A tick's audio is there: float32 [3200]."""
        self.samples = samples_S
        frames = np.asarray(samples_S, np.float64).reshape(-1, FRAME)
        levels = 10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-9))
        self.levels_db = tuple(round(level) for level in levels)
        speech_db = max(self._speech_level_db, float(levels.max()) - SILENT_BELOW_DB)
        self._sounds_to_the_end = rms_db(samples_S[-END:]) >= speech_db
        self._envelope = [*self._envelope, *self.levels_db][-ENVELOPE_FRAMES:]
        floor_db = float(np.percentile(self._envelope, 10))
        bar_db = max(SPEECH_AT_LEAST_DB, floor_db + SPEECH_ABOVE_FLOOR_DB)
        loud = [i for i, level in enumerate(self.levels_db) if level >= bar_db]
        if loud:
            share = (loud[-1] + 1) / len(self.levels_db)
            self.last_speech_s = tick_start_s(tick) + share * TICK_S

    def take_heard(self, heard: HeardTick) -> None:
        """What the ears made of it; updates whether the user's words end in a stop phrase."""
        self.heard = heard
        latest = (*heard.heard, *heard.tentative)
        fresh = bool(heard.heard) or (heard.tentative and heard.tentative != self._latest)
        if fresh:
            if self._quiet_ticks > UTTERANCE_GAP_TICKS:
                self._words, self._pressed_stop = [], False
            self._quiet_ticks = 0
            self._words = [*self._words, *heard.heard][-16:]
            self._said_stop = asks_to_stop((*self._words, *heard.tentative))
        else:
            self._quiet_ticks += 1
        self._latest = latest

    def thought(self, output: TickOutput) -> None:
        """Keep the engine's voice activity for the next tick's facts."""
        self._voice_activity = output.user_ahead[0]

    def typed(self) -> None:
        """Typing takes the floor back: a stop no longer holds."""
        self._said_stop = self._pressed_stop = False

    def stop_pressed(self) -> None:
        """The stop button holds until the user speaks or types again."""
        self._pressed_stop = True
        self._quiet_ticks = UTTERANCE_GAP_TICKS + 1

    @property
    def stopped(self) -> bool:
        """The person said or pressed stop and has said nothing else since."""
        return self._said_stop or self._pressed_stop

    @property
    def speaking(self) -> bool:
        """The engine's voice activity and the level agree that the user speaks, up to the tick's end."""
        return self._voice_activity >= 0.5 and self._sounds_to_the_end

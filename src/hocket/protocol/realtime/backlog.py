"""User audio that came and was not heard yet, and where the stream lies on session time.

Law: at most 30 s wait; beyond it the oldest goes and is told. Bytes stay as they came until they are
fed, so a recording sent at once costs no computing at once. Positions count all sound ever appended in
48ths of a millisecond, whole at every rate that is served: Realtime's ``audio_start_ms`` counts so.
"""

from bisect import bisect_right
from collections import deque
from typing import Final

from hocket.audio.levels import rms_db
from hocket.audio.resample import StreamResampler
from hocket.core.units import USER_RATE_HZ
from hocket.protocol.events import Float32
from hocket.protocol.realtime.formats import SoundFormat

MOST_S: Final = 30.0
UNITS_HZ: Final = 48_000  # of positions
# A microphone whose first chunks came in a burst would stay late for ever: its lead is taken back in
# silence. A longer lead is a recording sent at once, which keeps its pauses (as transports/intake.py).
LEAD_S: Final = (0.1, 1.0)
QUIET_DB: Final = -50.0
KEPT_MARKS: Final = 1_024  # feeds that can be placed: three minutes of ticks


class Backlog:
    """One connection's way in."""

    def __init__(self, sound_format: SoundFormat) -> None:
        self._pieces: deque[tuple[int, bytes]] = deque()  # position and bytes
        self._waiting = 0  # units
        self._was_quiet = False
        self.position = 0  # behind all that was appended
        self._at_sample: list[int] = []  # session samples (16 kHz) at which a feed begins
        self._at_position: list[int] = []
        self._fed_until = (0, 0)  # session sample and position behind the last feed
        self.change(sound_format)

    def change(self, sound_format: SoundFormat) -> None:
        """What is appended from now on has another format; nothing may wait."""
        self.format = sound_format
        self._unit = UNITS_HZ // sound_format.rate_hz
        self._resampler = StreamResampler(sound_format.rate_hz, USER_RATE_HZ)

    @property
    def waiting_s(self) -> float:
        """Seconds that wait."""
        return self._waiting / UNITS_HZ

    @staticmethod
    def ms(position: int) -> int:
        """A position in milliseconds of the stream."""
        return round(position * 1000 / UNITS_HZ)

    def append(self, data: bytes, *, lead_s: float) -> float:
        """Take a chunk of whole samples; returns seconds of old sound dropped for it.

        ``lead_s`` is how far this chunk would be ahead of the session.
        """
        units = self._units(data)
        start, self.position = self.position, self.position + units
        if not self._shed(data, lead_s):
            self._pieces.append((start, data))
            self._waiting += units
        return self._drop() / UNITS_HZ

    def clear(self) -> None:
        """Forget what was not heard yet."""
        self._pieces.clear()
        self._waiting = 0

    def take(self, seconds: float) -> tuple[int, int, Float32] | None:
        """Up to ``seconds`` of sound at 16 kHz, with the positions before and behind it; None if dry."""
        if not self._pieces:
            return None
        start, data = self._split(int(seconds * self.format.rate_hz))
        stop = start + self._units(data)
        self._waiting -= stop - start
        return start, stop, self._resampler.push(self.format.decode(data))

    def fed(self, start: int, stop: int, *, at_sample: int, n_session: int) -> None:
        """The piece [start, stop) was placed on the session's lane from ``at_sample`` on."""
        self._at_sample.append(at_sample)
        self._at_position.append(start)
        del self._at_sample[:-KEPT_MARKS], self._at_position[:-KEPT_MARKS]
        self._fed_until = (at_sample + n_session, stop)

    def position_at(self, sample: int) -> int:
        """The stream position that stands at a session sample; what was shed takes no time."""
        index = bisect_right(self._at_sample, sample) - 1
        if index < 0:
            return self._at_position[0] if self._at_position else 0
        end_sample, end_position = self._fed_until
        if sample >= end_sample:
            return end_position
        since = (sample - self._at_sample[index]) * UNITS_HZ // USER_RATE_HZ
        guess = self._at_position[index] + since
        later = self._at_position[index + 1 :]
        return min(guess, later[0] if later else end_position)

    @property
    def all_fed(self) -> bool:
        """Whether nothing waits."""
        return not self._pieces

    def heard_all_before(self, position: int, *, sample: int) -> bool:
        """Whether the session, at ``sample``, has heard everything appended before ``position``."""
        waits = self._pieces[0][0] if self._pieces else self.position
        end_sample, _ = self._fed_until
        return waits >= position and (sample >= end_sample or self.position_at(sample) >= position)

    def _units(self, data: bytes) -> int:
        return len(data) // self.format.width * self._unit

    def _shed(self, data: bytes, lead_s: float) -> bool:
        if self._units(data) > UNITS_HZ:  # a second at once comes from no microphone
            self._was_quiet = False
            return False
        quiet = rms_db(self.format.decode(data)) < QUIET_DB
        shed = quiet and self._was_quiet and LEAD_S[0] < lead_s < LEAD_S[1]
        self._was_quiet = quiet
        return shed

    def _split(self, n_samples: int) -> tuple[int, bytes]:
        """The first piece or its first ``n_samples``; the rest stays."""
        start, data = self._pieces.popleft()
        most = max(1, n_samples) * self.format.width
        if rest := data[most:]:
            self._pieces.appendleft((start + self._units(data[:most]), rest))
        return start, data[:most]

    def _drop(self) -> int:
        before = self._waiting
        while self._waiting > MOST_S * UNITS_HZ:
            too_many = self._waiting - int(MOST_S * UNITS_HZ)
            _, data = self._split(-(-too_many // self._unit))
            self._waiting -= self._units(data)
        return before - self._waiting

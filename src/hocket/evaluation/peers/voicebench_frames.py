"""From voicebench's frames to the native socket's and back: a translation without I/O.

Law: sound passes on the spot and unchanged. What is added: a playback report as voicebench's own track
plays (a piece starts when it comes or when the one before it ends); the words heard, as its transcripts.
What is left out: digital silence that came faster than time, so that nothing is heard late for ever.
Source: docs/native.md; the WebSocket protocol in voicebench 0.2.0 (binary 16-bit mono both ways,
``clear`` and ``transcript`` as JSON).
"""

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

from hocket.core.units import USER_RATE_HZ

HELLO: Final = '{"type":"hello"}'
FRAME_S: Final = 0.02  # voicebench sends a frame when it begins: so much ahead is its normal pace
REPORT_EVERY_S: Final = 0.1
_POSITION: Final = struct.Struct("<Q")
_SAMPLE_BYTES: Final = 2

Frame = str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """What is to be sent to either side, in order."""

    to_server: tuple[Frame, ...] = ()
    to_client: tuple[Frame, ...] = ()


class Loudspeaker:
    """Where in our stream voicebench's track is, at ``now`` seconds of any one clock."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._behind = 0  # position behind the last sample queued
        self._ends_s = 0.0  # when the queue is dry

    def play(self, position: int, n_samples: int, *, now: float) -> None:
        """Queue ``n_samples`` from a position on."""
        self._ends_s = max(self._ends_s, now) + n_samples / self._rate_hz
        self._behind = position + n_samples

    def played(self, *, now: float) -> int:
        """Position behind the last sample heard."""
        left_s = max(0.0, self._ends_s - now)
        return max(0, self._behind - round(left_s * self._rate_hz))

    def stop(self, *, now: float) -> int:
        """Drop the queue; the position at which the sound ended."""
        self._behind, self._ends_s = self.played(now=now), now
        return self._behind


class Translation:
    """One session. ``now`` is seconds of one clock, which never goes back."""

    def __init__(self, *, voice_rate_hz: int) -> None:
        self._speaker = Loudspeaker(voice_rate_hz)
        self._began_s: float | None = None  # when the first frame came
        self._passed_s = 0.0  # of the user's sound
        self._reported, self._reported_s = 0, 0.0
        self.left_out_s = 0.0  # of digital silence
        self.ahead_max_s = 0.0  # of sound that was passed on, beyond the normal pace
        self.errors: list[str] = []  # that the server told

    def from_client(self, data: Frame, *, now: float) -> Out:
        """A frame of voicebench's; its optional start message means nothing here."""
        if isinstance(data, str):
            return Out()
        report = self._report(now)
        if self._began_s is None:
            self._began_s = now
        length_s = len(data) / _SAMPLE_BYTES / USER_RATE_HZ
        ahead_s = self._passed_s - (now - self._began_s)
        if ahead_s >= FRAME_S and not any(data):
            self.left_out_s += length_s
            return Out(to_server=report)
        self.ahead_max_s = max(self.ahead_max_s, ahead_s)
        self._passed_s += length_s
        return Out(to_server=(data, *report))

    def from_server(self, data: Frame, *, now: float) -> Out:
        """A frame of the native socket's; scores give words, other messages mean nothing there."""
        if isinstance(data, bytes):
            (position,) = _POSITION.unpack_from(data)
            sound = data[_POSITION.size :]
            self._speaker.play(position, len(sound) // _SAMPLE_BYTES, now=now)
            return Out(to_client=(sound,))
        message = json.loads(data)
        match message["type"]:
            case "stop_playout":
                position = self._speaker.stop(now=now)
                stopped = _text("stopped", position=position)
                return Out(to_client=(_text("clear"),), to_server=(stopped,))
            case "score" if words := message["line"]["user"]["heard"]:
                return Out(to_client=(_transcript(words),))
            case "error":
                self.errors.append(f"{message['code']}: {message['message']}")
        return Out()

    def _report(self, now: float) -> tuple[str, ...]:
        position = self._speaker.played(now=now)
        if position == self._reported or now < self._reported_s + REPORT_EVERY_S:
            return ()
        self._reported, self._reported_s = position, now
        return (_text("played", position=position),)


def _transcript(words: list[str]) -> str:
    return _text("transcript", role="user", text=" ".join(words), final=True)


def _text(type_: str, **fields: Any) -> str:
    return json.dumps({"type": type_, **fields}, separators=(",", ":"))

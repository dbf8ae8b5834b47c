"""The playout ledger: what of our stream was sent, what was played, which words were heard.

Law: a word is heard when its last sample was played, and not before. Positions count the samples
that were ever sent, from the session's start; they never go back. What a client dropped keeps its
positions and is never played; later sends continue behind it. No clock is read.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hocket.audio.playtime import PlayTimeline
from hocket.core.errors import ProtocolViolation

KEPT_HEARD: Final = 4096  # heard words that nobody took: about 25 minutes of our speech


@dataclass(frozen=True, slots=True, kw_only=True)
class SentWord:
    """A word that was voiced, at absolute sample positions of our stream."""

    text: str
    start: int
    end: int


class PlayoutLedger:
    """One session's account of its agent lane. All positions are absolute sample counts."""

    def __init__(self, *, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self._sent = 0
        self._played = 0
        self._played_samples = 0
        self._dropped_samples = 0
        self._gap_end = 0  # end of the last drop; [_played, _gap_end) never plays
        self._last_end = 0  # of the last word placed
        self._waiting: deque[SentWord] = deque()  # sent, may still be heard
        self._cut: tuple[SentWord, ...] = ()  # dropped by the client and not said anew
        self._heard: deque[SentWord] = deque(maxlen=KEPT_HEARD)
        self._timeline = PlayTimeline(rate_hz=rate_hz)

    def send(self, n_samples: int, words: Iterable[tuple[str, int, int]] = (), *, at: float) -> int:
        """Account for a piece handed to playout at session time ``at``.

        ``words`` are (text, start, end) in samples of the piece. A word is given once, with the
        piece in which it *ends*; its start is negative when it began in an earlier piece. A word
        whose first part was dropped cannot be heard any more, whatever of it is sent.

        Returns:
            The absolute position of the piece's first sample.

        Raises:
            ValueError: a negative length, or a word out of order or outside what was sent.
        """
        start = self._sent
        placed = self._place(n_samples, words)
        if n_samples:
            self._timeline.sent(start, at=at)
        self._sent += n_samples
        if placed:
            self._last_end = placed[-1].end
            self._cut = tuple(word for word in placed if word.start < self._gap_end)
            self._waiting.extend(word for word in placed if word.start >= self._gap_end)
        return start

    def report_played(self, position: int, at: float) -> None:
        """The client has played our stream up to ``position``. Late and double reports do nothing.

        Raises:
            ProtocolViolation: a position that was never sent; the account stays as it was.
        """
        self._check(position)
        if position <= max(self._played, self._gap_end):
            return
        self._advance(position)
        self._timeline.played(position, at=at)

    def stopped(self, position: int, at: float) -> tuple[SentWord, ...]:
        """The client played up to ``position`` and dropped everything behind it.

        A position that earlier reports have passed counts as theirs: what was played was played.

        Returns:
            The words that were sent and will never be heard in full, first one first.

        Raises:
            ProtocolViolation: a position that was never sent; the account stays as it was.
        """
        self._check(position)
        if position > max(self._played, self._gap_end):
            self._advance(position)
        if self.in_flight_samples:
            self._dropped_samples += self.in_flight_samples
            self._timeline.stopped(max(self._played, self._gap_end), self._sent, at=at)
            self._gap_end = self._sent
            self._cut = (*self._cut, *self._waiting)
            self._waiting.clear()
        return self._cut

    @property
    def sent(self) -> int:
        """Position behind the last sample sent."""
        return self._sent

    @property
    def played(self) -> int:
        """Position that the client is known to have reached. Never above ``sent``."""
        return self._played

    @property
    def played_samples(self) -> int:
        """Samples known to have sounded: ``played`` less what was dropped below it."""
        return self._played_samples

    @property
    def dropped_samples(self) -> int:
        """Samples that were sent and never played."""
        return self._dropped_samples

    @property
    def in_flight_samples(self) -> int:
        """Samples sent that may still sound."""
        return self._sent - max(self._played, self._gap_end)

    @property
    def played_fraction(self) -> float:
        """Share of what was sent that is known to have sounded; 1.0 before anything is sent."""
        return self._played_samples / self._sent if self._sent else 1.0

    def heard_words(self) -> tuple[SentWord, ...]:
        """Words whose end was played, in order, since the last ``take_heard``."""
        return tuple(self._heard)

    def take_heard(self) -> tuple[SentWord, ...]:
        """``heard_words``, which are then forgotten. Call it every tick: it bounds the memory."""
        taken = tuple(self._heard)
        self._heard.clear()
        return taken

    @property
    def heard_text(self) -> str:
        """The heard words not yet taken, joined by spaces."""
        return " ".join(word.text for word in self._heard)

    def unheard_words(self) -> tuple[SentWord, ...]:
        """Words sent and not heard in full: those that a stop cut off, then those in flight.

        Cut words are kept until words are sent again.
        """
        return (*self._cut, *self._waiting)

    def unheard_from(self) -> SentWord | None:
        """The first word sent that was not heard in full; None if all were."""
        words = self.unheard_words()
        return words[0] if words else None

    def start_s(self, position: int) -> float | None:
        """Estimated session time at which the sample at ``position`` begins to sound.

        None for a position that was not sent, or was dropped by the last stop.
        """
        gone = self._played <= position < self._gap_end
        return None if gone or position >= self._sent else self._timeline.start_s(position)

    def end_s(self, position: int) -> float | None:
        """Estimated session time at which everything before ``position`` has sounded.

        None for a position that was not sent, or was dropped by the last stop.
        """
        gone = self._played < position <= self._gap_end
        return None if gone or position > self._sent else self._timeline.end_s(position)

    def position_at(self, at: float) -> int:
        """Estimated position at session time ``at``: never below ``played`` nor above ``sent``."""
        guess = min(self._timeline.position_at(at), self._sent)
        return self._played if guess <= self._gap_end else max(guess, self._played)

    def _place(self, n_samples: int, words: Iterable[tuple[str, int, int]]) -> tuple[SentWord, ...]:
        if n_samples < 0:
            raise ValueError(f"expected a length of 0 samples or more, got {n_samples}")
        placed = []
        last_end = self._last_end
        for text, start, end in words:
            word = SentWord(text=text, start=self._sent + start, end=self._sent + end)
            if not (0 <= word.start <= word.end and last_end <= word.end and end <= n_samples):
                raise ValueError(
                    f"expected a word that ends in the piece of {n_samples} samples, behind the "
                    f"word before it, got {text!r} at [{start}, {end})"
                )
            last_end = word.end
            placed.append(word)
        return tuple(placed)

    def _check(self, position: int) -> None:
        if not 0 <= position <= self._sent:
            raise ProtocolViolation(
                f"expected a playback position from 0 to {self._sent} (sent), got {position}"
            )

    def _advance(self, position: int) -> None:
        self._played_samples += position - max(self._played, self._gap_end)
        self._played = position
        while self._waiting and self._waiting[0].end <= position:
            self._heard.append(self._waiting.popleft())

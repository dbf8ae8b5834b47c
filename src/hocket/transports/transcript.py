"""Who said what when, as lines for a terminal, made from score lines as they come."""

from hocket.protocol.floor import Floor
from hocket.protocol.score import ScoreTick

QUIET_TICKS = 5  # this long without a new word ends a line


class Transcript:
    """Collects words of both sides and gives a line out when its speaker pauses."""

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {"user": [], "agent": []}
        self._since_s: dict[str, float] = {}
        self._last_tick: dict[str, int] = {"user": 0, "agent": 0}
        self._gap_s: float | None = None

    def take(self, line: ScoreTick) -> list[str]:
        """Take a tick; returns the lines it completes."""
        for event in line.events:
            if event.kind == "response":
                start, end = event.detail["from_s"], event.detail["to_s"]
                assert isinstance(start, int | float)
                assert isinstance(end, int | float)
                self._gap_s = end - start
        self._add("user", [*line.user.heard, *line.user.text.split()], line.t, line.tick)
        if line.said:
            self._add("agent", [word.word for word in line.said], line.said[0].start_s, line.tick)
        starts = line.floor is Floor.SPEAK and bool(line.sent_samples)
        done = [self._line("user")] if starts and self._words["user"] else []
        return done + [
            self._line(who)
            for who in self._words
            if self._words[who] and line.tick - self._last_tick[who] >= QUIET_TICKS
        ]

    def rest(self) -> list[str]:
        """What is left at the end."""
        return [self._line(who) for who in self._words if self._words[who]]

    def _add(self, who: str, words: list[str], at_s: float, tick: int) -> None:
        if words:
            if not self._words[who]:
                self._since_s[who] = at_s
            self._words[who] += words
            self._last_tick[who] = tick

    def _line(self, who: str) -> str:
        text, self._words[who] = " ".join(self._words[who]), []
        gap = ""
        if who == "agent" and self._gap_s is not None:
            gap, self._gap_s = f" (gap {self._gap_s:.2f} s)", None
        return f"{self._since_s[who]:7.2f} s  {who:5}  {text}{gap}"

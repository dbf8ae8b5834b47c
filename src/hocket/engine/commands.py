"""What a model does beside speaking, as it writes it: ``[timer set 10s "tea"] Ten seconds.``

Law: commands stand in front of what is said; nothing of them is ever voiced, and none counts before its
answer has the floor: a draft may be thrown away.
"""

from dataclasses import dataclass, field
from typing import Final

from hocket.engine.port import Act

KINDS: Final = ("timer", "delegate", "cancel", "pace")
PACES: Final = {
    "slower": 0.85,
    "faster": 1.2,
    "usual": 0.0,
}  # times the present one; 0: as it was at first
SLOWEST, FASTEST = 0.6, 1.5


def command(kind: str, argument: str) -> str:
    """An act as it is written."""
    return f"[{kind} {argument}]"


def paced(pace: float, argument: str) -> float:
    """How fast the voice speaks behind the act ``pace``; an argument that is none changes nothing."""
    times = PACES.get(argument, 1.0)
    return min(max(pace * times, SLOWEST), FASTEST) if times else 1.0


@dataclass(slots=True)
class Commands:
    """Follows one answer as it is written, piece by piece."""

    held: str = ""  # may still be of a command
    in_front: bool = True
    acts: list[Act] = field(default_factory=list)

    def copy(self) -> "Commands":
        """An independent copy."""
        return Commands(held=self.held, in_front=self.in_front, acts=[*self.acts])

    def read(self, text: str, *, ended: bool = False) -> str:
        """What of the text so far is to be said, and was not given out yet."""
        self.held += text
        while self.in_front and (rest := self.held.lstrip()):
            if not rest.startswith("["):
                self.in_front, self.held = False, rest
                break
            inside, closed, behind = rest[1:].partition("]")
            if not closed:
                if ended:  # a command that never ended is none
                    self.held = ""
                return ""
            self._add(inside)
            self.held = behind.lstrip()
        said, self.held = (self.held, "") if not self.in_front else ("", self.held)
        return said

    def next_act(self) -> Act | None:
        """The next act to be carried out, one a tick, once the answer has the floor."""
        return self.acts.pop(0) if self.acts else None

    def _add(self, inside: str) -> None:
        kind, _, argument = inside.strip().partition(" ")
        if kind in KINDS:
            self.acts.append(Act(kind=kind, argument=argument))

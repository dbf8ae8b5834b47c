"""Who may make sound in this tick, and why: one table of rules, read from top to bottom.

Law: every rule that applies takes its actions away; the first one that took any gives the permit its
id and reason. Nothing here looks at text or sound; the facts are gathered by the session. Source:
docs/architecture.md, "Policy".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hocket.protocol.floor import FLOORS, SOUNDING, Floor, Permit
from hocket.protocol.modes import Manner, Mode, Switches, manner_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules may know about one tick."""

    mode: Mode
    switches: Switches
    muted: bool
    stopped: bool  # the person said or pressed stop, and has not taken the floor since
    user_speaking: bool  # the engine's own voice activity and the level agree
    last_floor: Floor

    @property
    def manner(self) -> Manner:
        """What mode and switches together allow."""
        return manner_of(self.mode, self.switches)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table."""

    id: str
    applies: Callable[[Facts], bool]
    denies: frozenset[Floor]
    reason: str


# In a hold our turn goes on: to take it up again over side talk or a nod is no interjection.
OUR_TURN: Final = frozenset({Floor.SPEAK, Floor.HOLD})

RULES: tuple[Rule, ...] = (
    Rule("muted", lambda f: f.muted, SOUNDING, "the person muted the agent"),
    Rule("stopped", lambda f: f.stopped, SOUNDING, "the person told the agent to stop"),
    Rule(
        "reserved.user-speaking",
        lambda f: f.mode is Mode.RESERVED and f.user_speaking,
        SOUNDING,
        "reserved mode makes no sound while the user speaks",
    ),
    Rule(
        "no-interjection",
        lambda f: f.user_speaking and f.last_floor not in OUR_TURN and not f.manner.interject,
        frozenset({Floor.SPEAK}),
        "the user has the floor and the mode does not interject",
    ),
    Rule(
        "backchannel.off",
        lambda f: not f.manner.backchannel,
        frozenset({Floor.BACKCHANNEL}),
        "backchannels are switched off or not part of the mode",
    ),
)


def permit(facts: Facts) -> Permit:
    """Apply the table to one tick. Silence is always allowed."""
    allowed = frozenset(FLOORS)
    first: Rule | None = None
    for rule in RULES:
        if rule.denies & allowed and rule.applies(facts):
            allowed -= rule.denies
            first = first or rule
    if first is None:
        return Permit(allowed=allowed, rule="open", reason="nothing stands against it")
    return Permit(allowed=allowed, rule=first.id, reason=first.reason)

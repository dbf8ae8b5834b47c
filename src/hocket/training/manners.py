"""What an agent may do unasked in a packed session, and what the network is shown of it.

Law: agents of written conversations do what their switches allow; those of other sets nod by chance at most
and never interject, whatever they might. That tells nothing of the switches: they are shown as they would be
served, and in training as any mode has them; else a switch would tell the network which set it hears, and
what the other sets teach would not hold where the switch is on. Source: docs/decisions/0070.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from hocket.protocol.modes import MANNERS, Manner, Mode

EVERY: Final = tuple(MANNERS.values())


def is_told(about: Mapping[str, Any]) -> bool:
    """Whether what the agent of a session does says what it may do."""
    return bool(about.get("conversation") or about.get("switches"))


def manner_of(about: Mapping[str, Any]) -> Manner:
    """What the network is shown of a session, unless training shows it something else."""
    if not is_told(about):
        return MANNERS[Mode(about.get("mode", Mode.RESPONSIVE))]
    on = about.get("switches", ())
    return Manner(**{each.name: each.name in on for each in fields(Manner)})

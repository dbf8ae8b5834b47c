"""What the agent should do with the floor, tick by tick.

Law: a target depends on what is at the model's input by the end of its tick (sound, heard words, its
own state), and on the script's truth only as the realised choice of a person: a model that sees the
past alone learns from it the posterior, which is what it should say. A label never waits for, or leaks,
anything that will sound later. Source: docs/data.md.

Rules, the first that applies; "decided" needs words at the input:

| rule | while the agent | and | target |
|---|---|---|---|
| resumes | speaks hastily | the turn that it took for over goes on: the first tick of that | hold or speak |
| resumed | speaks hastily | from the second tick of that on | yield |
| taken | speaks or holds | a sound that takes the floor, decided | yield |
| unclear | speaks or holds | such a sound, not decided, up to 0.6 s behind its end | hold or speak |
| not heard | speaks or holds | such a sound, never decided | speak, no weight |
| unsure | speaks or holds | the first UNCLEAR_TICKS of another sound, until words tell | hold or speak |
| goes on | speaks or holds | anything else | speak |
| nods | is silent, or nods | its nod into the user's turn is due, or sounds | backchannel |
| strays | nods | the nod came by chance: silent, the rules below hold for its tick | backchannel, no weight |
| cue | is silent | it was to speak at a cue, and the cue was heard | speak |
| user | is silent | a turn goes on, pauses included | listen |
| answer | is silent | a turn that is over, or an event, wants an answer | speak |
| idle | is silent | anything else | listen |

The script's truth says: whether a sound takes the floor or not (looked at only from its first tick on,
and for side talk against an interruption only from its first word on), whether a silence is a pause
or an end, and where the agent nods. All are what a person chose; none is visible before it can be
learned from the past.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.script import INTO_TURN, TAKES_FLOOR, Part, Role, Script, Sound
from hocket.policy.stop_words import asks_to_stop
from hocket.protocol.floor import FLOORS, Floor

Target: TypeAlias = tuple[float, float, float, float, float]

UNCLEAR_HOLD: Final = 0.7  # holding costs little; half of the agents in the data do it
AUDIBLE_SAMPLES: Final = USER_RATE_HZ * 40 // 1000  # of a sound, before it counts in a tick
LONG_TICKS: Final = 4  # 0.8 s of sound with one word that is no backchannel
GRACE_TICKS: Final = 3  # words come up to 0.6 s late
UNCLEAR_TICKS: Final = {Role.NOISE: 1, Role.BACKCHANNEL: 2, Role.TIC: 2, Role.SIDE: 2}
NODS: Final = frozenset(
    re.findall(
        r"\w+",
        "mm mhm hm hmm mmhm mmhmm mmm uh huh um ah oh eh er yeah yes yep yup right okay ok sure wow"
        " really i see good great nice true exactly indeed alright ha haha ahem cool fine well so",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is at the model's input at the end of a tick, and what the agent is doing."""

    tick: int
    heard: tuple[str, ...] = ()  # newly agreed
    tentative: tuple[str, ...] = ()
    line: str | None = None  # what the agent is saying, or holding back
    line_start: int = 0  # sample at which it began
    part: Part | None = None  # of that line
    due: Part | None = None  # of the line whose time has come, while the agent is silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The target of one tick."""

    target: Target
    rule: str
    weighs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelState:
    """What the rules remember from tick to tick."""

    event: int | None = None  # the sound over the agent's speech that is looked at
    onset_tick: int = 0
    agreed: tuple[str, ...] = ()  # since the onset
    before: tuple[str, ...] = ()  # the tail as it stood before the onset
    tail: tuple[str, ...] = ()  # the tail of the last tick
    decided: bool = False
    answered: int = 0  # turn ends up to here have had their answer


START: Final = LabelState()


def label(state: LabelState, script: Script, seen: Seen) -> tuple[LabelState, Label]:
    """The target of the next tick, and what to remember."""
    state = _watch(state, script, seen)
    if seen.line is None:
        found = _agent_silent(state, script, seen)
    else:
        found = _agent_speaks(state, script, seen)
        if seen.part is not Part.HASTY and seen.part not in INTO_TURN:
            state = replace(state, answered=max(state.answered, _answered(script, seen)))
    return replace(state, tail=seen.tentative), found


def _answered(script: Script, seen: Seen) -> int:
    """Turn ends up to here are answered by the line: it may have begun before its turn was over."""
    behind = (seen.tick + 1) * TICK_USER_SAMPLES
    own = [
        sound.end
        for sound in script.sounds
        if sound.role in TAKES_FLOOR and sound.onset < seen.line_start < sound.end <= behind
    ]
    return max([seen.line_start, *own])


def _watch(state: LabelState, script: Script, seen: Seen) -> LabelState:
    """Follow the latest sound that began while the agent spoke."""
    if seen.line is None or seen.part in INTO_TURN:
        return replace(state, event=None, decided=False)
    hasty = seen.part is Part.HASTY
    event = _resumed(script, seen) if hasty else _latest(script, seen)
    if event is None:  # a decision stands until the agent has given way
        return state if state.decided else replace(state, event=None)
    if event != state.event:
        state = replace(
            state, event=event, onset_tick=seen.tick, agreed=(), before=state.tail, decided=False
        )
    if hasty:
        return replace(state, decided=state.decided or seen.tick > state.onset_tick)
    state = replace(state, agreed=state.agreed + seen.heard)
    sound = script.sounds[event]
    words = _evidence(state, sound, seen)
    taken = sound.role in TAKES_FLOOR and _takes(words, sound, seen, state)
    return replace(state, decided=state.decided or taken)


def _latest(script: Script, seen: Seen) -> int | None:
    """The latest sound that is audible, or was within the grace, and began over the agent's line."""
    behind = (seen.tick + 1) * TICK_USER_SAMPLES
    grace = (GRACE_TICKS + 1) * TICK_USER_SAMPLES
    found = [
        number
        for number, sound in enumerate(script.sounds)
        if seen.line_start < sound.onset <= behind - AUDIBLE_SAMPLES and behind <= sound.end + grace
    ]
    return found[-1] if found else None


def _resumed(script: Script, seen: Seen) -> int | None:
    """The turn whose speech is audible over a hasty line."""
    first, behind = seen.line_start, (seen.tick + 1) * TICK_USER_SAMPLES
    begun = seen.tick * TICK_USER_SAMPLES
    found = [
        number
        for number, sound in enumerate(script.sounds)
        if sound.role is Role.TURN
        and any(
            max(onset, first) <= behind - AUDIBLE_SAMPLES and begun < end and first < end
            for onset, end in sound.spans
        )
    ]
    return found[-1] if found else None


def _evidence(state: LabelState, sound: Sound, seen: Seen) -> list[str]:
    """Words heard since the onset, in lower case, without those that are our own echo."""
    old = set(_keys(state.before))
    words = _keys(state.agreed) + [w for w in _keys(seen.tentative) if w not in old]
    own, said = set(_keys((seen.line or "").split())), set(_keys(sound.text.split()))
    return [word for word in words if word in said or word not in own]


def _takes(words: list[str], sound: Sound, seen: Seen, state: LabelState) -> bool:
    content = [word for word in words if word not in NODS]
    lasted = seen.tick - state.onset_tick + 1 >= LONG_TICKS
    return asks_to_stop(tuple(words)) or len(content) >= 2 or (lasted and bool(content))


def _agent_speaks(state: LabelState, script: Script, seen: Seen) -> Label:
    if seen.part is Part.NOD:
        return Label(target=_sure(Floor.BACKCHANNEL), rule="nods")
    if seen.part is Part.STRAY:
        return Label(target=_sure(Floor.BACKCHANNEL), rule="strays", weighs=False)
    if state.event is None:
        return Label(target=_sure(Floor.SPEAK), rule="goes on")
    if seen.part is Part.HASTY:
        # No words are waited for: whoever goes on where they stopped does not begin with an "mm-hm".
        if state.decided:
            return Label(target=_sure(Floor.YIELD), rule="resumed")
        return Label(target=_unclear(), rule="resumes")
    sound = script.sounds[state.event]
    start = seen.tick * TICK_USER_SAMPLES
    age = seen.tick - state.onset_tick
    if sound.role in TAKES_FLOOR:
        if state.decided:
            return Label(target=_sure(Floor.YIELD), rule="taken")
        if start < sound.end + (GRACE_TICKS - 1) * TICK_USER_SAMPLES:
            return Label(target=_unclear(), rule="unclear")
        return Label(target=_sure(Floor.SPEAK), rule="not heard", weighs=False)
    by_word = sound.role in (Role.SIDE, Role.BACKCHANNEL) and _evidence(state, sound, seen)
    if age < UNCLEAR_TICKS[sound.role] and start < sound.end and not by_word:
        return Label(target=_unclear(), rule="unsure")
    return Label(target=_sure(Floor.SPEAK), rule="goes on")


def _agent_silent(state: LabelState, script: Script, seen: Seen) -> Label:
    if seen.due is Part.NOD:
        return Label(target=_sure(Floor.BACKCHANNEL), rule="nods")
    if seen.due is Part.CUED:
        return Label(target=_sure(Floor.SPEAK), rule="cue")
    behind = (seen.tick + 1) * TICK_USER_SAMPLES
    wanted = sorted((*script.turn_ends, *script.prompts))
    ends = [end for end in wanted if state.answered < end <= behind]
    begun = [s.onset for s in script.sounds if s.role in TAKES_FLOOR and s.onset < behind]
    if begun and begun[-1] > max([state.answered, *ends]):
        if script.open_end and behind > max(s.end for s in script.sounds):
            return Label(target=_sure(Floor.LISTEN), rule="user", weighs=False)
        return Label(target=_sure(Floor.LISTEN), rule="user")
    if ends:
        # Not the share of people who have begun by then: p(speak) is to mean one thing, that the turn is
        # over, and one threshold on it then trades sooner answers against broken pauses (decision 0060).
        return Label(target=_sure(Floor.SPEAK), rule="answer")
    return Label(target=_sure(Floor.LISTEN), rule="idle")


def _unclear() -> Target:
    return _target({Floor.HOLD: UNCLEAR_HOLD, Floor.SPEAK: 1 - UNCLEAR_HOLD})


def _sure(floor: Floor) -> Target:
    return _target({floor: 1.0})


def _target(shares: dict[Floor, float]) -> Target:
    listen, speak, hold, gives_way, backchannel = (shares.get(floor, 0.0) for floor in FLOORS)
    return listen, speak, hold, gives_way, backchannel


def _keys(words: Iterable[str]) -> list[str]:
    keys = ("".join(c for c in word.lower() if c.isalnum() or c == "'") for word in words)
    return [key for key in keys if key]

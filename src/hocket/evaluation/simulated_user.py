"""A user who listens: says the next thing when its moment in the conversation has come.

Law: a tick of the user's lane depends on the scene and on what the agent was heard to say before that
tick, on nothing else; the same agent lane gives the same samples and the same truth. What should fall
on the agent's speech is said while the agent is heard to speak, or not at all.
Source: docs/bench-scenes.md; gap and patience as people have them, not as an engine would like.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from hocket.audio.levels import from_db
from hocket.core.units import TICK_S, TICK_USER_SAMPLES, USER_RATE_HZ, tick_start_s
from hocket.data.spans import Float32
from hocket.evaluation.agent_lane import SOUNDING_S, AgentLane, Seconds
from hocket.evaluation.connection import Connection
from hocket.evaluation.microphone import Microphone
from hocket.evaluation.scenes.scene import Anchor, Move, Scene, Sound
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Event, Kind, Span, Truth, Wanted

FIRST_S: Final = 0.6  # at which a scene with nothing else to begin with begins
ANSWER_S: Final = 5.0  # so long a user waits for an answer
RESUME_S: Final = 2.5  # and for an agent that fell silent at a cough
REST_S: Final = 1.3  # of silence behind an answer before the user takes the floor again
DEAF_S: Final = 3.0  # an agent that talks on so long after a turn's end has not heard it
ENDLESS_S: Final = 25.0  # so long an agent is let talk on
LISTEN_S: Final = 2.0  # of silence at the end of a scene, in which a late answer still counts
PAUSE_S: Final = 0.25
TAKES_FLOOR: Final = (Kind.TURN, Kind.INTERRUPTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A sound in the lane. ``spans`` in samples at the mouth; none: its moment never came."""

    sound: Sound
    number: int | None  # of its move; None: said to get the agent talking
    over_agent: bool
    at_s: float
    spans: tuple[tuple[int, int], ...]

    @property
    def start_s(self) -> float:
        """First audible sample."""
        return self.spans[0][0] / USER_RATE_HZ if self.spans else self.at_s

    @property
    def end_s(self) -> float:
        """Behind the last audible sample."""
        return self.spans[-1][1] / USER_RATE_HZ if self.spans else self.at_s


class SimulatedUser:
    """One user of one scene. ``agent`` must be written up to a tick's start when it is asked for."""

    def __init__(self, scene: Scene, *, sounds: SceneSounds, agent: AgentLane) -> None:
        self._scene, self._agent = scene, agent
        self._microphone = Microphone(scene, sounds)
        self._connection = Connection(scene.around, seed=scene.seed)
        self._moves = deque(enumerate(scene.moves))
        self._fuel = deque(scene.fuel)
        self._placed: list[Placed] = []
        self._n_ticks = 0
        self._rng = np.random.default_rng((scene.seed, 23))

    def ticks(self) -> Iterator[Float32]:
        """The user's lane, float32 [3200] a tick at 16 kHz, until the scene is over."""
        while True:
            now_s = tick_start_s(self._n_ticks)
            heard = self._agent.spans(now_s)
            self._act(now_s, heard)
            if self._over(now_s, heard):
                return
            mixed_S, loud_P = self._microphone.tick(self._n_ticks, self._echo(now_s))
            self._n_ticks += 1
            yield self._connection.carry(mixed_S, loud_P)

    def truth(self) -> Truth:
        """What the lane holds, in its own time; complete once ``ticks`` came to an end."""
        scene = self._scene
        return Truth(
            scene=scene.id,
            suite=scene.suite,
            family=scene.family,
            voices=scene.voices,
            split=scene.split,
            seed=scene.seed,
            length_s=tick_start_s(self._n_ticks),
            events=tuple(self._event(each) for each in self._placed),
            wanted=tuple(self._wanted()),
        )

    # -- acting -----------------------------------------------------------------------------------

    def _act(self, now_s: float, heard: list[Seconds]) -> None:
        """Say all that begins in the tick at ``now_s``."""
        while self._moves:
            number, move = self._moves[0]
            due_s = self._due_s(move, now_s, heard)
            if due_s is not None and due_s < now_s + TICK_S:
                self._moves.popleft()
                self._say(move.sound, max(due_s, now_s), number, over_agent=move.over_agent)
            elif not (move.over_agent and self._idle(now_s, heard)):
                return
            elif self._fuel:
                at_s = now_s + float(self._rng.uniform(0, TICK_S))  # off the engine's ticks
                self._say(self._fuel.popleft(), at_s, None, over_agent=False)
            else:
                self._moves.popleft()  # its moment never came: void
                void = Placed(
                    sound=move.sound, number=number, over_agent=True, at_s=now_s, spans=()
                )
                self._placed.append(void)

    def _say(self, sound: Sound, at_s: float, number: int | None, *, over_agent: bool) -> None:
        spans = self._microphone.place(sound, round(at_s * USER_RATE_HZ))
        placed = Placed(sound=sound, number=number, over_agent=over_agent, at_s=at_s, spans=spans)
        self._placed.append(placed)

    def _due_s(self, move: Move, now_s: float, heard: list[Seconds]) -> float | None:
        """When a move is due, as far as can be told; None: not yet."""
        last = self._last
        match move.anchor:
            case Anchor.START:
                return move.after_s
            case Anchor.FIRST:
                return self._placed[0].end_s + move.after_s if self._placed else FIRST_S
            case Anchor.PREVIOUS:
                return last.end_s + move.after_s if last else FIRST_S
            case Anchor.VOICE:
                return self._on_voice_s(move.after_s, now_s, heard)
            case Anchor.SILENCE:
                if last is None:
                    return FIRST_S
                return self._in_silence_s(move.after_s, now_s, heard)

    def _on_voice_s(self, after_s: float, now_s: float, heard: list[Seconds]) -> float | None:
        last = self._last
        if last is None or not _sounding(now_s, heard):
            return None
        began_s = heard[-1][0]
        if last.sound.kind in TAKES_FLOOR and began_s < last.start_s:
            # Still the old answer: what comes now would meet a yield to the turn, if one comes.
            return last.end_s + DEAF_S + after_s
        return max(began_s, last.end_s) + after_s

    def _in_silence_s(self, after_s: float, now_s: float, heard: list[Seconds]) -> float | None:
        last = self._last
        assert last is not None
        end_s = last.end_s
        if now_s >= end_s + ENDLESS_S:
            return now_s
        if _sounding(now_s, heard):
            return None
        quiet_s = max(end_s, heard[-1][1] if heard else 0.0)
        if self._answer_due and not _answered(last, heard):
            return end_s + max(ANSWER_S, after_s)
        return quiet_s + after_s

    def _idle(self, now_s: float, heard: list[Seconds]) -> bool:
        """Whether nothing more is to be waited for: the user must speak to get the agent talking."""
        last = self._last
        if last is None:
            return now_s >= FIRST_S
        if now_s >= last.end_s + ENDLESS_S:
            return (
                True  # an agent that stutters never speaks for long, and is never silent for long
            )
        if _sounding(now_s, heard):
            return False
        quiet_s = max(last.end_s, heard[-1][1] if heard else 0.0)
        patience_s = REST_S
        if not _answered(last, heard):
            patience_s = ANSWER_S if self._answer_due else RESUME_S
        return now_s >= quiet_s + patience_s

    def _over(self, now_s: float, heard: list[Seconds]) -> bool:
        if self._moves:
            return False
        last = self._last
        last_s = last.end_s if last else 0.0
        if (tail_s := self._scene.tail_s) is not None:
            latest_s = max((wanted.latest_s for wanted in self._wanted()), default=0.0)
            return now_s >= max(last_s, latest_s) + tail_s
        if _sounding(now_s, heard) or now_s >= last_s + ENDLESS_S:
            return now_s >= last_s + ENDLESS_S
        waited = last is None or not self._answer_due or _answered(last, heard)
        quiet_s = max(last_s, heard[-1][1] if heard else 0.0)
        return now_s >= quiet_s + (LISTEN_S if waited else ANSWER_S)

    @property
    def _last(self) -> Placed | None:
        """What was said last."""
        return next((each for each in reversed(self._placed) if each.spans), None)

    @property
    def _answer_due(self) -> bool:
        """Whether the last words that were for the agent want an answer."""
        spoken = (p for p in reversed(self._placed) if p.spans and p.sound.kind in TAKES_FLOOR)
        last, turn = self._last, next(spoken, None)
        return turn is not None and turn is last and turn.sound.finished

    def _echo(self, now_s: float) -> Float32:
        around = self._scene.around
        if around.echo_db is None:
            return np.zeros(TICK_USER_SAMPLES, np.float32)
        start_s = round(now_s - around.echo_delay_s, 3)
        piece_S = self._agent.piece(start_s, round(start_s + TICK_S, 3))
        return np.asarray(piece_S * np.float32(from_db(around.echo_db)), np.float32)

    # -- telling ----------------------------------------------------------------------------------

    def _event(self, placed: Placed) -> Event:
        sound, arrived_s = placed.sound, self._connection.arrived_s
        spans = [(a / USER_RATE_HZ, b / USER_RATE_HZ) for a, b in placed.spans]
        gaps = [
            Span(start_s=_rounded(arrived_s(end)), end_s=_rounded(arrived_s(start)))
            for (_, end), (start, _) in pairwise(spans)
        ]
        long = [gap for gap in gaps if gap.end_s - gap.start_s >= PAUSE_S]
        return Event(
            kind=sound.kind,
            start_s=_rounded(arrived_s(placed.start_s)),
            end_s=_rounded(arrived_s(placed.end_s)),
            text=sound.text,
            voice=sound.voice,
            over_agent=placed.over_agent,
            finished=sound.finished,
            pauses=tuple(long) if sound.kind in TAKES_FLOOR else (),
            slots=sound.slots,
        )

    def _wanted(self) -> Iterator[Wanted]:
        """The windows whose sound has been said."""
        by_number = {placed.number: placed for placed in self._placed}
        for wish in self._scene.wishes:
            if (placed := by_number.get(wish.after)) is not None:
                edge_s = placed.start_s if wish.edge == "start" else placed.end_s
                at_s = self._connection.arrived_s(edge_s)
                yield Wanted(
                    content=wish.content,
                    earliest_s=_rounded(at_s + wish.from_s),
                    latest_s=_rounded(at_s + wish.to_s),
                )


def _sounding(now_s: float, heard: list[Seconds]) -> bool:
    return bool(heard) and now_s - heard[-1][1] <= SOUNDING_S


def _answered(last: Placed, heard: list[Seconds]) -> bool:
    """Whether the agent spoke behind the user's last sound; the rest of an old answer is no new one."""
    if not heard or heard[-1][1] <= last.end_s:
        return False
    began_s, ended_s = heard[-1]
    old = last.sound.kind in TAKES_FLOOR and began_s < last.start_s
    return not old or ended_s >= last.end_s + DEAF_S


def _rounded(time_s: float) -> float:
    return round(time_s, 4)

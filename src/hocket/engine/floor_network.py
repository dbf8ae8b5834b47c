"""The floor network at work: a tick in, the chances of every floor action and who will sound out.

Law: tick by tick it says what ``hocket.training.running`` says over the whole session (to rounding):
windows of ``window_ticks`` that share ``context_ticks``, as in training, so that no position is older than
training knew. The next window is read along before it is needed: no tick carries a burst, and a tick
costs the same after an hour. Source: model/inputs.py for the same inputs in torch.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hocket.audio.dmel import LEVELS, MELS
from hocket.audio.levels import FLOOR_DB
from hocket.core.units import TICK_S
from hocket.engine.kv import Kv, KvSnapshot
from hocket.engine.port import silent_dmel
from hocket.engine.runtime import Body
from hocket.model.duplex_config import (
    FADES_S,
    FEATURE_WIDTH,
    TOKEN_WIDTH,
    USER_VOICE,
)
from hocket.model.user_voice import UserVoice, voices
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.modes import MANNERS, Manner, Mode

Float32: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = Mapping[str, Float32]

EPS: Final = 1e-5
MOST_TOKENS: Final = 24  # a tick; the rest waits


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorTick:
    """What the network sees of one tick. What was done and played is of the tick before."""

    last_floor: Floor = Floor.LISTEN
    played_db: float = FLOOR_DB
    played_share: float = 0.0
    level_db: float = FLOOR_DB  # of the user
    dmel_FM: NDArray[np.uint8] = field(default_factory=silent_dmel)  # of the user [8, 80]
    manner: Manner = MANNERS[Mode.RESPONSIVE]
    played_dmel_M: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(MELS, np.uint8))
    features_QE: Float32  # [4, 576]
    tokens_NE: Float32  # [N, E]: frozen embeddings, and what is known beside
    kinds_N: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorChances:
    """What the network says of one tick."""

    p_C: Float32  # over FLOORS; sums to 1
    user_ahead_B: Float32  # chance of speech in the next 200, 400, 600, 800 ms, in turn
    agent_ahead_B: Float32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recent:
    """A summary of the last ticks."""

    means: tuple[Float32, ...] = ()  # of features [576], the latest last
    voices: tuple[tuple[float, ...], ...] = ()  # numbers of user_voice.py, likewise
    user: UserVoice = field(default_factory=UserVoice)
    latest_E: Float32
    age: int | None = None  # ticks since the latest token came


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSnapshot:
    """All that a stream remembers."""

    tick: int
    recent: _Recent
    now: KvSnapshot
    next: KvSnapshot | None


class FloorNetwork:
    """One network for all sessions of a worker. ``weights``: by the names of model/duplex.py."""

    def __init__(
        self,
        body: Body,
        weights: Weights,
        *,
        window_ticks: int,
        context_ticks: int,
        recent_ticks: int,
    ) -> None:
        self.body = body
        if not 0 < 2 * context_ticks <= window_ticks:
            raise ValueError(f"expected a context of half a window, got {context_ticks}")
        self.window_ticks, self.step_ticks = window_ticks, window_ticks - context_ticks
        self.recent_ticks = recent_ticks
        self.token_width = int(weights["embedding.words.project.weight"].shape[1])
        self._w = {name: np.asarray(w, np.float32) for name, w in weights.items()}

    @property
    def reads_signs(self) -> bool:
        """Whether it is told beside each token what turn_reader.py makes of it."""
        return self.token_width > TOKEN_WIDTH

    def open(self) -> "FloorStream":
        """A fresh stream."""
        return FloorStream(self)

    # -- inputs -------------------------------------------------------------------------------------

    def embedded(self, tick: FloorTick, recent: "_Recent") -> Float32:
        """The positions of a tick [P, D]: F, four of sound, a token each."""
        own_D = self._own(tick, recent.voices[-1])
        x_PD = np.concatenate([own_D[None], self._sound(tick), self._words(tick)])
        x_PD[-1] += self._summary(tick, recent)
        return x_PD

    def _own(self, tick: FloorTick, voice: tuple[float, ...]) -> Float32:
        w = self._w
        own = (1 - tick.played_db / FLOOR_DB, tick.played_share, *voice)
        levels_L = np.array([*own, *astuple(tick.manner)], np.float32)
        bag = tick.played_dmel_M.astype(np.int64) + np.arange(MELS) * LEVELS
        sum_D = w["embedding.own.floor.weight"][FLOORS.index(tick.last_floor)]
        sum_D = sum_D + _linear(levels_L, w, "embedding.own.levels")
        sum_D = sum_D + w["embedding.own.played.weight"][bag].sum(0)
        return _rms(sum_D, w["embedding.own.norm.weight"])

    def _sound(self, tick: FloorTick) -> Float32:
        projected_QD = _linear(tick.features_QE, self._w, "embedding.sound.project")
        return _rms(projected_QD, self._w["embedding.sound.norm.weight"])

    def _words(self, tick: FloorTick) -> Float32:
        w = self._w
        sum_ND = tick.tokens_NE @ w["embedding.words.project.weight"].T
        sum_ND = sum_ND + w["embedding.words.kind.weight"][tick.kinds_N]
        return _rms(sum_ND, w["embedding.words.norm.weight"])

    def _summary(self, tick: FloorTick, recent: "_Recent") -> Float32:
        w = self._w
        means = [np.zeros(FEATURE_WIDTH, np.float32)] * (self.recent_ticks - len(recent.means))
        normed_WS = _layer_norm(np.stack([*means, *recent.means]), w, "embedding.recent.sound_norm")
        fresh = 0.0 if recent.age is None else float(np.exp(-recent.age * TICK_S / FADES_S))
        sum_D = w["embedding.recent.floor.weight"][FLOORS.index(tick.last_floor)]
        sum_D = sum_D + w["embedding.recent.sound.weight"] @ normed_WS.reshape(-1)
        voices_WV = np.zeros((self.recent_ticks, USER_VOICE), np.float32)
        voices_WV[self.recent_ticks - len(recent.voices) :] = recent.voices
        sum_D = sum_D + w["embedding.recent.user_voice.weight"] @ voices_WV.reshape(-1)
        sum_D = sum_D + w["embedding.recent.latest.weight"] @ recent.latest_E
        sum_D = sum_D + _linear(np.array([fresh], np.float32), w, "embedding.recent.age")
        return _rms(sum_D, w["embedding.recent.norm.weight"])

    # -- heads --------------------------------------------------------------------------------------

    def said(self, hidden_D: Float32) -> FloorChances:
        """The heads over the last position's hidden state."""
        logits_C = _linear(hidden_D, self._w, "heads.floor")
        odds_C = np.exp(logits_C - logits_C.max())
        user_B, agent_B = np.split(_linear(hidden_D, self._w, "heads.ahead"), 2)
        return FloorChances(
            p_C=np.asarray(odds_C / odds_C.sum(), np.float32),
            user_ahead_B=_sigmoid(user_B),
            agent_ahead_B=_sigmoid(agent_B),
        )


class FloorStream:
    """The floor network of one session."""

    def __init__(self, network: FloorNetwork) -> None:
        self._network = network
        self._tick = 0
        self._recent = _Recent(latest_E=np.zeros(network.token_width, np.float32))
        self._now = self._opened()
        self._next: Kv | None = None

    def step(self, tick: FloorTick) -> FloorChances:
        """The chances of one tick. Call once a tick, in order."""
        network = self._network
        self._recent = self._noted(tick)
        x_PD = network.embedded(tick, self._recent)
        if self._takes_over():
            assert self._next is not None
            self._now, self._next = self._next, None
        if self._begins_next():
            self._next = self._opened()
        hidden_PD = network.body.append(self._now, x_PD)
        if self._next is not None:
            network.body.append(self._next, x_PD)
        self._tick += 1
        return network.said(hidden_PD[-1])

    def snapshot(self) -> FloorSnapshot:
        """A value from which ``restore`` continues exactly."""
        body = self._network.body
        return FloorSnapshot(
            tick=self._tick,
            recent=self._recent,
            now=body.snapshot(self._now),
            next=None if self._next is None else body.snapshot(self._next),
        )

    def restore(self, snapshot: FloorSnapshot) -> None:
        """Go back to a snapshot of a stream of the same network."""
        body = self._network.body
        self._tick, self._recent = snapshot.tick, snapshot.recent
        body.restore(self._now, snapshot.now)
        self._next = None
        if snapshot.next is not None:
            self._next = self._opened()
            body.restore(self._next, snapshot.next)

    def _opened(self) -> Kv:
        most = self._network.window_ticks * (5 + MOST_TOKENS)
        return self._network.body.open(min(most, self._network.body.config.max_positions))

    def _begins_next(self) -> bool:
        """Whether the next window's context begins in this tick."""
        return self._tick > 0 and self._tick % self._network.step_ticks == 0

    def _takes_over(self) -> bool:
        """Whether the next window counts from this tick on."""
        behind = self._tick - self._network.window_ticks
        return behind >= 0 and behind % self._network.step_ticks == 0

    def _noted(self, tick: FloorTick) -> _Recent:
        before, width = self._recent, self._network.recent_ticks
        [voice] = voices(np.array([tick.level_db]), tick.dmel_FM[None])
        user = before.user.then(voice, FLOORS.index(tick.last_floor))
        heard = replace(
            before,
            means=(*before.means, tick.features_QE.mean(axis=0))[-width:],
            voices=(*before.voices, user.numbers())[-width:],
            user=user,
        )
        if len(tick.tokens_NE):
            return replace(heard, latest_E=tick.tokens_NE[-1], age=0)
        return replace(heard, age=None if before.age is None else before.age + 1)


def _linear(x: Float32, w: Weights, name: str) -> Float32:
    return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"], np.float32)


def _rms(x: Float32, weight_D: Float32) -> Float32:
    scale = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + np.float32(EPS))
    return np.asarray(x / scale * weight_D, np.float32)


def _layer_norm(x: Float32, w: Weights, name: str) -> Float32:
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + np.float32(EPS))
    return np.asarray(centred / scale * w[f"{name}.weight"] + w[f"{name}.bias"], np.float32)


def _sigmoid(x: Float32) -> Float32:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)

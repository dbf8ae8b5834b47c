"""The ears: features, level and heard words of one session, a tick of 200 ms at a time.

Law: each tick depends on the samples up to its end alone, and agreed words are final. Words are read
from a window that starts before their onset and is cut in front once it is long, or dropped in a
silence once all its words are agreed. A cut counts only when a fresh reading of what is left begins
with words already agreed, so none is lost or doubled at an edge.
Source: docs/architecture.md; agreement.py for the rule; moonshine.py for the graphs.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from hocket.audio.levels import rms_db
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.agreement import Ids, Word, agree, end_of, repeats, start_of
from hocket.engine.loudness_gate import LoudnessGate, levels_db
from hocket.engine.moonshine import Moonshine
from hocket.engine.port import FEATURES_SHAPE, Float32, HeardTick

FEATURE_WINDOW_SAMPLES: Final = 2 * USER_RATE_HZ
FEATURE_FRAMES: Final = 8
CUT_STEP_SAMPLES: Final = USER_RATE_HZ // 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsConfig:
    """Thresholds, with their evidence in benchmarks/results/ears.json."""

    lead_ticks: int = 2  # kept before the tick that opened the gate
    free_words: int = 4  # agreed words at the end that the decoder may write anew
    cut_above_s: float = 5.0
    keep_s: float = 2.5
    window_max_s: float = 8.0
    freeze_ticks: int = 3  # quiet ticks after which the window stops growing
    hold_last: bool = False
    log_p_min: float = -1.2  # mean of a hypothesis that is taken for words


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsState:
    """All that a stream remembers. Arrays are never written to, so a state is its own snapshot."""

    tick: int
    recent: Float32  # [32000], the last 2 s
    gate: LoudnessGate
    window: Float32  # [S], what words are read from; empty while nobody speaks
    quiet_ticks: int
    agreed: tuple[Word, ...]  # of the window
    tail: tuple[Word, ...]


START: Final = EarsState(
    tick=0,
    recent=np.zeros(FEATURE_WINDOW_SAMPLES, np.float32),
    gate=LoudnessGate(),
    window=np.zeros(0, np.float32),
    quiet_ticks=0,
    agreed=(),
    tail=(),
)


class MoonshineEars:
    """One pair of graphs for all sessions of a worker."""

    def __init__(self, moonshine: Moonshine, config: EarsConfig | None = None) -> None:
        self._moonshine = moonshine
        self._config = config or EarsConfig()

    @classmethod
    def load(cls, folder: Path, *, intra_op_threads: int = 1) -> "MoonshineEars":
        """Ears over the files of ``moonshine-tiny-en`` in ``folder``.

        Raises:
            ModelFileError: a file is missing or is not what its name says.
        """
        return cls(
            Moonshine(
                encoder=folder / "encoder_model.ort",
                decoder=folder / "decoder_model_merged.ort",
                tokenizer=folder / "tokenizer.bin",
                intra_op_threads=intra_op_threads,
            )
        )

    def open(self) -> "MoonshineEarsStream":
        """A fresh stream."""
        return MoonshineEarsStream(self._moonshine, self._config)


class MoonshineEarsStream:
    """The ears of one session."""

    def __init__(self, moonshine: Moonshine, config: EarsConfig) -> None:
        self._moonshine = moonshine
        self._config = config
        self._state = START

    def snapshot(self) -> EarsState:
        """The state, a plain value."""
        return self._state

    def restore(self, snapshot: object) -> None:
        """Go back to a snapshot of a stream of the same ears."""
        if not isinstance(snapshot, EarsState):
            raise TypeError(f"expected an EarsState, got {type(snapshot).__name__}")
        self._state = snapshot

    def step(self, samples_S: Float32) -> HeardTick:
        """Hear 200 ms: float32 [3200] at 16 kHz. Raises ValueError for another shape."""
        if samples_S.shape != (TICK_USER_SAMPLES,):
            raise ValueError(f"expected float32 [{TICK_USER_SAMPLES}], got {samples_S.shape}")
        before = self._state
        state = self._collect(before, np.asarray(samples_S, np.float32))
        frames_TD = self._moonshine.encode(state.recent)[-FEATURE_FRAMES:]
        newly: tuple[Word, ...] = ()
        if state.window.size:
            state, newly = self._read(state)
        self._state = replace(state, tick=state.tick + 1)
        return HeardTick(
            features=np.ascontiguousarray(frames_TD).reshape(FEATURES_SHAPE),
            level_db=rms_db(samples_S),
            heard=tuple(word.text for word in newly),
            tentative=tuple(word.text for word in state.tail),
        )

    def _collect(self, state: EarsState, samples_S: Float32) -> EarsState:
        """Put the new sound where it belongs."""
        gate = state.gate.hear(samples_S)
        recent = np.concatenate([state.recent[TICK_USER_SAMPLES:], samples_S])
        window = state.window
        quiet_ticks = 0 if gate.open else state.quiet_ticks + 1
        if window.size == 0 and gate.open:
            lead = min(self._config.lead_ticks, state.quiet_ticks, state.tick)
            window = recent[-(lead + 1) * TICK_USER_SAMPLES :]
        elif window.size and quiet_ticks <= self._config.freeze_ticks:
            window = np.concatenate([window, samples_S])
        return replace(state, gate=gate, recent=recent, window=window, quiet_ticks=quiet_ticks)

    def _read(self, state: EarsState) -> tuple[EarsState, tuple[Word, ...]]:
        """Compare a new hypothesis with the last one."""
        state, words = self._cut_and_write(state)
        found = agree(
            state.tail, words, hold_last=self._config.hold_last and state.quiet_ticks == 0
        )
        state = replace(state, agreed=state.agreed + found.newly, tail=found.tail)
        if not state.tail and state.quiet_ticks >= self._config.freeze_ticks:
            state = replace(state, window=START.window, agreed=())
        elif not state.tail and not state.agreed and state.window.size > 3 * USER_RATE_HZ:
            state = replace(state, window=state.window[-USER_RATE_HZ:])
        return state, found.newly

    def _cut_and_write(self, state: EarsState) -> tuple[EarsState, list[Word]]:
        """The words after the agreed ones, from a shorter window where the cut holds."""
        config = self._config
        if state.window.size > config.cut_above_s * USER_RATE_HZ and state.agreed:
            at = self._cut_at(state)
            cut_tick = state.tick - (state.window.size - at) // TICK_USER_SAMPLES
            expected = sum(word.tick <= cut_tick for word in state.agreed)
            shorter = replace(state, window=state.window[at:])
            draft = _ids(state.agreed[expected:] + state.tail)
            words = self._write(shorter, (), draft)
            keys = [word.key for word in words]
            start = start_of(keys, [word.key for word in state.agreed], expected=expected)
            if start is not None:
                shorter = replace(shorter, agreed=state.agreed[start:])
                n = end_of([word.key for word in shorter.agreed], keys)
                return shorter, words[n:]
            if state.window.size > config.window_max_s * USER_RATE_HZ:
                shorter = replace(shorter, agreed=state.agreed[expected:])
                n = end_of([word.key for word in shorter.agreed], keys)
                return shorter, words[n:]
        n_forced = max(len(state.agreed) - config.free_words, 0)
        open_words = state.agreed[n_forced:]
        words = self._write(state, _ids(state.agreed[:n_forced]), _ids(open_words + state.tail))
        n = end_of([word.key for word in open_words], [word.key for word in words])
        return state, words[n:]

    def _write(self, state: EarsState, forced: Ids, draft: Ids) -> list[Word]:
        """A hypothesis of the window after the ``forced`` tokens; none where it looks invented."""
        reading = self._moonshine.decode(self._moonshine.encode(state.window), forced, draft)
        words = [
            Word(text=text, ids=ids, tick=state.tick)
            for text, ids in self._moonshine.tokens.words(reading.tokens)
        ]
        mean = sum(reading.log_p) / len(reading.log_p)
        if mean < self._config.log_p_min or repeats([word.key for word in words]):
            return []
        return [word for word in words if word.key]

    def _cut_at(self, state: EarsState) -> int:
        """The quietest 50 ms near the place that keeps ``keep_s``, as a sample of the window."""
        middle = state.window.size - int(self._config.keep_s * USER_RATE_HZ)
        first = max(middle - USER_RATE_HZ * 3 // 4, 0)
        span_S = state.window[first : middle + USER_RATE_HZ * 3 // 4]
        n = span_S.size // CUT_STEP_SAMPLES
        steps_db = levels_db(span_S[: n * CUT_STEP_SAMPLES], n)
        return first + int(np.argmin(steps_db)) * CUT_STEP_SAMPLES + CUT_STEP_SAMPLES // 2


def _ids(words: tuple[Word, ...]) -> Ids:
    return tuple(token for word in words for token in word.ids)

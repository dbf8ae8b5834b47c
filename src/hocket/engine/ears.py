"""The ears: features, level and heard words of one session, a tick of 200 ms at a time.

Law: each tick depends on the samples up to its end alone, and agreed words are final. Words are read
from a window that starts before their onset and is cut in front once it is long, or dropped in a
silence once all its words are agreed. A cut counts only when a fresh reading of what is left begins
with words already agreed, so none is lost or doubled at an edge.
Source: docs/architecture.md; agreement.py for the rule; moonshine.py for the graphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from hocket.audio.dmel import tick_dmel
from hocket.audio.levels import rms_db
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.agreement import Ids, Word, agree, contradicts, end_of, repeats, start_of
from hocket.engine.moonshine import Moonshine
from hocket.engine.port import FEATURES_SHAPE, Float32, HeardTick
from hocket.engine.speech_gate import SpeechGate, levels_db

FEATURE_WINDOW_SAMPLES: Final = 2 * USER_RATE_HZ
FEATURE_FRAMES: Final = 8
GROWTH_TOKENS: Final = 10  # a tick adds one or two; a decoder in a circle adds all it may
CUT_STEP_SAMPLES: Final = USER_RATE_HZ // 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsConfig:
    """Thresholds, with their evidence in benchmarks/results/ears.json."""

    lead_ticks: int = 2  # kept before the tick that opened the gate
    free_words: int = 4  # agreed words at the end that the decoder may write anew
    cut_above_s: float = 5.0
    keep_s: float = 2.5
    window_max_s: float = 8.0
    freeze_ticks: int = 2  # quiet ticks after which the window stops growing
    evidence_min: float = 4.0  # one clear tick of speech has 10, noise that opens the gate 0 to 4
    first_log_p_min: float = -0.95  # of a window's first token: noise -1.0 and less, speech -0.1
    sure_evidence: float = 20.0  # this much is speech whatever its first word; noise has 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsState:
    """All that a stream remembers. Arrays are never written to, so a state is its own snapshot."""

    tick: int
    recent: Float32  # [32000], the last 2 s
    gate: SpeechGate
    window: Float32  # [S], what words are read from; empty while nobody speaks
    evidence: float  # log odds of speech, summed over the window's open ticks
    cut_failed: bool  # in the last tick
    quiet_ticks: int
    agreed: tuple[Word, ...]  # of the window
    tail: tuple[Word, ...]


START: Final = EarsState(
    tick=0,
    recent=np.zeros(FEATURE_WINDOW_SAMPLES, np.float32),
    gate=SpeechGate(),
    window=np.zeros(0, np.float32),
    evidence=0.0,
    cut_failed=False,
    quiet_ticks=0,
    agreed=(),
    tail=(),
)


class MoonshineEars:
    """One set of graphs for all sessions of a worker."""

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
        samples_S = np.asarray(samples_S, np.float32)
        state = self._state
        recent = np.concatenate([state.recent[TICK_USER_SAMPLES:], samples_S])
        frames_TD = self._moonshine.encode(recent)[-FEATURE_FRAMES:]
        gate = state.gate.hear(samples_S, frames_TD)
        state = self._collect(replace(state, recent=recent, gate=gate), samples_S)
        newly: tuple[Word, ...] = ()
        if state.window.size:
            state, newly = self._read(state)
        self._state = replace(state, tick=state.tick + 1)
        return HeardTick(
            features=np.ascontiguousarray(frames_TD).reshape(FEATURES_SHAPE),
            level_db=rms_db(samples_S),
            dmel_FM=tick_dmel(samples_S),
            heard=_final_texts(newly, at_the_end=not state.tail and not state.quiet_ticks),
            tentative=tuple(word.text for word in state.tail),
        )

    def _collect(self, state: EarsState, samples_S: Float32) -> EarsState:
        """Put the new sound where it belongs."""
        window = state.window
        quiet_ticks = 0 if state.gate.open else state.quiet_ticks + 1
        if state.gate.open and window.size == 0:
            lead = min(self._config.lead_ticks, max(state.quiet_ticks - 1, 0), state.tick)
            window = state.recent[-(lead + 1) * TICK_USER_SAMPLES :]
        elif window.size and quiet_ticks <= self._config.freeze_ticks:
            window = np.concatenate([window, samples_S])
        evidence = state.evidence + max(state.gate.log_odds, 0.0) * state.gate.open
        return replace(state, window=window, evidence=evidence, quiet_ticks=quiet_ticks)

    def _read(self, state: EarsState) -> tuple[EarsState, tuple[Word, ...]]:
        """Compare a new hypothesis with the last one."""
        long = state.window.size > self._config.cut_above_s * USER_RATE_HZ
        if long and state.agreed and not state.cut_failed:
            state, words = self._cut(state)
        else:
            state, words = self._write_on(replace(state, cut_failed=False))
        if words is None:
            return state, ()
        found = agree(state.tail, words, going_on=not state.quiet_ticks)
        state = replace(state, agreed=state.agreed + found.newly, tail=found.tail)
        if not state.tail and state.quiet_ticks >= self._config.freeze_ticks:
            state = replace(state, window=START.window, evidence=0.0, agreed=())
        elif not state.tail and not state.agreed and state.window.size > 3 * USER_RATE_HZ:
            state = replace(state, window=state.window[-USER_RATE_HZ:], evidence=0.0)
        return state, found.newly

    def _write_on(self, state: EarsState) -> tuple[EarsState, list[Word]]:
        """The words after the agreed ones, most of these forced; all, where it writes others instead."""
        n_forced = max(len(state.agreed) - self._config.free_words, 0)
        forced, free = state.agreed[:n_forced], state.agreed[n_forced:]
        words = self._write(state, _ids(forced), _ids(free + state.tail))
        end = end_of(_keys(free), _keys(words))
        if contradicts(_keys(words[:end]), _keys(free)):
            return state, self._write(state, _ids(state.agreed), _ids(state.tail))
        return state, words[end:]

    def _cut(self, state: EarsState) -> tuple[EarsState, list[Word] | None]:
        """The words after the agreed ones, from a shorter window; None where the cut failed.

        A cut that failed is tried again two ticks later: writing the long window in the same tick
        as well would cost 200 ms, waiting costs its words one tick. Past ``window_max_s`` the ticks
        of first sighting decide what was cut off.
        """
        at = self._cut_at(state)
        cut_tick = state.tick - (state.window.size - at) // TICK_USER_SAMPLES
        expected = sum(word.tick <= cut_tick for word in state.agreed)
        cut = replace(state, window=state.window[at:])
        words = self._write(cut, (), _ids(state.agreed[expected:] + state.tail))
        start = start_of(_keys(words), _keys(state.agreed), expected=expected)
        if start is None:
            if state.window.size <= self._config.window_max_s * USER_RATE_HZ:
                return replace(state, cut_failed=True), None
            start = expected
        cut = replace(cut, agreed=state.agreed[start:])
        return cut, words[end_of(_keys(cut.agreed), _keys(words)) :]

    def _write(self, state: EarsState, forced: Ids, draft: Ids) -> list[Word]:
        """A hypothesis of the window after the ``forced`` tokens; none where it looks invented."""
        if not state.agreed and state.evidence < self._config.evidence_min:
            return []
        frames_TD = self._moonshine.encode(state.window)
        reading = self._moonshine.decode(frames_TD, forced, draft, growth=GROWTH_TOKENS)
        log_p = iter(reading.log_p)
        words = [
            Word(text=text, ids=ids, tick=state.tick, log_p=min(islice(log_p, len(ids))))
            for text, ids in self._moonshine.tokens.words(reading.tokens)
        ]
        unsure = not state.agreed and state.evidence < self._config.sure_evidence
        doubted = unsure and reading.log_p[0] < self._config.first_log_p_min
        if doubted or repeats(_keys(words)):
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


def _keys(words: Sequence[Word]) -> list[str]:
    return [word.key for word in words]


def _final_texts(newly: tuple[Word, ...], *, at_the_end: bool) -> tuple[str, ...]:
    """Texts of newly agreed words, without a mark that is a guess.

    The decoder takes the end of its window for the end of a sentence: "What is the capital? of".
    """
    texts = tuple(word.text for word in newly)
    if not (texts and at_the_end):
        return texts
    return (*texts[:-1], texts[-1].rstrip(".,?!") or texts[-1])


def _ids(words: tuple[Word, ...]) -> Ids:
    return tuple(token for word in words for token in word.ids)

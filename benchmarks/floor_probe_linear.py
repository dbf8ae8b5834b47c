"""Before a network is blamed: what do its inputs say to a plain reading, in one silence at a time?

    python -m benchmarks.floor_probe_linear [--train PACK ...] [--test PACK] [--people PACK] [--json FILE]

A ridge-regularised logistic regression over the inputs of the last 1.4 s, read when a silence has lasted
for 0.2, 0.4 and 0.6 s: the end of a turn or a pause? Beside it what SmolLM2 says without ever having been
told of turns: how likely a sentence mark is after the words heard. AUC with 95 % intervals over resampled
voices; people judge people in five folds, no voice on both sides.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.result import write
from hocket.data.pack import Pack, SessionTicks
from hocket.engine.runtime import Backbone
from hocket.evaluation.intervals import bootstrap, percentile_interval
from hocket.model.chat import ChatTemplate
from hocket.model.duplex_config import AGREED
from hocket.recipes.engines import BRAIN
from hocket.training.silences import WAITS_S, area, read_at
from hocket.weights.store import data_folder, path_of

Array = NDArray[Any]

TICKS = 7
FOLDS = 5
RIDGE = 1.0  # chosen on validation voices among .01, .1 and 1
MOST_WORDS = 250  # tokens that the language model reads
PLAYS = 0.2  # of a tick: the agent sounds, and what was heard before belongs to another turn
INPUTS = {"features": 0, "dmel": 0, "words": 1, "features and words": 1}  # free columns of each


@dataclass(frozen=True, slots=True)
class Silences:
    """N silences: their inputs [N, D], whether the turn was over [N], whose they are [N]."""

    inputs: dict[str, Array]
    ended: Array
    voice: Array

    def __len__(self) -> int:
        return len(self.ended)

    def of(self, rows: Array) -> "Silences":
        """Some of them."""
        inputs = {name: x[rows] for name, x in self.inputs.items()}
        return Silences(inputs, self.ended[rows], self.voice[rows])


class MarkReader:
    """The base model's log probability of a sentence mark behind the words heard."""

    def __init__(self) -> None:
        self._model = Backbone.from_gguf(path_of(BRAIN), threads=1)
        self._chat = ChatTemplate(self._model.tokenizer)
        self._marks = [self._chat.ids(mark)[0] for mark in ".?!"]

    def read(self, session: SessionTicks, tick: int) -> float:
        """At a tick, over what was heard since the agent last sounded; 0 words say nothing: -20."""
        text = self._model.tokenizer.decode(_heard(session, tick)).strip().rstrip(".?!,")
        if not text:
            return -20.0
        ids = (self._chat.opens("user") + self._chat.words(text, first=True))[-MOST_WORDS:]
        hidden = self._model.append(self._model.open(256), self._model.embed(ids))
        logits_V = self._model.logits(hidden[-1:]).reshape(-1).astype(np.float64)
        return float(np.logaddexp.reduce(logits_V[self._marks]) - np.logaddexp.reduce(logits_V))


def _heard(session: SessionTicks, tick: int) -> list[int]:
    """Tokens of all agreed words since the agent last sounded, and of the last tentative ones."""
    played = np.flatnonzero(np.asarray(session.played_share[: tick + 1]) > PLAYS)
    first = int(played[-1]) + 1 if len(played) else 0
    ends = np.concatenate([[0], session.input_end])
    agreed: list[int] = []
    tentative: list[int] = []
    for at in range(first, tick + 1):
        ids = np.asarray(session.input_ids[ends[at] : ends[at + 1]])
        kinds = np.asarray(session.input_kinds[ends[at] : ends[at + 1]])
        if len(ids):
            agreed += ids[kinds == AGREED].tolist()
            tentative = ids[kinds != AGREED].tolist()
    return agreed + tentative


def silences_of(pack: Pack, wait_s: float, marks: MarkReader) -> Silences:
    """All silences of a pack that last so long; a sentence added to a finished one is left out."""
    features, dmel, words, ended, voice = [], [], [], [], []
    for session in pack:
        for mark in session.about["marks"]:
            if mark["kind"] not in ("pause", "turn_end") or mark.get("sentence_end"):
                continue
            tick = read_at(mark, wait_s)
            if tick is None or not TICKS < tick < len(session):
                continue
            last = slice(tick + 1 - TICKS, tick + 1)
            features.append(_means(session.features[last], TICKS))
            dmel.append(_means(session.dmel[last], 2 * TICKS))
            words.append([marks.read(session, tick)])
            ended.append(mark["kind"] == "turn_end")
            voice.append(str(session.about["voice"]))
    inputs = {"features": np.array(features), "dmel": np.array(dmel), "words": np.array(words)}
    inputs["features and words"] = np.concatenate([inputs["features"], inputs["words"]], axis=1)
    return Silences(inputs, np.array(ended, np.float32), np.array(voice))


def _means(x: Array, parts: int) -> Array:
    """The mean of each of so many stretches of a window, side by side: [parts * D]."""
    frames = np.asarray(x, np.float32)
    means: Array = frames.reshape(parts, -1, frames.shape[-1]).mean(axis=1)
    return means.ravel()


def fitted(inputs: Array, ended: Array, *, free: int) -> Callable[[Array], Array]:
    """The regression, as a function from inputs [N, D] to scores [N]; the last ``free`` pay no ridge."""
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-3
    x = torch.tensor((inputs - mean) / spread, dtype=torch.float32)
    y = torch.tensor(ended)
    weights = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=100)
    held = x.shape[1] - free

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        wrong = binary_cross_entropy_with_logits(x @ weights + bias, y)
        total: torch.Tensor = wrong + RIDGE * (weights[:held] ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    w, b = weights.detach().numpy(), float(bias.detach())

    def score(z: Array) -> Array:
        return np.asarray(((z - mean) / spread) @ w + b)

    return score


def told(scores: Array, of: Silences) -> dict[str, Any]:
    """AUC of scores over silences, with an interval over voices."""
    voices, voice_N = np.unique(of.voice, return_inverse=True)

    def auc(counts: Array) -> Array:
        times = counts[voice_N]
        ends = np.repeat(scores[of.ended > 0], times[of.ended > 0])
        pauses = np.repeat(scores[of.ended == 0], times[of.ended == 0])
        return np.array(area(ends, pauses) if len(ends) and len(pauses) else np.nan)

    found = float(auc(np.ones(len(voices), np.int64)))
    interval = percentile_interval(bootstrap(auc, len(voices), seed=0))
    return {
        "auc": round(found, 3),
        "low": round(interval.low, 3),
        "high": round(interval.high, 3),
        "ends": int(of.ended.sum()),
        "pauses": int((of.ended == 0).sum()),
    }


def across(people: Silences, name: str, more: Silences | None) -> Array:
    """Scores of people by a regression that never heard them, with or without made voices added."""
    voices = np.unique(people.voice)
    fold = {voice: i % FOLDS for i, voice in enumerate(voices)}
    fold_N = np.array([fold[voice] for voice in people.voice])
    scores = np.zeros(len(people))
    for i in range(FOLDS):
        seen = people.of(fold_N != i)
        x, y = seen.inputs[name], seen.ended
        if more is not None:
            x = np.concatenate([more.inputs[name], x])
            y = np.concatenate([more.ended, y])
        scores[fold_N == i] = fitted(x, y, free=INPUTS[name])(people.inputs[name][fold_N == i])
    return scores


def joined(parts: Sequence[Silences]) -> Silences:
    """Several packs' silences as one."""
    inputs = {name: np.concatenate([p.inputs[name] for p in parts]) for name in INPUTS}
    ended, voice = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("ended", "voice")
    )
    return Silences(inputs, ended, voice)


def measure(train: list[Path], test: Path, people: Path) -> dict[str, Any]:
    """Every input, trained on made voices, on people, and on both."""
    marks = MarkReader()
    results: dict[str, Any] = {}
    for wait_s in WAITS_S:
        seen = joined([silences_of(Pack(folder), wait_s, marks) for folder in train])
        made = silences_of(Pack(test), wait_s, marks)
        real = silences_of(Pack(people), wait_s, marks)
        results[f"{wait_s} s"] = {
            "trained on silences": len(seen),
            **{name: _readings(name, seen, made, real) for name in INPUTS},
        }
    return results


def _readings(name: str, seen: Silences, made: Silences, real: Silences) -> dict[str, Any]:
    score = fitted(seen.inputs[name], seen.ended, free=INPUTS[name])
    return {
        "made voices, read by made voices": told(score(made.inputs[name]), made),
        "people, read by made voices": told(score(real.inputs[name]), real),
        "people, read by other people": told(across(real, name, None), real),
        "people, read by made voices and other people": told(across(real, name, seen), real),
    }


def main() -> None:
    packs = data_folder() / "packs"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, nargs="+", default=[packs / "probe-train"])
    parser.add_argument("--test", type=Path, default=packs / "probe-validation")
    parser.add_argument("--people", type=Path, default=packs / "probe-readers")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    write(options.json, "floor_probe_linear", measure(options.train, options.test, options.people))


if __name__ == "__main__":
    main()

"""How many of the bench's validation texts a language model answers with what was expected, in text alone.

    python -m benchmarks.answers [--words FOLDER] [--takes FOLDER] [--json FILE] [--show]

Law: no ears, no floor, no voice, so that what the words are worth is seen apart. Validation texts only: the
bench's test half stays unseen. ``--words`` is an exported engine (``hocket export``); without it the base as
the baselines use it. The texts come as written, hesitations and all, with their marks and without; of
``--takes`` (a bench's validation run of ``turns``) as the ears heard them there.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich.progress import track

from benchmarks.result import write
from hocket.core.units import USER_RATE_HZ
from hocket.data.splits import Split
from hocket.engine import shipped
from hocket.engine.answers import Answers, AnswerSettings
from hocket.engine.runtime import Backbone
from hocket.evaluation.bench.playing import take_of
from hocket.evaluation.intervals import wilson
from hocket.evaluation.lanes import Word
from hocket.evaluation.metrics.turns import ends
from hocket.evaluation.scenes.texts import HESITATION, Text, texts_of
from hocket.evaluation.words import Slots, met_at
from hocket.recipes.engines import BRAIN, TRAINED
from hocket.weights.store import path_of

FILES: Final = (
    *("questions", "requests", "statements", "lists", "numbers", "addresses", "hesitations"),
    "corrections",
)
MOST_TICKS: Final = 100
Asked: TypeAlias = Mapping[str, Sequence[tuple[str, Slots]]]  # by kind: questions, what is wanted
BEFORE_S, BEHIND_S = 0.4, 1.5  # of a turn: words that are its own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path)
    parser.add_argument("--takes", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print every answer")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.words:
        model = shipped.language_model(options.words, path_of(BRAIN), threads=options.threads)
        answers = Answers(model, model.tokenizer, TRAINED)
    else:
        model = Backbone.from_gguf(path_of(BRAIN), threads=options.threads, spin_us=0)
        answers = Answers(model, model.tokenizer, AnswerSettings())
    results: dict[str, Any] = {}
    every: list[bool] = []
    asked = _heard(options.takes) if options.takes else _written()
    for name, questions in asked.items():
        right = []
        for said, slots in track(questions, name):
            answer = answer_to(answers, said)
            right.append(is_met(slots, answer))
            if options.show:
                print(f"{'+' if right[-1] else '-'} {said} -> {answer}")
        every += right
        results[name] = _share(right)
    results["all"] = _share(every)
    write(options.json, "answers", results)


def _written() -> Asked:
    return {
        name: [
            (said, text.slots)
            for text in texts_of(name, Split.VALIDATION)
            if text.slots
            for said in _ways(text)
        ]
        for name in FILES
    }


def _heard(takes: Path) -> Asked:
    """By engine of the voice: what the ears agreed on around each turn whose answer is judged."""
    found: defaultdict[str, list[tuple[str, Slots]]] = defaultdict(list)
    for truth in sorted(takes.rglob("truth.json")):
        take = take_of(truth.parent, words=False)
        for _, turn in ends([take]):
            if not turn.event.slots or not take.answerable(turn):
                continue
            first_s, last_s = turn.start / USER_RATE_HZ, turn.end / USER_RATE_HZ
            words = [
                word
                for tick in take.score.ticks
                if first_s - BEFORE_S <= tick.t <= last_s + BEHIND_S
                for word in tick.user.heard
            ]
            found[turn.event.voice.split("/")[0]].append((" ".join(words), turn.event.slots))
    return dict(found)


def _ways(text: Text) -> tuple[str, str]:
    said = " ".join(text.text.replace(HESITATION, " ").split())
    return said, said.rstrip(".?!")


def answer_to(answers: Answers, question: str) -> str:
    """What is said to the first line of a chat."""
    chat = answers.open("")
    answers.hear(chat, tuple(question.split()))
    answers.draft(chat, ())
    said = ""
    for _ in range(MOST_TICKS):
        said += answers.work(chat, write=True, busy=False)
        if chat.done:
            break
    return said


def is_met(slots: Slots, answer: str) -> bool:
    """Whether the answer holds all that was expected."""
    words = [Word(text=word, start=i, end=i + 1) for i, word in enumerate(answer.split())]
    return met_at(slots, words) is not None


def _share(right: list[bool]) -> dict[str, Any]:
    interval = wilson(sum(right), len(right))
    return {
        "value": sum(right) / len(right),
        "n": len(right),
        "interval": [interval.low, interval.high],
    }


if __name__ == "__main__":
    main()

"""Whether the language model's sign of who is meant tells the bench's interruptions from talk to others.

    python -m benchmarks.meant --words FOLDER [--json FILE]

Law: no ears, no floor: every validation text behind each of a few half-said lines of the agent's, without
marks, as the ears would give it; the sign behind its last word, a mean over the lines
(engine/turn_reader.py). Validation texts only. A figure is the chance that the sign of a text that is
meant lies above that of one that is not. The bench's test half stays unseen.
"""

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.result import write
from hocket.data.splits import Split
from hocket.engine import shipped
from hocket.engine.turn_reader import TurnReader
from hocket.evaluation.roc import auc
from hocket.evaluation.scenes.texts import texts_of
from hocket.recipes.engines import BRAIN
from hocket.weights.store import path_of

MEANT: Final = ("interruptions", "questions", "requests", "statements")
NOT_MEANT: Final = ("sides", "background", "backchannels")
LINES: Final = (
    "The Alps are in Europe, and the highest of them is Mont Blanc, which is",
    "Sure. First, warm the milk, then add the",
    "Once upon a time there was a fox who lived near",
    "You could try a short walk in the evening, because",
    "A rainbow is made when sunlight passes through",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model = shipped.language_model(options.words, path_of(BRAIN), threads=options.threads)
    reader = shipped.turn_reader(options.words, model)
    signs = {
        name: np.array([sign(reader, text) for text in spoken(name)])
        for name in (*MEANT, *NOT_MEANT)
    }
    results: dict[str, Any] = {
        "texts": {name: len(signs_N) for name, signs_N in signs.items()},
        "auc": {
            meant: {other: round(auc(signs[meant], signs[other]), 3) for other in NOT_MEANT}
            for meant in MEANT
        },
    }
    write(options.json, "meant", results)


def spoken(name: str) -> list[str]:
    """The texts of a file, as ears write them."""
    found = [text.text.lower().replace("…", " ") for text in texts_of(name, Split.VALIDATION)]
    kept = ("".join(c for c in text if c.isalnum() or c in " '") for text in found)
    return list(dict.fromkeys(" ".join(text.split()) for text in kept))


def sign(reader: TurnReader, text: str) -> float:
    """Of who is meant: -1 surely others to 1 surely the agent."""
    tokenizer = reader.backbone.tokenizer
    found = []
    for line in LINES:
        stream = reader.open()
        stream.speaks(list(tokenizer.encode(line).ids))
        found.append(stream.read(list(tokenizer.encode(f" {text}").ids), [])[-1, 1])
    return float(np.mean(found))


if __name__ == "__main__":
    main()

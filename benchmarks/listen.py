"""Made sessions, listened to: does each lane say what the script says, when it says it?

    python -m benchmarks.listen PACK [--sessions 20] [--seed 0] [--json FILE]

A recogniser (faster-whisper base) hears both lanes of sessions drawn from a pack that was made with
``--lanes``: word errors of every turn and every phrase against the script. A voice-activity detector says
where speech begins and ends in the sound, to 32 ms: how far that lies from where the script has it.
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.result import write
from hocket.core.units import USER_RATE_HZ
from hocket.data.pack import Pack
from hocket.engine.baselines.silero import CHUNK, SileroVad, VadState
from hocket.evaluation.lanes import Word
from hocket.evaluation.words import tokens
from hocket.evaluation.words_back import words_of
from hocket.recipes.engines import VAD
from hocket.weights import store

ROLES = ("turn", "interruption", "backchannel")
AROUND_S = 0.3  # a decision's delay, and edges of words


def listened(pack: Pack, folder: Path, number: int, vad: SileroVad) -> list[dict[str, Any]]:
    """Everything said in a session, with what was heard of it."""
    about = pack.sessions[number]
    lanes = {
        "user": [each for each in about["sounds"] if each["role"] in ROLES],
        "agent": [each for each in about["said"] if each["whole"]],
    }
    found = []
    for side, said in lanes.items():
        suffix = ".flac" if side == "user" else ".agent.flac"
        lane_S, _ = soundfile.read(folder / "lanes" / f"{about['id']}{suffix}", dtype="float32")
        lines = _joined(said)
        runs = [_run(line, len(lane_S)) for line in lines]
        words = list(words_of(lane_S, runs))
        p_speech = np.array(vad.step(VadState(), lane_S))
        for line, run in zip(lines, runs, strict=True):
            told = _told(line, [w for w in words if run[0] <= w.start < run[1]])
            found.append({"side": side, **told, **_edges(line, run, p_speech)})
    return found


def _joined(said: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What follows at once as one line: alone, short phrases are guesses."""
    lines: list[dict[str, Any]] = []
    for each in said:
        if lines and each["start_s"] - lines[-1]["end_s"] < 2 * AROUND_S:
            text = f"{lines[-1]['text']} {each['text']}"
            lines[-1] = {**lines[-1], "text": text, "end_s": each["end_s"]}
        else:
            lines.append(dict(each))
    return lines


def _run(line: dict[str, Any], n_samples: int) -> tuple[int, int]:
    first = max(round((line["start_s"] - AROUND_S) * USER_RATE_HZ), 0)
    return first, min(round((line["end_s"] + AROUND_S) * USER_RATE_HZ), n_samples)


def _told(line: dict[str, Any], words: Sequence[Word]) -> dict[str, Any]:
    wanted, got = tokens(line["text"]), tokens(" ".join(word.text for word in words))
    return {
        "text": line["text"],
        "heard": " ".join(word.text for word in words),
        "words": len(wanted),
        "errors": edits(wanted, got),
    }


def _edges(line: dict[str, Any], run: tuple[int, int], p_speech: np.ndarray) -> dict[str, float]:
    """How far speech begins and ends behind the script's times; nothing where there is none."""
    first = run[0] // CHUNK
    speech = np.flatnonzero(p_speech[first : run[1] // CHUNK] >= 0.5) + first
    if not len(speech):
        return {}
    return {
        "starts_off_s": speech[0] * CHUNK / USER_RATE_HZ - line["start_s"],
        "ends_off_s": (speech[-1] + 1) * CHUNK / USER_RATE_HZ - line["end_s"],
    }


def edits(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Least substitutions, insertions and deletions from one to the other."""
    row = np.arange(len(got) + 1)
    for i, word in enumerate(wanted, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + np.array([word != g for g in got], np.int64))
        below = [i]
        for cost in best:
            below.append(min(int(cost), below[-1] + 1))
        row = np.array(below)
    return int(row[-1])


def summary(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of one side: word error rate, lines that were not heard at all, times of edges.

    A recogniser may say a word again and again where there is none: such lines are counted beside.
    """
    clear = [line for line in lines if line["errors"] < 10 + 2 * line["words"]]
    found = [line for line in lines if "starts_off_s" in line]
    starts, ends = ([line[key] for line in found] for key in ("starts_off_s", "ends_off_s"))
    return {
        "lines": len(lines),
        "not_heard": sum(not line["heard"] for line in lines),
        "words": sum(line["words"] for line in lines),
        "word_error_rate": round(
            sum(x["errors"] for x in clear) / sum(x["words"] for x in clear), 3
        ),
        "looped": len(lines) - len(clear),
        "starts_off_s": _quartiles(starts),
        "ends_off_s": _quartiles(ends),
    }


def _quartiles(values: Sequence[float]) -> list[float]:
    return [round(each, 3) for each in statistics.quantiles(values, n=4)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pack = Pack(options.pack)
    n = min(options.sessions, len(pack))
    drawn = np.random.default_rng(options.seed).choice(len(pack), n, replace=False)
    store.ensure([VAD])
    vad = SileroVad(store.path_of(VAD))
    lines = [line for i in sorted(drawn) for line in listened(pack, options.pack, int(i), vad)]
    worst = sorted(lines, key=lambda line: -line["errors"] / max(line["words"], 1))[:20]
    sides = {side: summary([x for x in lines if x["side"] == side]) for side in ("user", "agent")}
    write(options.json, "listen", {"sessions": n, **sides, "worst": worst})


if __name__ == "__main__":
    main()

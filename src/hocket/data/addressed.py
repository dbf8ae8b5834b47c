"""Who is meant: words heard while or after the agent spoke, and whether they were for it.

Law: what is read is what a reader in serving would have read: the agent's line as far as it was written,
then the user's words as the ears gave them; nothing that came later. Written conversations give the same
without the ears' errors. Source: script.py for what a sound is; engine/turn_reader.py reads so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Any, Final, TypeAlias

import numpy as np

from hocket.core.units import TICK_S
from hocket.data import texts
from hocket.data.conversations import Conversation, Kind
from hocket.data.pack import SessionTicks
from hocket.model.duplex_config import AGREED
from hocket.protocol.floor import FLOORS, Floor

Ids: TypeAlias = tuple[int, ...]

MEANT: Final = ("turn", "interruption")
LAG_TICKS: Final = 4  # words of a sound are agreed so late behind its end
_NOT_MEANT: Final = frozenset({Kind.BACKCHANNEL, Kind.SIDE})
_ACROSS: Final = _NOT_MEANT | {Kind.USER, Kind.INTERRUPTION}
HELD: Final = frozenset({FLOORS.index(Floor.SPEAK), FLOORS.index(Floor.HOLD)})
NODDED, YIELDED = FLOORS.index(Floor.BACKCHANNEL), FLOORS.index(Floor.YIELD)
FILLED_TIMES: Final = 3  # lines with slots come in several fillings
ACROSS_SHARE: Final = 0.4  # of the agent's written lines: one falls on it that nobody wrote there


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """Words, heard or written, behind as much of the agent's line as was written by then."""

    line: str
    words: str
    meant: bool


def written(session: SessionTicks) -> list[Ids | None]:
    """What the agent wrote of its line in each tick of it, drafts in the first; None between lines."""
    ends = np.concatenate(([0], session.text_end))
    found: list[Ids | None] = []
    draft: Ids = ()
    for tick, (first, stop) in enumerate(pairwise(ends)):
        floor = int(session.floor[tick])
        text = tuple(int(i) for i in session.text_ids[first:stop])
        if floor in HELD:
            found.append((*draft, *text))
            draft = ()
            continue
        found.append(None)
        if floor == YIELDED:
            draft = ()
        elif floor != NODDED:
            draft += text
    return found


def heard(session: SessionTicks, decode: Callable[[Sequence[int]], str]) -> Iterator[Addressed]:
    """Every sound of a session in which the ears found words. ``decode``: token ids to text."""
    lines = _lines(session)
    ends = np.concatenate(([0], session.input_end))
    sounds = session.about.get("sounds", ())
    starts = [int(sound["start_s"] / TICK_S) for sound in sounds]
    for number, sound in enumerate(sounds):
        stop = int(sound["end_s"] / TICK_S) + LAG_TICKS
        later = [start + 2 for start in starts[number + 1 :]]  # words of the next sound
        first, stop = starts[number], min([stop, len(session), *later])
        if stop <= first:
            continue
        inside = slice(int(ends[first]), int(ends[stop]))
        kinds = session.input_kinds[inside]
        words = decode([int(i) for i in session.input_ids[inside][kinds == AGREED]]).strip()
        line = decode(lines[first]).strip()
        if words and line:
            yield Addressed(line=line, words=words, meant=sound["role"] in MEANT)


def _lines(session: SessionTicks) -> list[Ids]:
    """For each tick the agent's latest line as far as it was written."""
    found: list[Ids] = []
    line: Ids = ()
    holding = False
    for text in written(session):
        if text is not None:
            line = (*line, *text) if holding else text
        holding = text is not None
        found.append(line)
    return found


def told(conversation: Conversation, rng: np.random.Generator) -> Iterator[Addressed]:
    """The same of a written conversation, with talk to others, or to the agent, on more of its lines."""
    unwritten = (lines_to_others(), lines_to_agent())
    lines = conversation.lines
    for number, line in enumerate(lines):
        if line.kind is not Kind.AGENT or not line.phrases:
            continue
        places = iter(line.places)
        for behind in takewhile(lambda each: each.kind in _ACROSS, lines[number + 1 :]):
            n = next(places, None) if behind.kind in _NOT_MEANT else line.cut_after
            yield Addressed(
                line=" ".join(line.phrases[:n]),
                words=behind.text,
                meant=behind.kind not in _NOT_MEANT,
            )
            if behind.kind not in _NOT_MEANT:
                break
        if rng.random() < ACROSS_SHARE:
            n = int(rng.integers(1, len(line.phrases) + 1))
            meant = bool(rng.random() < 0.5)
            said = unwritten[meant][int(rng.integers(len(unwritten[meant])))]
            yield Addressed(line=" ".join(line.phrases[:n]), words=said, meant=meant)


@lru_cache(maxsize=1)
def lines_to_others() -> tuple[str, ...]:
    """What is said near the agent and not to it, in training."""
    return (*_of_training(texts.Kind.SIDE), *_of_training(texts.Kind.BACKCHANNEL))


@lru_cache(maxsize=1)
def lines_to_agent() -> tuple[str, ...]:
    """What breaks in on the agent and is meant for it, in training."""
    return _of_training(texts.Kind.INTERRUPTION)


def _of_training(kind: texts.Kind) -> tuple[str, ...]:
    n = FILLED_TIMES * len(texts.of_training(kind))
    return tuple(dict.fromkeys(line.text for line in texts.lines(kind, n, seed=0)))


def balanced(found: Sequence[Any], rng: np.random.Generator) -> list[Any]:
    """As many that were meant as were not, in their order."""
    kinds = [[n for n, each in enumerate(found) if each.meant is meant] for meant in (True, False)]
    fewest = min(map(len, kinds))
    kept = {int(n) for own in kinds for n in rng.permutation(own)[:fewest]}
    return [each for n, each in enumerate(found) if n in kept]

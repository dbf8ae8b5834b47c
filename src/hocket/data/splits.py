"""Which split a voice belongs to, by its id: ``engine/name``.

Law: a voice is in one split, for ever, whatever is said with it; who is held out is written here and
nowhere else. An engine that is held out whole tells how far the others' sound was learned by heart; a few of
its voices are for validation, lest thresholds be chosen on voices like those of training alone.
A speaker counts once: flite's ``kal`` and ``kal16`` are one man; the meetings are split by company.
Source: docs/decisions/; the readers are every tenth file of LibriSpeech's folder, from the fourth and
the eighth on, so that none of them is among the readers that the ears' speech gate was fitted to.
"""

from enum import StrEnum
from typing import Final


class Split(StrEnum):
    """What a voice may be used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


HELD_OUT_ENGINE: Final = "espeak-ng"
BLENDS: Final = "+"  # between the names of voices whose mean is a voice
SPEED: Final = "*"  # before the speed at which a voice is played
READER: Final = "reader"
MEETING: Final = "meeting"
ROOM: Final = "room"  # impulse responses and noises are split as voices are

_TEST_READERS: Final = (
    "1069 1263 1594 1926 2092 2384 2691 2952 322 3486 3879 4051 4340 "
    "460 5022 5463 5808 6181 6529 7059 730 7780 8098 8419 8770"
)
_VALIDATION_READERS: Final = (
    "1116 1447 1737 198 2182 248 2836 307 3259 3699 3983 4160 441 "
    "481 5192 5678 6000 6367 6818 7148 7402 7859 8238 8580 89"
)
_HELD_OUT: Final = {
    Split.TEST: {
        "kokoro": "af_river am_fenrir bm_lewis",
        "flite": "kal kal16",
        READER: _TEST_READERS,
        MEETING: "trn06 trn07 trn08 trn09",
        ROOM: "noise5 rir4",
    },
    Split.VALIDATION: {
        "kokoro": "af_kore am_puck bf_lily",
        HELD_OUT_ENGINE: "en-us+belinda en-us+linda en-us+Michael en-gb+Gene en-gb+m8 en-us+klatt4",
        READER: _VALIDATION_READERS,
        MEETING: "trn04",
        ROOM: "noise4 rir3",
    },
}
_SPLITS: Final = {
    f"{engine}/{name}": split
    for split, engines in _HELD_OUT.items()
    for engine, names in engines.items()
    for name in names.split()
}


def split_of(voice: str) -> Split:
    """The split of a voice, reader (``reader/103``), meeting clip or room sound.

    What follows an ``@`` is how the voice was pitched, and a ``*`` its speed (speeds.py): it stays the
    same voice. A voice between two (``a+b``) is held out with either.
    """
    engine, _, names = voice.partition(SPEED)[0].partition("@")[0].partition("/")
    if engine == HELD_OUT_ENGINE:
        return _SPLITS.get(f"{engine}/{names}", Split.TEST)
    found = {_SPLITS.get(f"{engine}/{name}", Split.TRAIN) for name in names.split(BLENDS)}
    return next(iter(sorted(found - {Split.TRAIN})), Split.TRAIN)


def held_out(split: Split) -> frozenset[str]:
    """The voices that are named as held out for a split, the held-out engine aside."""
    return frozenset(voice for voice, where in _SPLITS.items() if where is split)

"""What a pack says of itself: hours by voice and behaviour, seed, and every licence that it rests on.

Law: computed from the scripts alone, so a card cannot forget what is in its pack.
Source: docs/data.md; the licences are those that the sources name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from hocket.core.units import TICK_S
from hocket.data.formant_voices import FLITE
from hocket.data.kokoro import ENGINE as KOKORO
from hocket.data.script import Script
from hocket.data.splits import HELD_OUT_ENGINE, MEETING, READER

OWN: Final = "texts, made noises: Hocket, Apache-2.0"
AGENT: Final = "the agent's voice, Piper en_US-joe: CC0-1.0"
ROOMS: Final = "rooms and recorded noises, SpeechBrain's test samples: Apache-2.0"
OF_ENGINES: Final = {
    KOKORO: "voices of Kokoro-82M: Apache-2.0",
    FLITE: "voices of Flite: BSD-like, Carnegie Mellon University",
    HELD_OUT_ENGINE: "voices of eSpeak NG: the program is GPL-3.0-or-later",
    READER: "readers of LibriSpeech: CC BY 4.0",
    MEETING: "meetings of the AMI corpus: CC BY 4.0",
}
OF_TEXTS: Final = {
    "sgd-": "dialogues of Schema-Guided Dialogue: CC BY-SA 4.0",
    "tm-": "dialogues of Taskmaster-4: CC BY 4.0",
}


def card(
    recipe: str, split: str, scripts: Sequence[Script], *, seed: int, version: int
) -> dict[str, Any]:
    """The card of a pack of these scripts."""
    return {
        "recipe": recipe,
        "split": split,
        "seed": seed,
        "made_by": version,
        "hours": round(sum(map(_hours, scripts)), 3),
        "hours_by_voice": _by(scripts, lambda script: [script.voice]),
        "hours_by_behaviour": _by(scripts, lambda script: [str(b) for b in script.behaviours]),
        "hours_by_mode": _by(scripts, lambda script: [script.mode]),
        "licences": licences(scripts),
    }


def licences(scripts: Sequence[Script]) -> list[str]:
    """Every source that sounds or is said in the scripts, with its licence."""
    found = {OWN}
    for script in scripts:
        found |= {OF_ENGINES[s.engine] for s in script.sounds if s.engine in OF_ENGINES}
        found |= {
            licence
            for each in script.conversation.split()
            for prefix, licence in OF_TEXTS.items()
            if each.startswith(prefix)
        }
        if script.lines:
            found.add(AGENT)
        if script.surroundings.room or any(sound.room for sound in script.sounds):
            found.add(ROOMS)
        if any(name.startswith("noise") for name in _noises(script)):
            found.add(ROOMS)
    return sorted(found)


def _noises(script: Script) -> Iterable[str]:
    return (script.surroundings.noise, *(sound.source for sound in script.sounds))


def _hours(script: Script) -> float:
    return script.n_ticks * TICK_S / 3600


def _by(scripts: Sequence[Script], keys_of: Callable[[Script], Sequence[str]]) -> dict[str, float]:
    """Hours of the sessions with each key; a session may have several."""
    hours: defaultdict[str, float] = defaultdict(float)
    for script in scripts:
        for key in keys_of(script):
            hours[key] += _hours(script)
    return {key: round(each, 3) for key, each in sorted(hours.items())}

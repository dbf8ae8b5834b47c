"""Complete configurations of what answers: ears, engine and voice, by the name of the engine.

Law: a recipe is a function from a ``Weights`` look-up to a ``Worker``; it opens files and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

from hocket.core.errors import BadInput
from hocket.engine.ablation import Ablated, Without
from hocket.engine.answers import Answers, AnswerSettings
from hocket.engine.baselines.cascade import Cascade
from hocket.engine.baselines.silero import SileroVad
from hocket.engine.baselines.smart_turn import SmartTurn
from hocket.engine.baselines.turns import TurnSettings
from hocket.engine.ears import MoonshineEars
from hocket.engine.runtime import SPIN_US, Backbone
from hocket.engine.talker import Talker
from hocket.engine.voice import PiperVoice
from hocket.engine.worker import Worker

PathOf = Callable[[str], Path]

EARS: Final = tuple(
    f"moonshine-tiny-en/{name}"
    for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
)
VOICE: Final = (
    "piper-en-us-joe/en_US-joe-medium.onnx",
    "piper-en-us-joe/en_US-joe-medium.onnx.json",
)
BRAIN: Final = "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
VAD: Final = "silero-vad/silero_vad.onnx"
TURN_DETECTOR: Final = "smart-turn-v3.2/smart-turn-v3.2-cpu.onnx"

# Ears and voice gain a third from a second core and lose half beside a busy neighbour; the brain gains
# 40 % (docs/decisions/0010-brain-threads-and-bits.md).
BRAIN_THREADS: Final = 2
# Served sessions meet: then a brain whose threads wait awake costs twice as much, one whose threads sleep
# costs 4 ms more alone (docs/decisions/0031-two-threads-for-sessions.md).
SERVED_THREADS: Final = 2

FILES: Final[dict[str, tuple[str, ...]]] = {
    "cascade-vad": (*EARS, *VOICE, BRAIN, VAD),
    "cascade-smart-turn": (*EARS, *VOICE, BRAIN, VAD, TURN_DETECTOR),
}
DEFAULT: Final = "cascade-vad"

# The baselines end an answer with the sentence that reaches eight words; where the bench lets sounds fall
# on the agent's speech, 17 of 50 of them met an answer that ended by itself before it could be judged.
AT_LENGTH: Final = AnswerSettings(enough_words=40, max_tokens=140)

SETTINGS: Final[dict[str, TurnSettings]] = {
    "cascade-vad": TurnSettings(end_ms=700.0),
    # With a turn detector the timeout is only its safety net (pipecat's default is 3 s).
    "cascade-smart-turn": TurnSettings(end_ms=3_000.0),
}


def ears(path_of: PathOf) -> MoonshineEars:
    """Moonshine-tiny."""
    return MoonshineEars.load(path_of(EARS[0]).parent)


def voice(path_of: PathOf) -> PiperVoice:
    """Piper's joe."""
    return PiperVoice(path_of(VOICE[0]))


def cascade(
    path_of: PathOf,
    name: str,
    settings: TurnSettings | None = None,
    *,
    answers: AnswerSettings | None = None,
    threads: int = BRAIN_THREADS,
    spin_us: int = SPIN_US,
) -> Cascade:
    """One of the two baselines at its default or given setting."""
    backbone = Backbone.from_gguf(path_of(BRAIN), threads=threads, spin_us=spin_us)
    with_detector = name == "cascade-smart-turn"
    return Cascade(
        name=name,
        vad=SileroVad(path_of(VAD)),
        talker=Talker(Answers(backbone, backbone.tokenizer, answers or AnswerSettings())),
        settings=settings or SETTINGS[name],
        turn_detector=SmartTurn(path_of(TURN_DETECTOR)) if with_detector else None,
    )


def worker(path_of: PathOf, name: str, settings: TurnSettings | None = None) -> Worker:
    """Everything that ``hocket talk`` needs for one engine.

    Raises:
        KeyError: no engine of that name; ``FILES`` lists them.
    """
    FILES[name]
    return Worker(ears=ears(path_of), engine=cascade(path_of, name, settings), voice=voice(path_of))


def benched(
    path_of: PathOf,
    name: str,
    changes: Mapping[str, float],
    without: Iterable[str],
    *,
    threads: int = BRAIN_THREADS,
    at_length: bool = False,
) -> Worker:
    """The same for ``hocket bench``: settings changed by name, some inputs taken away.

    ``at_length``: answers go on for some twelve seconds instead of a sentence.

    Raises:
        BadInput: no such engine, setting or input.
    """
    answers = AT_LENGTH if at_length else AnswerSettings()
    settings = settings_of(name, changes)
    engine = cascade(path_of, name, settings, answers=answers, threads=threads)
    blind = Ablated(engine, inputs_of(without))
    return Worker(ears=ears(path_of), engine=blind, voice=voice(path_of))


def settings_of(name: str, changes: Mapping[str, float]) -> TurnSettings:
    """An engine's settings with some of them changed.

    Raises:
        BadInput: no such engine or setting.
    """
    if name not in SETTINGS:
        raise BadInput(f"expected an engine of {', '.join(SETTINGS)}, got {name}")
    known = [each.name for each in fields(TurnSettings)]
    if unknown := sorted(set(changes) - set(known)):
        raise BadInput(f"expected settings among {', '.join(known)}, got {', '.join(unknown)}")
    return replace(SETTINGS[name], **changes)


def inputs_of(names: Iterable[str]) -> frozenset[Without]:
    """Inputs by name.

    Raises:
        BadInput: no such input.
    """
    wanted = set(names)
    if unknown := sorted(wanted - {str(each) for each in Without}):
        raise BadInput(f"expected inputs among {', '.join(Without)}, got {', '.join(unknown)}")
    return frozenset(Without(each) for each in wanted)


def served(path_of: PathOf, name: str) -> Worker:
    """The same for ``hocket serve``: sessions side by side on ``SERVED_THREADS`` threads."""
    FILES[name]
    engine = cascade(path_of, name, spin_us=0)
    return Worker(ears=ears(path_of), engine=engine, voice=voice(path_of))

"""Complete configurations of what answers: ears, engine and voice, by the name of the engine.

Law: a recipe is a function from a ``Weights`` look-up to a ``Worker``; it opens files and nothing else.
A name is a baseline's, or that of a trained model: shipped, or exported on this machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from hocket.core.errors import BadInput
from hocket.engine import shipped
from hocket.engine.ablation import Ablated, Without
from hocket.engine.answers import Answers, AnswerSettings
from hocket.engine.baselines.cascade import Cascade
from hocket.engine.baselines.silero import SileroVad
from hocket.engine.baselines.smart_turn import SmartTurn
from hocket.engine.baselines.turns import TurnSettings
from hocket.engine.ears import MoonshineEars
from hocket.engine.interaction import EmbedOf, Interaction, InteractionSettings
from hocket.engine.port import Engine
from hocket.engine.runtime import SPIN_US, Backbone
from hocket.engine.talker import Talker
from hocket.engine.voice import PiperVoice
from hocket.engine.worker import Worker
from hocket.model.gguf_file import GgufFile
from hocket.model.token_vectors import TokenVectors
from hocket.model.tokenizer import tokenizer_of
from hocket.weights.store import is_own, learned_folder, learned_names

PathOf = Callable[[str], Path]
Settings: TypeAlias = TurnSettings | InteractionSettings

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

# The baselines end an answer with the sentence that reaches eight words; where the bench lets sounds fall
# on the agent's speech, 17 of 50 of them met an answer that ended by itself before it could be judged.
AT_LENGTH: Final = AnswerSettings(enough_words=40, max_tokens=140)
# A trained model ends its answers itself; where the bench asks it to go on, it is asked by the user. Fewer
# than four words, said within a second, count as no turn in Full-Duplex-Bench.
TRAINED: Final = AnswerSettings(
    least_words=4, enough_words=60, max_tokens=140, repetition_penalty=1.0, repeated_tokens=4
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How an engine runs, whatever it decides."""

    threads: int = BRAIN_THREADS
    spin_us: int = SPIN_US
    at_length: bool = False  # baselines go on for some twelve seconds instead of a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An engine: the model files that it needs, what can be set, and how it is put together."""

    files: tuple[str, ...]
    settings: Settings
    build: Callable[[PathOf, Any, Run, int], Engine]  # settings of that kind; the voice's rate


def cascade(
    path_of: PathOf, settings: TurnSettings, run: Run, rate_hz: int, *, name: str
) -> Cascade:
    """One of the two baselines."""
    backbone = Backbone.from_gguf(path_of(BRAIN), threads=run.threads, spin_us=run.spin_us)
    answers = AT_LENGTH if run.at_length else AnswerSettings()
    with_detector = name == "cascade-smart-turn"
    return Cascade(
        name=name,
        vad=SileroVad(path_of(VAD)),
        talker=Talker(Answers(backbone, backbone.tokenizer, answers)),
        settings=settings,
        turn_detector=SmartTurn(path_of(TURN_DETECTOR)) if with_detector else None,
    )


def interaction(
    path_of: PathOf,
    settings: InteractionSettings,
    run: Run,
    rate_hz: int,
    *,
    name: str,
    folder: Path,
) -> Interaction:
    """A trained model of a folder.

    Raises:
        BadInput: the floor reads signs in words, which only the usual base tells it of.
    """
    network = shipped.floor_network(folder, spin_us=run.spin_us)
    base = shipped.base_of(folder) or BRAIN
    if base != BRAIN and network.reads_signs:
        raise BadInput(f"expected a floor without signs beside words of {base}, got {folder}")
    words = shipped.language_model(
        folder, base_of(path_of, base), threads=run.threads, spin_us=run.spin_us
    )
    tokenizer = words.tokenizer
    embed: EmbedOf = words.embed
    if base != BRAIN:  # the floor was trained on the usual base's tokens, whoever writes
        usual = GgufFile(path_of(BRAIN))
        tokenizer, embed = tokenizer_of(usual), TokenVectors(usual.weights["embed.weight"]).of
    return Interaction(
        name=name,
        network=network,
        talker=Talker(Answers(words, words.tokenizer, TRAINED)),
        tokenizer=tokenizer,
        embed=embed,
        voice_rate_hz=rate_hz,
        reader=shipped.turn_reader(folder, words) if network.reads_signs else None,
        settings=settings,
    )


def base_of(path_of: PathOf, base: str) -> Path:
    """Where a base model lies: one of the user's own by its path, else a file by its id."""
    return Path(base) if is_own(base) else path_of(base)


BASELINES: Final[dict[str, Recipe]] = {
    "cascade-vad": Recipe(
        files=(*EARS, *VOICE, BRAIN, VAD),
        settings=TurnSettings(end_ms=700.0),
        build=partial(cascade, name="cascade-vad"),
    ),
    # With a turn detector the timeout is only its safety net (pipecat's default is 3 s).
    "cascade-smart-turn": Recipe(
        files=(*EARS, *VOICE, BRAIN, VAD, TURN_DETECTOR),
        settings=TurnSettings(end_ms=3_000.0),
        build=partial(cascade, name="cascade-smart-turn"),
    ),
}
DEFAULT: Final = "hocket-135m"


def names() -> tuple[str, ...]:
    """All engines: the baselines, then those that come with the package or were trained here."""
    return (*BASELINES, *learned_names())


def recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        BadInput: there is none.
        ModelFileError: the trained model of that name is not whole.
    """
    if name in BASELINES:
        return BASELINES[name]
    if name not in learned_names():
        raise BadInput(f"expected an engine of {', '.join(names())}, got {name}")
    folder = learned_folder(name)
    return Recipe(
        files=(*EARS, *VOICE, BRAIN),
        settings=shipped.settings(folder),
        build=partial(interaction, name=name, folder=folder),
    )


def learned(name: str) -> str:
    """Hash of what an engine has learned here: eight hex digits, or nothing for a baseline.

    Raises:
        ModelFileError: the model is not whole.
    """
    return "" if name in BASELINES else shipped.folder_hash(learned_folder(name))


def ears(path_of: PathOf) -> MoonshineEars:
    """Moonshine-tiny."""
    return MoonshineEars.load(path_of(EARS[0]).parent)


def voice(path_of: PathOf) -> PiperVoice:
    """Piper's joe."""
    return PiperVoice(path_of(VOICE[0]))


def worker(path_of: PathOf, name: str, run: Run = Run()) -> Worker:  # frozen
    """Everything that ``hocket talk`` needs for one engine at its default setting.

    Raises:
        BadInput: no such engine.
    """
    made, sound = recipe(name), voice(path_of)
    engine = made.build(path_of, made.settings, run, sound.rate_hz)
    return Worker(ears=ears(path_of), engine=engine, voice=sound)


def served(path_of: PathOf, name: str) -> Worker:
    """The same for ``hocket serve``: sessions side by side on ``SERVED_THREADS`` threads."""
    return worker(path_of, name, Run(spin_us=0))


def benched(
    path_of: PathOf,
    name: str,
    changes: Mapping[str, float],
    without: Iterable[str],
    run: Run,
) -> Worker:
    """The same for ``hocket bench``: settings changed by name, some inputs taken away.

    Raises:
        BadInput: no such engine, setting or input.
    """
    sound, settings = voice(path_of), settings_of(name, changes)
    engine = recipe(name).build(path_of, settings, run, sound.rate_hz)
    blind = Ablated(engine, inputs_of(without))
    return Worker(ears=ears(path_of), engine=blind, voice=sound)


def settings_of(name: str, changes: Mapping[str, float]) -> Settings:
    """An engine's settings with some of them changed.

    Raises:
        BadInput: no such engine or setting.
    """
    settings = recipe(name).settings
    known = [key for key, value in asdict(settings).items() if isinstance(value, float | int)]
    if unknown := sorted(set(changes) - set(known)):
        raise BadInput(f"expected settings among {', '.join(known)}, got {', '.join(unknown)}")
    changed: Settings = replace(cast(Any, settings), **changes)
    return changed


def inputs_of(names: Iterable[str]) -> frozenset[Without]:
    """Inputs by name.

    Raises:
        BadInput: no such input.
    """
    wanted = set(names)
    if unknown := sorted(wanted - {str(each) for each in Without}):
        raise BadInput(f"expected inputs among {', '.join(Without)}, got {', '.join(unknown)}")
    return frozenset(Without(each) for each in wanted)

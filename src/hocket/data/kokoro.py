"""Kokoro, a voice for made users: text to 24 kHz sound, in 28 English voices. Never part of serving.

Law: a pure function of text, voice and rate: the graph draws no random numbers. Phonemes are
espeak-ng's, rewritten in the letters that the model was trained on.
Source: the model's own configuration (vocabulary; hexgrad/Kokoro-82M, Apache-2.0) and its files:
voices are float32 [510, 1, 256], a row for each token count.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from hocket.audio.resample import resample
from hocket.core.errors import ModelFileError
from hocket.core.units import USER_RATE_HZ
from hocket.data.spans import Float32
from hocket.data.splits import BLENDS
from hocket.engine.phonemes import clauses
from hocket.engine.spoken_text import spoken_words

ENGINE: Final = "kokoro"
RATE_HZ: Final = 24_000
MAX_TOKENS: Final = 509
MODEL: Final = "kokoro-v1.0.int8.onnx"
HESITATION: Final = "…"

# Ids of the vocabulary: runs of letters with consecutive ids, by the first one's.
_RUNS: Final = {
    1: ";:,.!?", 9: "—…", 16: " ", 24: "A", 25: "I", 31: "O", 33: "Q", 35: "ST", 39: "W",
    41: "Yᵊabcdef", 50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç", 80: "ɖðʤə", 85: "ɚɛɜ", 90: "ɟ", 92: "ɡ", 99: "ɥ", 101: "ɨɪʝ", 110: "ɯɰŋɳɲɴø",
    118: "ɸθœ", 123: "ɹ", 125: "ɾɻ", 128: "ʁɽʂʃʈʧ", 135: "ʊʋ", 138: "ʌɣɤ", 142: "χʎ", 147: "ʒʔ",
    156: "ˈˌː", 177: "ᵻ",
}  # fmt: skip
_IDS: Final = {letter: first + i for first, run in _RUNS.items() for i, letter in enumerate(run)}
_LETTERS: Final = {number: letter for letter, number in _IDS.items()}

# espeak-ng's IPA to the training data's letters; the longest first.
_REWRITTEN: Final = {
    "eɪ": "A", "aɪ": "I", "oʊ": "O", "əʊ": "Q", "aʊ": "W", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ",
    "əl": "ᵊl", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɪə": "iə", "ɐ": "ə", "ː": "", "g": "ɡ",
    "r": "ɹ", "x": "k", "ɬ": "l", "ʲ": "", "\u0303": "", "\u0329": "",
}  # fmt: skip
_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, _REWRITTEN), key=len, reverse=True)))


_VOWELS: Final = frozenset("AIOQWYaeiouɑɐɒæɔəɛɜɨɪʊʌᵻᵊ")
_DURATIONS: Final = "/encoder/Div_output_0"  # frames of 25 ms a token, before they are rounded
_FRAMES: Final = "/encoder/Cast_output_0"  # the same, after
FRAME_SAMPLES: Final = 600  # at 24 kHz
_DECAY_SAMPLES: Final = RATE_HZ * 25 // 1000  # of a hush: -60 dB after 170 ms
_RISE_SAMPLES: Final = RATE_HZ * 30 // 1000


class Kokoro:
    """The shared graph and the voices of a folder."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Raises ModelFileError when the model is not there or is another one."""
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = _with_timing(folder / MODEL)
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._folder = folder
        self._styles: dict[str, Float32] = {}

    def say(self, text: str, *, name: str, rate: float = 1.0, seed: int = 0) -> Float32:
        """The text as float32 [S] at 16 kHz, in the voice ``af_alloy`` and the like, or in one between two:
        ``af_alloy+am_adam``.

        ``seed`` draws how long hesitations and commas last.

        Raises:
            ModelFileError: no such voice.
        """
        ids = token_ids(text)[:MAX_TOKENS]
        stretch_N, extra_N = timing(ids, np.random.default_rng(seed))
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._style(name)[len(ids)],
            "speed": np.array([rate], np.float32),
            "stretch": np.pad(stretch_N, 1, constant_values=1)[None],
            "extra_frames": np.pad(extra_N, 1)[None],
        }
        sound, frames = self._session.run(["audio", _FRAMES], inputs)
        sound_S = hushed(np.asarray(sound, np.float32).reshape(-1), ids, np.ravel(frames))
        return resample(sound_S, RATE_HZ, USER_RATE_HZ)

    def _style(self, name: str) -> Float32:
        if name not in self._styles:
            every = [self._read(part) for part in name.split(BLENDS)]
            self._styles[name] = np.mean(every, axis=0, dtype=np.float32)
        return self._styles[name]

    def _read(self, name: str) -> Float32:
        path = self._folder / f"{name}.bin"
        if not path.is_file():
            raise ModelFileError(f"expected a voice at {path}: hocket models pull voices")
        return np.fromfile(path, np.float32).reshape(-1, 1, 256)


def timing(ids: Sequence[int], rng: np.random.Generator) -> tuple[Float32, Float32]:
    """How each token's duration is changed: a factor, and frames of 25 ms added, each [N].

    Left alone the model gives a hesitation no silence at all in most voices. A hesitation lasts
    0.3 to 0.7 s, a comma up to 0.2 s more than it would, and the sounds of the syllable before a
    hesitation are drawn out, as people do. Pitch and level are predicted after the durations, so
    they follow: the sound runs across the pause and nothing is spliced.
    """
    stretch_N = np.ones(len(ids), np.float32)
    extra_N = np.zeros(len(ids), np.float32)
    for index, token in enumerate(ids):
        if token == _IDS[HESITATION]:
            extra_N[index] = rng.integers(12, 29)
            stretch_N[_last_syllable(ids, index)] = rng.uniform(1.3, 2.0)
        elif token == _IDS[","]:
            extra_N[index] = rng.integers(0, 9)
    return stretch_N, extra_N


def hushed(sound_S: Float32, ids: Sequence[int], frames_P: NDArray[np.int64]) -> Float32:
    """The sound [S] at 24 kHz, with every hesitation's frames fading to silence.

    ``frames_P`` counts the frames of the ids and of the two pads around them.

    Half of the voices hum through a long pause mark instead of falling silent.
    """
    ends_P = FRAME_SAMPLES * np.cumsum(frames_P)
    gain_S = np.ones(len(sound_S), np.float32)
    for index in np.flatnonzero(np.asarray(ids) == _IDS[HESITATION]):
        first, behind = int(ends_P[index]), int(ends_P[index + 1])
        since = np.arange(len(gain_S[first:behind]))
        fall = np.exp(-since / _DECAY_SAMPLES)
        rise = np.clip((since - since.size + _RISE_SAMPLES) / _RISE_SAMPLES, 0, 1)
        gain_S[first:behind] = np.maximum(fall, rise)
    return sound_S * gain_S


def _last_syllable(ids: Sequence[int], end: int) -> slice:
    """From the last vowel before a token up to it."""
    vowels = [i for i in range(end) if _LETTERS[ids[i]] in _VOWELS]
    return slice(vowels[-1] if vowels else end, end)


def _with_timing(path: Path) -> bytes:
    """The graph with two more inputs, ``stretch`` and ``extra_frames`` [1, N + 2]."""
    from onnx import TensorProto, helper, load

    if not path.is_file():
        raise ModelFileError(f"expected {path}: hocket models pull voices")
    model = load(path)
    rounding = [node for node in model.graph.node if list(node.input) == [_DURATIONS]]
    if len(rounding) != 1:
        raise ModelFileError(f"expected the tensor {_DURATIONS} in {path}, found another graph")
    at = list(model.graph.node).index(rounding[0])
    rounding[0].input[0] = "timed"
    model.graph.node.insert(at, helper.make_node("Add", ["stretched", "extra_frames"], ["timed"]))
    model.graph.node.insert(at, helper.make_node("Mul", [_DURATIONS, "stretch"], ["stretched"]))
    model.graph.input.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "N"])
        for name in ("stretch", "extra_frames")
    )
    model.graph.output.append(helper.make_tensor_value_info(_FRAMES, TensorProto.INT64, [1, "N"]))
    return bytes(model.SerializeToString())


def token_ids(text: str) -> list[int]:
    """Ids of the text's phonemes and pause marks, without the pads at both ends."""
    parts = [_letters(part) for part in text.replace("...", HESITATION).split(HESITATION)]
    letters = f"{HESITATION} ".join(part.strip() for part in parts).strip()
    return [_IDS[letter] for letter in letters if letter in _IDS]


def _letters(text: str) -> str:
    """A text's phonemes with its marks, in the model's letters."""
    said = [
        " ".join(phonemes for phonemes in clause.phonemes if phonemes) + clause.mark
        for clause in clauses(spoken_words(text))
    ]
    return _PATTERN.sub(lambda found: _REWRITTEN[found[0]], " ".join(said))


def voices(folder: Path) -> list[str]:
    """Names of the voices in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.bin"))

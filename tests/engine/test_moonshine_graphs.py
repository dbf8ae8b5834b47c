"""The graphs written anew against the published ones, which ONNX Runtime runs as they are."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import soundfile

from hocket.core.errors import ModelFileError
from hocket.engine.moonshine import NO_PAST, Moonshine
from hocket.engine.moonshine_graphs import HEAD_SIZE, HEADS, LAYERS, derive
from hocket.engine.moonshine_tokens import BOS
from hocket.engine.ort_file import OrtFile
from hocket.engine.port import Float32
from hocket.weights.store import path_of

CLIP = Path(__file__).parents[1] / "clips" / "reader.flac"
NAMES = {
    "encoder": "moonshine-tiny-en/encoder_model.ort",
    "decoder": "moonshine-tiny-en/decoder_model_merged.ort",
    "tokenizer": "moonshine-tiny-en/tokenizer.bin",
}
# Moving the published graph's input by 1e-7 moves its own frames by .027: their rounding to 8 bits.
FRAMES_APART = 0.06
# Scores are equal to 1e-6 where both graphs' sums round alike (AVX-512), and as far apart as those of the
# published decoder over frames moved by 1e-4 where they do not (AVX2): docs/decisions/0032.
MOVED = 1e-4


@pytest.fixture(scope="module")
def moonshine() -> Moonshine:
    paths = {name: path_of(file) for name, file in NAMES.items()}
    return Moonshine(
        encoder=paths["encoder"], decoder=paths["decoder"], tokenizer=paths["tokenizer"]
    )


@pytest.fixture(scope="module")
def published() -> dict[str, ort.InferenceSession]:
    return {
        name: ort.InferenceSession(str(path_of(NAMES[name])), providers=["CPUExecutionProvider"])
        for name in ("encoder", "decoder")
    }


def _apart(a: Float32, b: Float32) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2) / np.mean(a**2)))


@pytest.mark.models
@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.0, 7.9])
def test_frames_are_those_of_the_published_encoder(
    moonshine: Moonshine, published: dict[str, ort.InferenceSession], seconds: float
) -> None:
    sound, _ = soundfile.read(CLIP, dtype="float32", start=16_000, frames=int(16_000 * seconds))
    mask = np.ones((1, len(sound)), np.int64)
    inputs = {"input_values": sound[None], "attention_mask": mask}
    theirs = published["encoder"].run(None, inputs)[0][0]
    ours = moonshine.encode(sound)
    assert ours.shape == theirs.shape
    assert _apart(theirs, ours) < FRAMES_APART
    assert _apart(theirs, np.roll(ours, 1, axis=0)) > 2 * FRAMES_APART  # a frame late would tell


@pytest.mark.models
def test_scores_are_those_of_the_published_decoder(
    moonshine: Moonshine, published: dict[str, ort.InferenceSession]
) -> None:
    sound, _ = soundfile.read(CLIP, dtype="float32", frames=16_000 * 3)
    frames = moonshine.encode(sound)
    tokens = (BOS, *moonshine.decode(frames).tokens)
    past = [
        f"past_key_values.{layer}.{side}.{part}"
        for layer in range(LAYERS)
        for side in ("decoder", "encoder")
        for part in ("key", "value")
    ]
    inputs = {
        "encoder_hidden_states": frames[None],
        "encoder_attention_mask": np.ones((1, len(frames) * 384), np.int64),
        "input_ids": np.array([tokens], np.int64),
        "use_cache_branch": np.array([False]),
        **dict.fromkeys(past, NO_PAST),
    }
    theirs = published["decoder"].run(["logits"], inputs)[0][0]
    moved = (frames * (1 + MOVED * np.random.default_rng(0).standard_normal(frames.shape)))[None]
    inputs["encoder_hidden_states"] = moved.astype(np.float32)
    rounding = _apart(theirs, published["decoder"].run(["logits"], inputs)[0][0])
    cross = moonshine._heard(frames)
    nothing = [NO_PAST] * 2 * LAYERS
    ours, grown = moonshine._next(cross, nothing, tokens)
    assert _apart(theirs, ours) < 2 * rounding < FRAMES_APART
    assert (theirs.argmax(-1) == ours.argmax(-1)).all()
    assert _apart(theirs, np.roll(ours, 1, axis=0)) > 5 * FRAMES_APART  # a token late would tell
    assert [part.shape for part in grown] == [(1, HEADS, len(tokens), HEAD_SIZE)] * 2 * LAYERS
    # In two pieces, of the second only the last: 8-bit scales span a run, so a little apart.
    _, grown = moonshine._next(cross, nothing, tokens[:5])
    last, _ = moonshine._next(cross, grown, tokens[5:], first=len(tokens) - 6)
    assert last.shape == (1, theirs.shape[1])
    assert _apart(theirs[-1:], last) < 0.05


@pytest.mark.models
def test_files_cut_short_and_strange_names_are_refused(tmp_path: Path) -> None:
    whole = path_of(NAMES["encoder"])
    short = tmp_path / "short.ort"
    short.write_bytes(whole.read_bytes()[:5_000])
    with pytest.raises(ModelFileError, match=r"short\.ort"):
        derive(short, path_of(NAMES["decoder"]), tmp_path)
    assert not list((tmp_path / "derived").iterdir())
    source = OrtFile(whole)
    with pytest.raises(ModelFileError, match="nothing makes it"):
        source.inputs_of("strange")
    with pytest.raises(ModelFileError, match="found none"):
        source.weight("strange")

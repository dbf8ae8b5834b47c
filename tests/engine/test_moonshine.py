from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.errors import ModelFileError
from hocket.engine.agreement import key
from hocket.engine.moonshine import FRAME_SIZE, Moonshine
from hocket.engine.moonshine_tokens import Tokens
from hocket.engine.port import Float32
from hocket.weights.store import path_of

CLIP = Path(__file__).parents[1] / "clips" / "reader.flac"
SAID = "Everything was made ready for the wedding."


@pytest.fixture(scope="module")
def moonshine() -> Moonshine:
    folder = path_of("moonshine-tiny-en/tokenizer.bin").parent
    return Moonshine(
        encoder=folder / "encoder_model.ort",
        decoder=folder / "decoder_model_merged.ort",
        tokenizer=folder / "tokenizer.bin",
    )


@pytest.fixture(scope="module")
def frames(moonshine: Moonshine) -> Float32:
    samples, _ = soundfile.read(CLIP, dtype="float32", frames=16_000 * 5 // 2)
    return moonshine.encode(samples)


def test_pieces_are_read_with_short_and_long_lengths(tmp_path: Path) -> None:
    long_piece = b"x" * 300
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(b"\x03<s>" + bytes([128 + 300 % 128, 300 // 128]) + long_piece + b"\x00")
    tokens = Tokens.load(path)
    assert len(tokens) == 3
    assert tokens.text((0, 1, 2)) == "x" * 300


def test_words_keep_the_tokens_that_spell_them(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.bin"
    pieces = ["▁the", "▁d", "og", "<0xC3>", "<0xA9>", "</s>"]
    path.write_bytes(b"".join(bytes([len(p.encode())]) + p.encode() for p in pieces))
    assert Tokens.load(path).words((0, 1, 2, 3, 4, 5)) == [("the", (0,)), ("dogé", (1, 2, 3, 4, 5))]


@pytest.mark.parametrize("data", [b"\x05abc", b"\x01a\x80"])
def test_a_tokenizer_that_ends_early_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=r"expected .*tokenizer\.bin"):
        Tokens.load(path)


def test_missing_and_broken_graphs_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "encoder_model.ort"
    with pytest.raises(ModelFileError, match="No such file"):
        Moonshine(encoder=broken, decoder=broken, tokenizer=broken)
    broken.write_bytes(b"no graph at all" * 100)
    with pytest.raises(ModelFileError, match="encoder_model"):
        Moonshine(encoder=broken, decoder=broken, tokenizer=broken)


@pytest.mark.models
def test_real_speech_is_read(moonshine: Moonshine, frames: Float32) -> None:
    reading = moonshine.decode(frames)
    assert frames.shape[1] == FRAME_SIZE
    assert reading.ended
    assert len(reading.log_p) == len(reading.tokens) + 1
    assert [key(word) for word, _ in moonshine.tokens.words(reading.tokens)] == [
        key(word) for word in SAID.split()
    ]


@pytest.mark.models
def test_a_draft_changes_the_cost_and_not_the_answer(moonshine: Moonshine, frames: Float32) -> None:
    free = moonshine.decode(frames).tokens
    drafts = [free, free[:3], (*free[:2], 7, *free[3:]), (*free[:2], 7, 8, 9, *free[2:]), (7, 8)]
    assert [moonshine.decode(frames, draft=draft).tokens for draft in drafts] == [free] * 5


@pytest.mark.models
def test_a_forced_prefix_is_continued(moonshine: Moonshine, frames: Float32) -> None:
    free = moonshine.decode(frames).tokens
    assert moonshine.decode(frames, free[:4], free[4:]).tokens == free[4:]


@pytest.mark.models
@pytest.mark.parametrize("n_samples", [0, 1, 3_200, 6_399, 6_400])
def test_very_short_sounds_are_padded(moonshine: Moonshine, n_samples: int) -> None:
    frames = moonshine.encode(np.zeros(n_samples, np.float32))
    assert frames.shape == (15, FRAME_SIZE)
    assert np.isfinite(frames).all()

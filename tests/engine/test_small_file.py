from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import ModelFileError
from hocket.engine.small_file import read, write

RNG = np.random.default_rng(0)
WEIGHTS = {
    "matrix": RNG.standard_normal((70, 128)).astype(np.float32),
    "tall": RNG.standard_normal((192, 8)).astype(np.float32),
    "narrow": RNG.standard_normal((5, 30)).astype(np.float32),
    "vector": RNG.standard_normal(64).astype(np.float32),
    "zeros": np.zeros((3, 64), np.float32),
}


def test_weights_come_back_nearly_and_then_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    write(path, WEIGHTS, {"seed": "3"})
    once, about = read(path)
    assert about == {"seed": "3"} and once.keys() == WEIGHTS.keys()
    for name, weight in once.items():
        assert weight.dtype == np.float32 and weight.shape == WEIGHTS[name].shape
        assert np.abs(weight - WEIGHTS[name]).max() <= np.abs(WEIGHTS[name]).max() / 200
    bytes_once = path.stat().st_size
    write(path, once, about)
    again, _ = read(path)
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert path.stat().st_size == bytes_once < 1.2 * (70 * 128 + 192 * 8) + 2 * 5 * 30 + 1_000


@pytest.mark.parametrize("content", [None, b"", b"nothing of the kind"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelFileError, match="expected weights at"):
        read(path)

import numpy as np
import pytest

from hocket.model.token_vectors import TokenVectors
from hocket.weights.store import path_of

TABLE = np.random.default_rng(0).standard_normal((9, 4))


def test_rows_come_in_the_order_of_the_ids() -> None:
    rows_NE = TokenVectors(TABLE).rows(np.array([3, 8, 3], np.uint16))
    assert rows_NE.dtype == np.float32
    assert np.allclose(rows_NE, TABLE[[3, 8, 3]], rtol=1e-3)


def test_an_unknown_token_is_refused() -> None:
    with pytest.raises(IndexError):
        TokenVectors(TABLE).rows(np.array([9]))


@pytest.mark.models
def test_the_base_models_file_holds_them() -> None:
    vectors = TokenVectors.from_gguf(
        path_of("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf")
    )
    rows_NE = vectors.rows(np.array([0, 49_151]))
    assert rows_NE.shape == (2, 576) and np.isfinite(rows_NE).all() and rows_NE.std() > 0.05

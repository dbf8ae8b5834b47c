import numpy as np
import pytest

from hocket.engine.sampling import greedy, repeating, sample


def test_temperature_zero_is_greedy() -> None:
    logits = np.array([0.1, 3.0, 2.9], np.float32)
    rng = np.random.default_rng(0)
    assert greedy(logits) == sample(logits, rng, temperature=0, top_k=3) == 1


def test_the_same_seed_gives_the_same_tokens() -> None:
    logits = np.random.default_rng(1).standard_normal(500).astype(np.float32)

    def drawn(seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        return [sample(logits, rng, temperature=1.0, top_k=50) for _ in range(30)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)


def test_only_the_likeliest_are_drawn_in_their_proportion() -> None:
    logits = np.log(np.array([0.6, 0.3, 0.05, 0.05], np.float32))
    rng = np.random.default_rng(0)
    counts = np.bincount(
        [sample(logits, rng, temperature=1.0, top_k=2) for _ in range(3000)], minlength=4
    )
    assert counts[2:].sum() == 0
    assert abs(counts[0] / 3000 - 2 / 3) < 0.03


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ([], []),
        ([1, 2], []),
        ([1, 2, 3, 1, 2], [3]),
        ([1, 2, 3, 1, 2, 4, 1, 2], [3, 4]),
        ([1, 2, 3, 2, 1], []),
        ([5, 5, 5], [5]),
    ],
)
def test_what_would_repeat_three_tokens_is_found(written: list[int], found: list[int]) -> None:
    assert repeating(written, 3) == found


def test_senseless_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="temperature >= 0"):
        sample(np.zeros(3, np.float32), np.random.default_rng(0), temperature=-1, top_k=1)

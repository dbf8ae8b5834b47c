"""The network of timbres, fitted to voices that differ in one way and waver in another."""

from pathlib import Path

import numpy as np
import pytest
import torch

from hocket.model import timbre as shipped
from hocket.training.voices import LEAST_TICKS, Batch, Heard, TimbreNetwork, Voices, fit, save

VOICES = tuple(f"voice {n}" for n in range(12))


def heard(seed: int) -> list[Heard]:
    """Each voice has a pattern over mels of its own, under a wavering that is stronger."""
    patterns = np.random.default_rng(0).normal(0, 0.3, (len(VOICES), 80))
    rng = np.random.default_rng(seed)
    return [
        Heard(
            whose=name,
            log_mel_TFM=(-2 + pattern + rng.normal(0, 0.5, (40, 8, 80))).astype(np.float32),
        )
        for name, pattern in zip(VOICES, patterns, strict=True)
    ]


def found_again(network: TimbreNetwork, voices: Voices) -> float:
    """Share of samples that are most like what is known of the same voice."""
    return float(np.mean([_found_again(network, voices.batch()) for _ in range(20)]))


def _found_again(network: TimbreNetwork, batch: Batch) -> float:
    with torch.no_grad():
        sums = [
            torch.stack([network(torch.from_numpy(shipped.frames(x))).sum(dim=0) for x in side])
            for side in (batch.known, batch.query)
        ]
    known_VK, query_VK = (torch.nn.functional.normalize(x, dim=1) for x in sums)
    right = (query_VK @ known_VK.T).argmax(dim=1) == torch.arange(len(known_VK))
    return float(right.float().mean())


def test_voices_that_were_learned_are_found_again() -> None:
    network = fit(Voices(heard(1), np.random.default_rng(1)), steps=150)
    anew = Voices(heard(2), np.random.default_rng(2))
    assert found_again(TimbreNetwork(), anew) < 0.5
    assert found_again(network, anew) > 0.9


def test_what_is_saved_is_computed_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = TimbreNetwork()
    save(network, tmp_path / "timbre.safetensors", {"of": "nothing"})
    monkeypatch.setattr(shipped, "WEIGHTS", tmp_path / "timbre.safetensors")
    shipped._weights.cache_clear()
    levels_TFM = np.random.default_rng(3).integers(0, 16, (5, 8, 80)).astype(np.uint8)
    with torch.no_grad():
        wanted_TK = network(torch.from_numpy(shipped.frames(levels_TFM))).numpy()
    found_TK = shipped.timbre(levels_TFM)
    shipped._weights.cache_clear()
    assert np.allclose(found_TK, wanted_TK, atol=5e-3)  # half precision


def test_one_voice_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="voices of two people"):
        fit(Voices(heard(1)[:1], np.random.default_rng(0)), steps=1)


def test_a_voice_that_says_too_little_is_left_out() -> None:
    short = Heard(whose="short", log_mel_TFM=np.zeros((LEAST_TICKS - 1, 8, 80), np.float32))
    assert len(Voices([short, *heard(1)], np.random.default_rng(0))) == len(VOICES)

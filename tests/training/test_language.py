"""Adapters learn what the agent said, from chats whose rule is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from hocket.core.clock import RealClock
from hocket.core.errors import BadInput
from hocket.model.config import BackboneConfig, random_weights
from hocket.training.checkpoint import load_card, load_network
from hocket.training.config import LanguageConfig
from hocket.training.language import Chat, LanguageTraining, Part, Texts
from hocket.training.loop import train
from hocket.training.schedule import Budget

pytestmark = pytest.mark.training

BASE = BackboneConfig(
    layers=2, width=64, heads=4, kv_heads=2, ff=128, vocab=40, max_positions=128, rope_theta=100.0
)
CONFIG = LanguageConfig(
    name="toy-words",
    base="toy",
    rank=8,
    max_tokens=40,
    batch_chats=8,
    peak_rate=1e-2,
    warmup_steps=5,
)
HEAD, OPENS, CLOSES = (1, 2), 3, 4


def chat(seed: int, n_messages: int = 4) -> Chat:
    """The agent answers with the user's token of before, then ends."""
    rng = np.random.default_rng(seed)
    messages: list[tuple[tuple[int, ...], int, int]] = []
    for _ in range(n_messages // 2):
        token = int(rng.integers(10, 40))
        messages.append(((OPENS, token, CLOSES), 0, 0))
        messages.append(((OPENS, token, CLOSES), 1, 3))
    return Chat(head=HEAD, messages=tuple(messages))


def texts(n: int = 64) -> Texts:
    learned, checked = ([chat(1000 * k + i) for i in range(n)] for k in (1, 2))
    return Texts(learned=learned, checked=checked[:8], data="a", validation="b")


def subject(config: LanguageConfig = CONFIG, seed: int = 0, **more: Texts) -> LanguageTraining:
    weights = random_weights(BASE, seed=1)
    return LanguageTraining(config, BASE, weights, more.get("texts", texts()), seed=seed)


def test_it_learns_to_say_what_was_said(tmp_path: Path) -> None:
    one = subject()
    before = one.validate()
    train(one, tmp_path, budget=Budget(steps=120), clock=RealClock())
    after = one.validate()
    assert before["text_accuracy"] < 0.3
    assert after["text_accuracy"] > 0.9 and after["text_loss"] < 0.5
    stored = load_file(tmp_path / "model.safetensors")
    assert all(name.endswith((".a", ".b")) for name in stored)
    assert load_card(tmp_path).config == CONFIG


def test_stopped_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    constant = replace(CONFIG, decay_share=0.0)
    torch.set_num_threads(1)
    for folder, steps in ((whole, 6), (halves, 3), (halves, 6)):
        train(
            subject(constant),
            folder,
            budget=Budget(steps=steps),
            clock=RealClock(),
            resume=folder == halves and steps == 6,
        )
    one, other = (load_file(folder / "training.safetensors") for folder in (whole, halves))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_what_others_said_is_not_learned() -> None:
    said = Chat(head=HEAD, messages=(((OPENS, 11, 12, CLOSES), 0, 0),))
    one = subject(texts=Texts(learned=[said], checked=[said], data="", validation=""))
    loss = one.loss((Part(chat=0, first=0),))
    assert loss.total.item() == 0 and loss.n_positions == 6


def test_a_long_chat_is_cut_between_messages_and_keeps_its_head() -> None:
    long = texts()
    one = subject(
        replace(CONFIG, max_tokens=11),
        texts=replace(long, learned=[chat(i, n_messages=12) for i in range(30)]),
    )
    batches = [batch for batch, _ in zip(one.batches(), range(4), strict=False)]
    starts = {part.first for batch in batches for part in batch}
    assert len(starts) > 4 and max(starts) <= 9  # what follows still fills a part
    for batch in batches:
        for part in batch:
            ids, learned = one._cut(one._texts.learned, part)
            assert tuple(ids[:2]) == HEAD and len(ids) == 11
            assert not learned[:2].any() and learned.any()


def test_a_training_of_words_is_no_floor(tmp_path: Path) -> None:
    train(subject(), tmp_path, budget=Budget(steps=1), clock=RealClock())
    with pytest.raises(BadInput, match="expected a training of the floor"):
        load_network(tmp_path)

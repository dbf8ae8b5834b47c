"""Adapters learn what the agent said, from chats whose rule is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models

from hocket.core.clock import RealClock
from hocket.core.errors import BadInput
from hocket.data.addressed import Addressed
from hocket.data.chats import Message
from hocket.model.chat import END, START, ChatTemplate
from hocket.model.config import BackboneConfig, random_weights
from hocket.training.checkpoint import load_card, load_network
from hocket.training.config import LanguageConfig
from hocket.training.export import export_words
from hocket.training.language import (
    Chat,
    LanguageTraining,
    Part,
    Piece,
    Texts,
    addressed_chat,
    chat_of,
)
from hocket.training.loop import Loss, train
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
    batch_tokens=320,
    peak_rate=1e-2,
    warmup_steps=5,
)
HEAD, OPENS, CLOSES = (1, 2), 3, 4


def chat(seed: int, n_messages: int = 4) -> Chat:
    """The agent answers with the user's token of before, then ends."""
    rng = np.random.default_rng(seed)
    messages: list[Piece] = []
    for _ in range(n_messages // 2):
        said = (OPENS, int(rng.integers(10, 40)), CLOSES)
        messages.append(Piece(ids=said, first=1, stop=3, users=True))
        messages.append(Piece(ids=said, first=1, stop=3))
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
    assert all(name.endswith((".a", ".b")) or name.startswith("meant.") for name in stored)
    assert load_card(tmp_path).config == CONFIG


def test_it_begins_as_words_that_were_exported(tmp_path: Path) -> None:
    out = tmp_path / "out"
    taught = subject()
    train(taught, out, budget=Budget(steps=120), clock=RealClock())
    exported = export_words(out, tmp_path / "shipped")
    weights = random_weights(BASE, seed=1)
    again = LanguageTraining(CONFIG, BASE, weights, texts(), seed=5, start=exported)
    assert again.card.start and again.validate()["text_accuracy"] == pytest.approx(
        taught.validate()["text_accuracy"], abs=0.03
    )


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


def test_it_learns_who_is_meant(tmp_path: Path) -> None:
    def across(seed: int) -> Chat:
        """Words that begin as the agent's line does are for the agent."""
        rng = np.random.default_rng(seed)
        meant = bool(rng.random() < 0.5)
        line = int(rng.integers(10, 25))
        words = (OPENS, line if meant else line + 15, int(rng.integers(10, 40)))
        said = Piece(ids=words, first=1, stop=3, users=True, meant=meant)
        return Chat(head=(), messages=(Piece(ids=(CLOSES, line, CLOSES)), said))

    asked = [across(9000 + n) for n in range(60)]
    found = Texts(
        learned=[across(n) for n in range(400)], checked=[], asked=asked, data="", validation=""
    )
    one = subject(texts=found)
    train(one, tmp_path, budget=Budget(steps=150), clock=RealClock())
    assert one.validate()["meant_auc"] > 0.95
    assert one.validate()["meant_loss"] < 0.5
    assert found.learned[0].teaches and "meant.weight" in load_file(tmp_path / "model.safetensors")


def letters() -> Tokenizer:
    """A token a character, and the template's two."""
    alphabet = "abcdefghijklmnopqrstuvwxyz \n"
    made = Tokenizer(models.BPE(vocab={c: n for n, c in enumerate(alphabet)}, merges=[]))
    made.add_special_tokens([START, END])
    return made


def alone(piece: Piece, *, user_share: float = 0.3) -> Loss:
    said = Chat(head=HEAD, messages=(piece,))
    found = Texts(learned=[said], checked=[said], data="", validation="")
    return subject(replace(CONFIG, user_share=user_share), texts=found).loss(
        (Part(chat=0, first=0),)
    )


def test_what_is_told_is_not_learned_and_what_the_user_says_by_its_share() -> None:
    ids = (OPENS, 11, 12, CLOSES)
    told = alone(Piece(ids=ids))
    assert told.total.item() == 0 and told.n_positions == 6
    agent = alone(Piece(ids=ids, first=1, stop=4)).total.item()
    for share in (0.3, 1.0):
        users = alone(Piece(ids=ids, first=1, stop=4, users=True), user_share=share).total.item()
        assert users == pytest.approx(share * agent, rel=1e-4)


def test_of_words_across_a_line_only_that_is_learned_whom_they_are_for() -> None:
    template = ChatTemplate(letters())
    one = Addressed(line="a b", words="not you", meant=False)
    line, words = addressed_chat(one, template).messages
    assert list(words.ids[words.first : words.stop]) == template.words("not you", first=False)
    assert words.meant is False and line.stop == line.first
    loss = alone(replace(words, ids=(OPENS, 11, 12), first=1, stop=3))
    assert loss.figures["text_loss"] == loss.figures["user_loss"] == 0
    assert loss.figures["meant_loss"] == pytest.approx(np.log(2), rel=1e-5)  # it begins undecided


def test_a_turn_that_got_no_answer_did_not_surely_end() -> None:
    template = ChatTemplate(letters())
    messages = [
        Message(role="user", text="a b"),
        Message(role="system", text="c"),
        Message(role="user", text="a"),
        Message(role="assistant", text="b", learned=True, ended=False),
    ]
    read = chat_of(messages, template, "b")
    n_learned = [piece.stop - piece.first for piece in read.messages]
    n_words = [len(template.words(message.text, first=True)) for message in messages]
    assert n_learned == [n_words[0], 0, n_words[2] + 1, n_words[3]]
    assert [piece.users for piece in read.messages] == [True, False, True, False]


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
            cut = one._cut(one._texts.learned, part)
            assert tuple(cut.ids_N[:2]) == HEAD and len(cut.ids_N) == 11
            assert not cut.whose_N[:2].any() and cut.whose_N.any()


def test_a_training_of_words_is_no_floor(tmp_path: Path) -> None:
    train(subject(), tmp_path, budget=Budget(steps=1), clock=RealClock())
    with pytest.raises(BadInput, match="expected a training of the floor"):
        load_network(tmp_path)

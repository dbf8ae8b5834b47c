"""Ends of turns by a language model: read along as they will be in serving."""

import numpy as np
import pytest

from hocket.engine.runtime import Backbone
from hocket.engine.turn_reader import MOST_TOKENS, ReaderStream, TurnReader, scaled_end
from hocket.recipes.engines import BRAIN
from hocket.weights import store


def test_a_chance_becomes_a_number_between_two() -> None:
    logits_NV = np.log(np.array([[0.5, 0.5], [1e-9, 1.0], [1.0, 1e-9]], np.float32))
    told = scaled_end(logits_NV, 0)
    assert told == pytest.approx([1 + 2 * np.log(0.5) / 10, -1.0, 1.0], abs=1e-5)


@pytest.fixture(scope="module")
def reader() -> TurnReader:
    store.ensure([BRAIN])
    return TurnReader(Backbone.from_gguf(store.path_of(BRAIN), threads=1))


def ids(reader: TurnReader, text: str) -> list[int]:
    return reader.template.ids(text)


def opened(reader: TurnReader, line: str = "") -> ReaderStream:
    stream = reader.open()
    stream.begin(line)
    return stream


@pytest.mark.models
def test_it_knows_a_whole_question_from_a_broken_one(reader: TurnReader) -> None:
    text = ids(reader, " What is the capital of France?")
    told = opened(reader).read(text, [])
    assert len(told) == len(text)
    assert told[-1] > told[-3] + 0.3  # behind "?" and behind "of"


@pytest.mark.models
def test_the_tail_is_read_and_forgotten(reader: TurnReader) -> None:
    first, second = ids(reader, " I would like"), ids(reader, " a ticket, please.")
    whole = opened(reader).read([*first, *second], [])
    stream = opened(reader)
    with_tail = stream.read(first, ids(reader, " to go home."))
    np.testing.assert_allclose(with_tail[: len(first)], whole[: len(first)], atol=0.02)
    np.testing.assert_allclose(stream.read(second, []), whole[len(first) :], atol=0.05)
    assert len(stream.read([], [])) == 0


@pytest.mark.models
def test_what_the_agent_asked_is_known_and_a_snapshot_goes_on(reader: TurnReader) -> None:
    name = ids(reader, " My name is Peter.")
    asked = opened(reader, "And what is your name?").read(name, [])
    plain = opened(reader).read(name, [])
    assert abs(float(asked[-1] - plain[-1])) > 0.02
    stream = opened(reader, "Where do you live?")
    stream.read(ids(reader, " In the"), [])
    kept = stream.snapshot()
    once = stream.read(ids(reader, " north."), [])
    stream.restore(kept)
    np.testing.assert_array_equal(stream.read(ids(reader, " north."), []), once)


@pytest.mark.models
def test_a_turn_without_end_begins_anew(reader: TurnReader) -> None:
    stream = opened(reader)
    word = ids(reader, " and")
    for _ in range(MOST_TOKENS + 90):
        assert len(stream.read(word, [])) == 1

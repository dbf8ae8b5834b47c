"""Signs of turns by a language model: read along as they will be in serving."""

import numpy as np
import pytest

from hocket.engine.runtime import Backbone
from hocket.engine.turn_reader import (
    MOST_TOKENS,
    REST_TICKS,
    ReaderStream,
    TurnReader,
    scaled_end,
)
from hocket.recipes.engines import BRAIN
from hocket.weights import store


def test_a_chance_becomes_a_number_between_two() -> None:
    logits_NV = np.log(np.array([[0.5, 0.5], [1e-9, 1.0], [1.0, 1e-9]], np.float32))
    told = scaled_end(logits_NV, 0)
    assert told == pytest.approx([1 + 2 * np.log(0.5) / 10, -1.0, 1.0], abs=1e-5)


@pytest.fixture(scope="module")
def reader() -> TurnReader:
    store.ensure([BRAIN])
    meant_D = np.asarray(np.random.default_rng(0).normal(size=576) / 24, np.float32)
    return TurnReader(Backbone.from_gguf(store.path_of(BRAIN), threads=1), meant_D)


def ids(reader: TurnReader, text: str) -> list[int]:
    return reader.template.ids(text)


def behind(reader: TurnReader, line: str) -> ReaderStream:
    """A stream behind a whole line of the agent's."""
    stream = reader.open()
    stream.speaks(ids(reader, line))
    stream.stops()
    return stream


@pytest.mark.models
def test_it_knows_a_whole_question_from_a_broken_one(reader: TurnReader) -> None:
    text = ids(reader, " What is the capital of France?")
    told = reader.open().read(text, [])
    assert told.shape == (len(text), 2) and (np.abs(told) <= 1).all()
    assert told[-1, 0] > told[-3, 0] + 0.3  # behind "?" and behind "of"
    assert np.ptp(told[:, 1]) > 0.05


@pytest.mark.models
def test_the_tail_is_read_and_forgotten(reader: TurnReader) -> None:
    first, second = ids(reader, " I would like"), ids(reader, " a ticket, please.")
    whole = reader.open().read([*first, *second], [])
    stream = reader.open()
    with_tail = stream.read(first, ids(reader, " to go home."))
    np.testing.assert_allclose(with_tail[: len(first)], whole[: len(first)], atol=0.05)
    np.testing.assert_allclose(stream.read(second, []), whole[len(first) :], atol=0.1)
    assert len(stream.read([], [])) == 0


@pytest.mark.models
def test_what_the_agent_asked_is_known_and_a_snapshot_goes_on(reader: TurnReader) -> None:
    name = ids(reader, " My name is Peter.")
    asked = behind(reader, "And what is your name?").read(name, [])
    plain = reader.open().read(name, [])
    assert abs(float(asked[-1, 0] - plain[-1, 0])) > 0.02
    stream = behind(reader, "Where do you live?")
    stream.read(ids(reader, " In the"), [])
    kept = stream.snapshot()
    once = stream.read(ids(reader, " north."), [])
    stream.restore(kept)
    np.testing.assert_array_equal(stream.read(ids(reader, " north."), []), once)


@pytest.mark.models
def test_words_across_a_line_are_read_behind_what_is_written_and_forgotten_when_it_goes_on(
    reader: TurnReader,
) -> None:
    begin, rest = ids(reader, "The museum opens at"), ids(reader, " ten on Sundays.")
    across, answer = ids(reader, " Not now, darling."), ids(reader, " And on Mondays?")
    stream = reader.open()
    stream.speaks(begin)
    heard = stream.read(across, [])
    np.testing.assert_array_equal(heard, behind(reader, "The museum opens at").read(across, []))
    stream.speaks(rest)  # while the words are still in mind
    for _ in range(REST_TICKS):
        assert not len(stream.read([], []))
        stream.speaks([])
    stream.stops()
    whole = behind(reader, "The museum opens at ten on Sundays.")
    np.testing.assert_allclose(stream.read(answer, []), whole.read(answer, []), atol=0.1)


@pytest.mark.models
def test_words_that_broke_a_line_off_stay(reader: TurnReader) -> None:
    stream = reader.open()
    stream.speaks(ids(reader, "The museum opens at"))
    stream.read(ids(reader, " No wait, the"), [])
    stream.stops()
    for _ in range(REST_TICKS + 1):
        stream.read([], [])
    went_on = stream.read(ids(reader, " library."), [])
    alone = behind(reader, "The museum opens at").read(ids(reader, " library."), [])
    assert np.abs(went_on - alone).max() > 0.02


@pytest.mark.models
@pytest.mark.parametrize("speaking", [False, True])
def test_a_turn_without_end_begins_anew(reader: TurnReader, speaking: bool) -> None:
    stream = reader.open()
    if speaking:
        stream.speaks(ids(reader, "Once upon a time"))
    word = ids(reader, " and")
    for _ in range(MOST_TOKENS + 90):
        assert len(stream.read(word, [])) == 1
    for _ in range(REST_TICKS + 1):
        stream.read([], [])
        if speaking:
            stream.speaks(word)
    assert len(stream.read(word, [])) == 1

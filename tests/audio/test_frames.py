import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.audio.frames import TickAssembler
from hocket.core.errors import SessionMisuse


def numbered(start: int, n: int) -> np.ndarray:
    return np.arange(start, start + n, dtype=np.float32)


@given(st.lists(st.integers(0, 9000), max_size=12))
def test_ticks_joined_equal_the_chunks_joined(sizes: list[int]) -> None:
    assembler, ticks, pushed = TickAssembler(max_backlog_s=1.0), [], 0
    for size in sizes:
        assert assembler.push(numbered(pushed, size)) == 0
        pushed += size
        while assembler.ready:
            ticks.append(assembler.pop())
    assert all(tick.shape == (3200,) and tick.dtype == np.float32 for tick in ticks)
    joined = np.concatenate([np.zeros(0, np.float32), *ticks])
    np.testing.assert_array_equal(joined, numbered(0, 3200 * (pushed // 3200)))
    assert assembler.pending == pushed % 3200


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 3)), max_size=12))
def test_a_full_backlog_drops_the_oldest_and_counts_them(steps: list[tuple[int, int]]) -> None:
    assembler = TickAssembler(max_backlog_s=0.5)
    held = np.zeros(0, np.float32)
    pushed = dropped = 0
    for size, pops in steps:
        held = np.concatenate([held, numbered(pushed, size)])
        pushed += size
        lost = max(0, len(held) - 8000)
        assert assembler.push(numbered(pushed - size, size)) == lost
        held, dropped = held[lost:], dropped + lost
        for _ in range(pops):
            if assembler.ready:
                np.testing.assert_array_equal(assembler.pop(), held[:3200])
                held = held[3200:]
    assert (assembler.pending, assembler.dropped_samples) == (len(held), dropped)
    assert assembler.backlog_s <= 0.5


def test_missing_sound_is_padded_with_counted_silence() -> None:
    assembler = TickAssembler()
    assembler.push(numbered(1, 3000))
    assembler.pad(200)
    tick = assembler.pop()
    assert tick[2999] == 3000 and not tick[3000:].any()
    assert assembler.padded_samples == 200


def test_a_tick_that_is_not_there_cannot_be_popped() -> None:
    assembler = TickAssembler()
    assembler.push(numbered(0, 3199))
    with pytest.raises(SessionMisuse, match="expected 3200 samples, got 3199"):
        assembler.pop()


def test_a_popped_tick_is_not_overwritten_by_later_sound() -> None:
    assembler = TickAssembler(max_backlog_s=0.2)
    assembler.push(numbered(0, 3200))
    tick = assembler.pop()
    assembler.push(numbered(9000, 3200))
    np.testing.assert_array_equal(tick, numbered(0, 3200))

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.core.channel import BoundedChannel, WhenFull
from hocket.core.errors import Overloaded

steps = st.lists(st.one_of(st.just("take"), st.just("drain"), st.integers(0, 9)), max_size=40)


@given(st.integers(1, 12), steps)
def test_audio_drops_the_oldest_and_counts_it(capacity: int, moves: list[str | int]) -> None:
    channel = BoundedChannel[tuple[int, int]](
        capacity, when_full=WhenFull.DROP_OLDEST, size_of=lambda item: item[1]
    )
    held: list[tuple[int, int]] = []
    dropped = 0
    for number, move in enumerate(moves):
        if move == "take":
            assert channel.take() == (held.pop(0) if held else None)
        elif move == "drain":
            assert channel.drain() == held
            held = []
        else:
            held.append((number, int(move)))
            lost = 0
            while sum(size for _, size in held) > capacity:
                lost += held.pop(0)[1]
            assert channel.put((number, int(move))) == lost
            dropped += lost
        assert (len(channel), channel.dropped) == (len(held), dropped)
        assert channel.size == sum(size for _, size in held) <= capacity


@given(st.integers(1, 5), st.lists(st.booleans(), max_size=30))
def test_control_never_drops_and_refuses_when_full(capacity: int, moves: list[bool]) -> None:
    channel = BoundedChannel[int](capacity, when_full=WhenFull.REFUSE)
    held: list[int] = []
    for number, is_put in enumerate(moves):
        if not is_put:
            assert channel.take() == (held.pop(0) if held else None)
        elif len(held) < capacity:
            assert channel.put(number) == 0
            held.append(number)
        else:
            with pytest.raises(Overloaded, match=f"in a queue of {capacity}"):
                channel.put(number)
    assert channel.drain() == held
    assert channel.dropped == 0


def test_a_channel_must_hold_something() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        BoundedChannel[int](0, when_full=WhenFull.REFUSE)

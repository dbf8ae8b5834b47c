import numpy as np

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.actor import Actor
from hocket.data.labels import Label, Target
from hocket.data.script import Line, Role, Script, Sound
from hocket.protocol.floor import Floor

SPEECH = {"a": np.full(10 * TICK_USER_SAMPLES, 0.5, np.float32)}
LISTEN, SPEAK = Label(target=(1, 0, 0, 0, 0), rule=""), Label(target=(0, 1, 0, 0, 0), rule="")
YIELD = Label(target=(0, 0, 0, 1, 0), rule="")
UNCLEAR_TARGET: Target = (0, 0.3, 0.7, 0, 0)
UNCLEAR = Label(target=UNCLEAR_TARGET, rule="")
DELAY = 800  # samples of voice delay


def script(
    *starts: int, seed: int = 0, stubborn: bool = False, sounds: tuple[Sound, ...] = ()
) -> Script:
    return Script(
        id="s",
        split="train",
        set="synthetic",
        voice="v",
        engine="e",
        seed=seed,
        n_ticks=40,
        sounds=sounds,
        lines=tuple(Line(start=s, texts=("a",), n_samples=len(SPEECH["a"])) for s in starts),
        turn_ends=(),
        stubborn=stubborn,
    )


def run(
    of: Script, labels: dict[int, Label], heard: dict[int, tuple[str, ...]] | None = None
) -> tuple[list[Floor], Actor]:
    actor, floors = Actor(of, SPEECH), list[Floor]()
    for tick in range(40):
        actor.look(tick, (heard or {}).get(tick, ()), ())
        floors.append(actor.act(tick, labels.get(tick, SPEAK if actor.line else LISTEN)))
    return floors, actor


def test_a_line_sounds_from_the_end_of_the_tick_that_decided_it() -> None:
    floors, actor = run(script(5 * TICK_USER_SAMPLES), {})
    assert [tick for tick, floor in enumerate(floors) if floor is Floor.SPEAK] == list(range(4, 14))
    start = 5 * TICK_USER_SAMPLES + DELAY
    assert actor.spans == [(start, start + 10 * TICK_USER_SAMPLES)]
    assert np.flatnonzero(actor.lane_S)[[0, -1]].tolist() == [start + 1, start + 31_999]


def test_it_gives_way_after_it_should_mostly_soon_and_is_silent_then() -> None:
    delays = []
    for seed in range(60):
        floors, actor = run(script(0, seed=seed), dict.fromkeys(range(2, 40), YIELD))
        if Floor.YIELD not in floors:  # the line was over first
            continue
        delays.append(floors.index(Floor.YIELD) - 2)
        silent_from = (floors.index(Floor.YIELD) + 1) * TICK_USER_SAMPLES + DELAY
        assert actor.spans[-1][1] == silent_from or Floor.HOLD in floors
        assert not actor.lane_S[silent_from:].any()
    assert set(delays) >= {1, 2, 3}
    assert sum(delay <= 3 for delay in delays) in range(30, 56)


def test_it_holds_half_the_time_and_then_says_the_rest() -> None:
    held = 0
    for seed in range(40):
        floors, actor = run(script(0, seed=seed), {5: UNCLEAR, 6: UNCLEAR})
        said = sum(behind - first for first, behind in actor.spans)
        assert said == 10 * TICK_USER_SAMPLES
        assert (Floor.HOLD in floors) == (len(actor.spans) == 2)
        held += Floor.HOLD in floors
    assert 10 < held < 30


def test_a_hold_ends_before_it_is_known_what_the_sound_is_more_often_than_not() -> None:
    lasted = []
    for seed in range(80):
        floors, _ = run(script(0, seed=seed), dict.fromkeys(range(3, 9), UNCLEAR))
        held = [tick for tick, floor in enumerate(floors) if floor is Floor.HOLD]
        assert held in ([], [3], [3, 4], [*range(3, 9)])
        lasted.append(len(held))
    assert 0.4 < sum(n in (1, 2) for n in lasted) / sum(n > 0 for n in lasted) < 0.95
    assert 0.3 < sum(n > 0 for n in lasted) / len(lasted) < 0.7


def test_a_stubborn_agent_speaks_through_everything() -> None:
    floors, actor = run(script(0, stubborn=True), dict.fromkeys(range(3, 40), YIELD))
    assert {Floor.SPEAK, Floor.LISTEN} == set(floors)
    assert len(actor.spans) == 1


def test_an_answer_that_the_next_turn_overtook_is_not_given() -> None:
    first = 12 * TICK_USER_SAMPLES
    turn = Sound(start=first, source="x", role=Role.TURN, spans=((first, first + 6_400),))
    floors, _ = run(
        script(0, 11 * TICK_USER_SAMPLES, sounds=(turn,)), {8: UNCLEAR, 9: UNCLEAR, 10: UNCLEAR}
    )
    ticks = sum(floor is Floor.SPEAK for floor in floors)
    assert ticks in (10, 20)
    assert (ticks == 10) == (Floor.HOLD in floors)

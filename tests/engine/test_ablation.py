from dataclasses import asdict
from itertools import combinations

import numpy as np
import pytest

from hocket.engine.ablation import Ablated, Without
from hocket.engine.fake import FakeEngine, decision
from hocket.engine.port import Engine, HeardTick, PlayedTick, TickInput
from hocket.protocol.floor import FLOORS, Floor, Permit

OPEN = Permit(allowed=frozenset(FLOORS), rule="open", reason="a test")
SEEN = TickInput(
    tick=7,
    audio=np.full(3_200, 0.2, np.float32),
    heard=HeardTick(
        features=np.full((4, 576), 0.5, np.float32),
        level_db=-14.0,
        dmel_FM=np.full((8, 80), 5, np.uint8),
        heard=("good",),
        tentative=("morn",),
    ),
    played=PlayedTick(
        samples=np.full(100, 0.1, np.float32), level_db=-20.0, fraction=0.4, words=("yes",)
    ),
    last_floor=Floor.SPEAK,
    plan="more of it",
    typed="h",
    events=("timer fired",),
)
REMOVED: dict[Without, dict[str, object]] = {
    Without.WORDS: {"heard.heard": (), "heard.tentative": ()},
    Without.SOUND: {
        "audio": 0.0,
        "heard.features": 0.0,
        "heard.level_db": -90.0,
        "heard.dmel_FM": 0.0,
    },
    Without.ECHO: {"played.samples": None, "played.level_db": -90.0, "played.fraction": 0.0},
}
SETS = [frozenset(each) for n in range(4) for each in combinations(Without, n)]


def flat(seen: TickInput) -> dict[str, object]:
    """Every field by its path."""
    found: dict[str, object] = {}
    parts: dict[str, object] = asdict(seen)
    for key, value in parts.items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            found[key] = value
    return found


def shown(without: frozenset[Without]) -> TickInput:
    """What the engine inside got to see."""
    engine = Ablated(FakeEngine({}), without)
    slot = engine.open()
    engine.step(slot, SEEN, OPEN)
    inner = slot["inputs"][-1]
    assert isinstance(inner, TickInput)
    return inner


@pytest.mark.parametrize("without", SETS, ids=lambda each: "+".join(sorted(each)))
def test_each_switch_takes_its_input_away_and_nothing_else(without: frozenset[Without]) -> None:
    gone = {key: value for each in without for key, value in REMOVED[each].items()}
    before, after = flat(SEEN), flat(shown(without))
    assert before.keys() == after.keys()
    for key, value in after.items():
        if isinstance(value, np.ndarray):
            whole = before[key]
            assert isinstance(whole, np.ndarray)
            wanted = whole if key not in gone else np.zeros_like(whole)
            wanted = wanted[:0] if gone.get(key, 0.0) is None else wanted
            assert value.dtype == whole.dtype
            assert np.array_equal(value, wanted), key
        else:
            assert value == gone.get(key, before[key]), key


def test_the_input_that_others_see_is_left_as_it_was() -> None:
    shown(frozenset(Without))
    assert SEEN.heard.heard == ("good",)
    assert SEEN.audio.max() == pytest.approx(0.2)
    assert len(SEEN.played.samples) == 100


def test_permit_and_decision_pass_through() -> None:
    permits: list[Permit] = []
    said = decision(Floor.SPEAK, "good morning.")

    def decide(tick_input: TickInput, permit: Permit) -> object:
        permits.append(permit)
        return said

    engine: Engine = Ablated(FakeEngine(decide), frozenset(Without))  # type: ignore[arg-type]
    assert engine.step(engine.open(), SEEN, OPEN) is said
    assert permits == [OPEN]


def test_a_restored_slot_goes_on_as_the_engines_own_would() -> None:
    engine = Ablated(FakeEngine({}), frozenset({Without.WORDS}))
    slot = engine.open(seed=3, instructions="be brief")
    engine.step(slot, SEEN, OPEN)
    kept = engine.snapshot(slot)
    engine.step(slot, SEEN, OPEN)
    assert len(slot["inputs"]) == 2
    engine.restore(slot, kept)
    assert len(slot["inputs"]) == 1
    engine.close(slot)


def test_the_seed_and_the_instructions_reach_the_engine() -> None:
    opened: list[tuple[int, str]] = []

    class Opening(FakeEngine):
        def open(self, *, seed: int = 0, instructions: str = "") -> dict[str, object]:
            opened.append((seed, instructions))
            return {"inputs": []}

    engine = Ablated(Opening({}), frozenset({Without.ECHO}))
    engine.open(seed=3, instructions="be brief")
    assert opened == [(3, "be brief")]
    assert engine.name == "fake"

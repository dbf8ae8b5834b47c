import numpy as np
import pytest

from hocket.engine.port import FEATURES_SHAPE, HeardTick, PlayedTick, TickInput
from hocket.protocol.floor import SILENT, Floor, Permit
from hocket.recipes import engines
from hocket.weights import store

pytestmark = pytest.mark.models

OPEN = Permit(allowed=frozenset(Floor), rule="open", reason="")
MUTED = Permit(allowed=SILENT, rule="muted", reason="")


def tick_input(tick: int, plan: str, *, typed: str = "", events: tuple[str, ...] = ()) -> TickInput:
    return TickInput(
        tick=tick,
        audio=np.zeros(3_200, np.float32),
        heard=HeardTick(features=np.zeros(FEATURES_SHAPE, np.float32), level_db=-90.0),
        played=PlayedTick(samples=np.zeros(0, np.float32)),
        last_floor=Floor.LISTEN,
        plan=plan,
        typed=typed,
        events=events,
    )


def test_a_draft_that_a_mute_dropped_is_written_again() -> None:
    engine = engines.worker(store.path_of, "cascade-vad").engine
    slot = engine.open()
    plan, drafts, said = "", "", ""
    for tick in range(40):
        muted = tick < 20
        question = "What is the capital of France?\n" if tick == 0 else ""
        dropped = ("stopped by the person",) if tick == 15 else ()
        if dropped:
            drafts, plan = plan, ""
        given = tick_input(tick, plan, typed=question, events=dropped)
        output = engine.step(slot, given, MUTED if muted else OPEN)
        plan = ("" if output.drop else plan) + output.append
        if output.floor is Floor.SPEAK:
            said, plan = said + plan, ""
    assert "Paris" in drafts
    assert "capital of France is Paris" in said

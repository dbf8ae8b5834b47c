"""The agent's own sound, when the client answers late or never."""

import numpy as np
import pytest

from hocket.engine.fake import FakeVoice, decision
from hocket.engine.stages import Sounded
from hocket.protocol.floor import Floor
from hocket.session.agent_side import AgentSide
from tests.session.driver import RATE, config

TICK = RATE // 5
NOD = decision(Floor.BACKCHANNEL, "mhm yes")
STORY = decision(Floor.SPEAK, "one two three four five six")


def sounds(side: AgentSide, floor: Floor, thought: object, tick: int) -> None:
    """One tick in which the side sounds, 0.2 s after the other."""
    now = 0.2 * (tick + 1)
    side.take(floor, thought, now=now)  # type: ignore[arg-type]
    request = side.request(tick, now=now)
    voice = FakeVoice()
    prepared = tuple(voice.prepare(text.text, seed=text.seed) for text in request.prepare)
    samples = np.full(request.n_samples, 0.1, np.float32)
    assert request.n_samples > 0
    event = Sounded(tick=tick, prepared=prepared, samples=samples, compute_ms=1.0)
    assert side.sounded(event, now=now) is not None


@pytest.fixture
def unanswered() -> AgentSide:
    """Spoke for two ticks and was held; the client has not said where it stopped."""
    side = AgentSide(config())
    sounds(side, Floor.SPEAK, STORY, 0)
    sounds(side, Floor.SPEAK, decision(Floor.SPEAK), 1)
    side.reported(TICK // 2, now=0.5)
    assert side.take(Floor.HOLD, decision(Floor.HOLD), now=0.6)
    return side


@pytest.mark.parametrize(
    ("floor", "thought"), [(Floor.BACKCHANNEL, NOD), (Floor.SPEAK, decision(Floor.SPEAK))]
)
def test_what_sounds_behind_an_unanswered_cut_can_be_cut(
    unanswered: AgentSide, floor: Floor, thought: object
) -> None:
    sounds(unanswered, floor, thought, 3)
    assert unanswered.cut(0.85), "a mute must reach the client"


@pytest.mark.parametrize(
    ("floor", "thought"), [(Floor.BACKCHANNEL, NOD), (Floor.SPEAK, decision(Floor.SPEAK))]
)
def test_a_late_answer_leaves_what_was_sent_since_in_flight(
    unanswered: AgentSide, floor: Floor, thought: object
) -> None:
    sounds(unanswered, floor, thought, 3)
    sent = unanswered.ledger.sent
    unanswered.stopped(TICK, now=0.82)  # where the client had stopped before
    assert unanswered.in_flight(0.9)
    unanswered.reported(sent, now=1.1)
    assert unanswered.ledger.played == sent
    assert unanswered.cut(1.2) == [], "nothing is left to cut"


def test_an_answer_to_a_second_cut_counts_though_the_first_was_never_answered(
    unanswered: AgentSide,
) -> None:
    sounds(unanswered, Floor.SPEAK, decision(Floor.SPEAK), 3)
    assert unanswered.cut(0.85)
    unanswered.stopped(unanswered.ledger.sent - 100, now=0.9)
    assert not unanswered.in_flight(0.95)
    assert unanswered.take_interrupted() is not None

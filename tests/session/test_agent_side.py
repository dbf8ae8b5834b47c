"""The agent's own sound, when the client answers late or never; and its breaths."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hocket.engine.fake import FakeVoice, decision
from hocket.engine.port import Phrase
from hocket.engine.stages import Sounded
from hocket.protocol.floor import Floor
from hocket.session.agent_side import AgentSide
from tests.session.driver import RATE, config

TICK = RATE // 5
NOD = decision(Floor.BACKCHANNEL, "mhm yes")
STORY = decision(Floor.SPEAK, "one two three four five six")


def breathing(phrase: Phrase) -> Phrase:
    """The phrase with a breath of 0.1 s at the end of every word's 0.4."""
    words = tuple(replace(word, end=word.end - TICK // 2) for word in phrase.words)
    return replace(phrase, words=words)


def sounds(
    side: AgentSide,
    floor: Floor,
    thought: object,
    tick: int,
    *,
    said: Callable[[Phrase], Phrase] = lambda phrase: phrase,
) -> None:
    """One tick in which the side sounds, 0.2 s after the other."""
    now = 0.2 * (tick + 1)
    side.take(floor, thought, now=now)  # type: ignore[arg-type]
    request = side.request(tick, now=now)
    voice = FakeVoice()
    prepared = tuple(said(voice.prepare(text.text, seed=text.seed)) for text in request.prepare)
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


def test_it_knows_when_its_voice_is_between_two_words() -> None:
    side = AgentSide(config())
    found = {}
    for tick in range(6):
        sounds(
            side, Floor.SPEAK, STORY if not tick else decision(Floor.SPEAK), tick, said=breathing
        )
        for late_s in (0.02, 0.08, 0.12, 0.18):
            now = 0.2 * (tick + 1) + late_s
            at = round((now - 0.2) * RATE)  # of what has sounded by then: it began at 0.2 s
            side.reported(at, now=now)
            found[round(at / RATE % 0.4, 2)] = side.take_played(now).breath
    assert found == {at: at > 0.3 for at in (0.02, 0.08, 0.12, 0.18, 0.22, 0.28, 0.32, 0.38)}
    assert not side.take_played(9.0).breath  # it is silent

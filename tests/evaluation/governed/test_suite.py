"""The fuzz finds nothing in the session as it is, and finds each fault that is put into it."""

from collections import Counter
from random import Random

import pytest

from hocket.evaluation.governed import restless, suite
from hocket.evaluation.governed.restless import RestlessEngine, RestlessSlot
from hocket.evaluation.governed.suite import figures, fuzzed
from hocket.evaluation.metrics.figure import Figure
from hocket.evaluation.scenes.size import Size
from hocket.policy.permits import Facts, permit
from hocket.protocol.events import Play, Record
from hocket.protocol.floor import FLOORS, Permit
from hocket.session import session as session_module
from hocket.session.agent_side import AgentSide
from hocket.session.session import Action, Phase, Session

FEW, MANY = 500, 5_000  # ticks


def found(n_ticks: int = FEW, seed: int = 2) -> dict[str, Figure]:
    return figures(list(fuzzed(n_ticks, seed=seed)), seed=0)


def value(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value


def test_nothing_that_must_not_happen_happens_and_much_was_tried() -> None:
    by_name = found(MANY)  # what seldom meets needs more than a few
    for name in (
        "samples_without_permit",
        "samples_against_orders",
        "decisions_without_reason",
        "replay_differences",
    ):
        assert (name, by_name[name].value) == (name, 0.0)
        assert by_name[name].n >= MANY
    assert value(by_name["wishes_refused"]) > MANY / 10
    assert by_name["stop_to_silence_max_s"].n > 0
    assert 0 < value(by_name["stop_to_silence_median_s"]) <= 0.03  # the fade
    assert by_name["side_effects_uncommitted"].note == "not supported"


def test_a_seed_gives_the_same_figures_and_another_one_others() -> None:
    assert found(150) == found(150)
    assert found(150) != found(150, seed=3)


def test_progress_is_told_up_to_the_ticks_of_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "TICKS", {Size.QUICK: 150})
    told: list[int] = []
    by_name = suite.governance_figures(Size.QUICK, seed=1, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == by_name["samples_without_permit"].n >= 150


def test_a_policy_that_allows_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    anything = Permit(allowed=frozenset(FLOORS), rule="open", reason="nothing stands against it")
    monkeypatch.setattr(session_module, "permit", lambda facts: anything)
    by_name = found()
    assert value(by_name["samples_without_permit"]) == 0  # the score itself looks clean
    assert value(by_name["samples_against_orders"]) > 0
    assert by_name["samples_against_orders"].worst


def test_a_session_without_its_gate_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def ungated(self: Session, thought, now):  # type: ignore[no-untyped-def]
        self._thought, self._floor = thought, thought.floor
        self._user.thought(thought)
        cut = self._agent.take(thought.floor, thought, now=now)
        self.phase = Phase.SOUNDING
        return [*cut, self._agent.request(self.tick, now=now)]

    def unheld(self: Session, event, now) -> list[Action]:  # type: ignore[no-untyped-def]
        play: Play | None = self._agent.sounded(event, now=now)
        line = self._line(play)
        self.tick, self.phase = self.tick + 1, Phase.WAITING
        out: list[Action] = [Record(line=line)] if play is None else [play, Record(line=line)]
        return [*out, *self._advance(now)]

    monkeypatch.setattr(Session, "_decide", ungated)
    monkeypatch.setattr(Session, "_play", unheld)
    by_name = found()
    assert value(by_name["samples_without_permit"]) > 0
    assert value(by_name["samples_against_orders"]) > 0


def test_a_stop_that_cuts_nothing_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AgentSide, "cut", lambda self, now: [])
    assert value(found(1_000)["stop_to_silence_max_s"]) > 0.1


def test_a_decision_without_a_reason_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(facts: Facts) -> Permit:
        given = permit(facts)
        return Permit(allowed=given.allowed, rule=given.rule, reason=" ")

    monkeypatch.setattr(session_module, "permit", silent)
    by_name = found(150)
    assert value(by_name["decisions_without_reason"]) == by_name["decisions_without_reason"].n


def test_an_engine_that_decides_anew_in_the_replay_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: Counter[int] = Counter()

    def fickle(self: RestlessEngine, *, seed: int = 0, instructions: str = "") -> RestlessSlot:
        opened[seed] += 1
        return RestlessSlot(Random(seed + opened[seed]))

    monkeypatch.setattr(restless.RestlessEngine, "open", fickle)
    assert value(found(150)["replay_differences"]) > 0

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.metrics import SUITES
from hocket.evaluation.support import supports
from hocket.recipes import engines


@pytest.mark.parametrize("engine", engines.BASELINES)
def test_delegation_is_not_supported_and_everything_else_is(engine: str) -> None:
    reasons = {suite: supports(engine, suite) for suite in SUITES}
    assert reasons.pop("delegation") == "no engine hands jobs to a background model yet"
    assert set(reasons.values()) == {None}


def test_an_unknown_suite_is_a_mistake_and_not_a_reason() -> None:
    with pytest.raises(BadInput, match="delegation"):
        supports("cascade-vad", "delegations")

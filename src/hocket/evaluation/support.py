"""Which suites an engine can be asked: what does not exist yet is said to be so, never passed.

Law: a suite whose feature is missing has a reason here and no figures in a report; a suite that nobody
knows is the caller's mistake. A reason goes when the feature comes.
Source: issue of the bench, "Suites whose feature does not exist yet report 'not supported'".
"""

from collections.abc import Mapping
from typing import Final

from hocket.core.errors import BadInput
from hocket.evaluation.metrics import SUITES

# Holds for every engine.
MISSING: Final[Mapping[str, str]] = {
    "delegation": "no engine hands jobs to a background model yet",
}


def supports(engine_name: str, suite: str) -> str | None:
    """Why an engine cannot be asked a suite; None if it can.

    Raises:
        BadInput: no such suite.
    """
    if suite not in SUITES:
        raise BadInput(f"expected a suite of {', '.join(SUITES)}, got {suite}")
    return MISSING.get(suite)

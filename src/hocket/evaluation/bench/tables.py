"""From takes to tables: one suite on one engine, all voices, made ones and people apart.

Law: a table is a function of takes and seed. What running costs is read from scores only where compute
was measured. Source: metrics.md; metrics/__init__.py for what is read from which suite.
"""

from collections.abc import Sequence
from typing import Final

from hocket.evaluation.metrics import SUITES, table
from hocket.evaluation.metrics.takes import Take
from hocket.evaluation.results import SuiteResult, Table, kept
from hocket.evaluation.truth import Voices

# Suites in which it matters what the agent said; elsewhere a takeover is told by its length.
WORDS: Final = frozenset({"turns", "noise", "timing"})
ALL: Final = "all"


def suite_result(
    suite: str, takes: Sequence[Take], *, scenes_hash: str, measured: bool, seed: int
) -> SuiteResult:
    """The suite's figures."""
    families = [name for name in SUITES[suite] if measured or name != "runtime"]
    groups = {ALL: list(takes)} | {
        str(voices): [take for take in takes if take.truth.voices is voices] for voices in Voices
    }
    tables: dict[str, Table] = {
        name: kept(table(group, families, seed=seed)) for name, group in groups.items() if group
    }
    return SuiteResult(suite=suite, scenes_hash=scenes_hash, n_scenes=len(takes), tables=tables)

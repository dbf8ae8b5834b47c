"""Results say where they were made."""

import os

from hocket.core.provenance import commit, machine


def test_the_commit_is_named_or_said_to_be_unknown() -> None:
    named = commit().removesuffix("+")
    assert named == "unknown" or (len(named) >= 40 and int(named, 16))


def test_the_machine_is_named_with_its_cores() -> None:
    named = machine()
    assert f"{os.cpu_count()} cores" in named
    assert len(named.split(",")[0]) > 2

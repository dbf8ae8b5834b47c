from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weights.registry import Registry
from tests.weights.shelf import Shelf, serve


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serve() as shelf:
        yield shelf


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    index = tmp_path / "index"
    index.mkdir()
    return Registry(index)

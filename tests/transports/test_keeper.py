import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hocket.protocol.score import ScoreTotals
from hocket.transports.keeper import MOST_WAITING, Keeper, scores_folder
from tests.session.driver import config
from tests.transports.serving import LOUD


def test_a_session_without_a_tick_leaves_no_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as disk:
        Keeper(tmp_path, "a", config(), disk).end(ScoreTotals(ticks=0, duration_s=0))
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_broke_leaves_what_it_had(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as disk:
        keeper = Keeper(tmp_path, "a", config(), disk)
        keeper.heard(LOUD)
        keeper.end(None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl.part"]


def test_a_disk_that_refuses_ends_the_keeping_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(1) as disk:
        keeper = Keeper(tmp_path / "not" / "there", "a", config(), disk)
        keeper.heard(LOUD)
        keeper.heard(LOUD)
        keeper.end(None)
    assert "is not kept any more" in caplog.text


def test_a_disk_that_hangs_is_waited_for_by_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    free = threading.Event()
    with ThreadPoolExecutor(1) as disk:
        disk.submit(free.wait)
        keeper = Keeper(tmp_path, "a", config(), disk)
        for _ in range(MOST_WAITING + 1):
            keeper.heard(LOUD)
        assert "the disk is too slow" in caplog.text
        keeper.end(ScoreTotals(ticks=1, duration_s=0.2))
        free.set()
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl.part"]


def test_a_folder_is_made_if_it_is_not_there(tmp_path: Path) -> None:
    assert scores_folder(tmp_path / "a" / "b").is_dir()

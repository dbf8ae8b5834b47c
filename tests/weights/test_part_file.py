import errno
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.core.errors import StorageError
from hocket.weights.part_file import BrokeOffError, OtherBytesError, PartFile, storage
from tests.weights.files import model_file, some_bytes

BODY = some_bytes(5_000)


@given(cuts=st.lists(st.integers(0, len(BODY)), max_size=8), kept=st.integers(0, len(BODY)))
def test_however_it_is_cut_and_continued_the_whole_arrives(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], kept: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    (folder / "x.part").write_bytes(BODY[:kept])
    with PartFile(folder / "x.part", model_file(BODY), resume=True) as part:
        edges = [kept, *sorted(cut for cut in cuts if cut > kept), len(BODY)]
        for start, stop in pairwise(edges):
            part.write(BODY[start:stop])
        part.commit(folder / "x")
    assert (folder / "x").read_bytes() == BODY
    assert not (folder / "x.part").exists()


def test_too_few_bytes_never_get_the_name_and_are_kept(tmp_path: Path) -> None:
    with (
        pytest.raises(BrokeOffError, match="10 of 5000"),
        PartFile(tmp_path / "x.part", model_file(BODY)) as part,
    ):
        part.write(BODY[:10])
        part.commit(tmp_path / "x")
    assert (tmp_path / "x.part").read_bytes() == BODY[:10]
    assert not (tmp_path / "x").exists()


def test_too_many_bytes_are_refused_at_once(tmp_path: Path) -> None:
    with (
        pytest.raises(OtherBytesError, match="more than the expected 5000"),
        PartFile(tmp_path / "x.part", model_file(BODY)) as part,
    ):
        part.write(BODY)
        part.write(b"!")
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stays_until_the_new_one_is_right(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with (
        pytest.raises(OtherBytesError),
        PartFile(tmp_path / "x.part", model_file(BODY)) as part,
    ):
        part.write(bytes(len(BODY)))
        part.commit(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"old"


class FullDisk:
    """A stream to a disk without space."""

    def write(self, _: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=r"No space left.*free some space") as caught,
        PartFile(tmp_path / "x.part", model_file(BODY)) as part,
    ):
        part._stream.close()
        full: Any = FullDisk()
        part._stream = full
        part.write(BODY)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_the_disks_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="set HOCKET_HOME"):
        PartFile(tmp_path / "file" / "x.part", model_file(BODY))


def test_the_refusal_names_the_path(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=f"{tmp_path}.*Read-only file system"),
        storage(tmp_path),
    ):
        raise OSError(errno.EROFS, "Read-only file system")

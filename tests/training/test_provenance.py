import shutil
from pathlib import Path

from hocket.training.provenance import data_hash
from tests.training import toy


def test_a_pack_has_one_hash_wherever_it_lies(tmp_path: Path) -> None:
    toy.pack(tmp_path / "here", sessions=2)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    (tmp_path / "there" / "lanes").mkdir()
    assert data_hash(tmp_path / "here") == data_hash(tmp_path / "there")


def test_other_data_has_another_hash(tmp_path: Path) -> None:
    toy.pack(tmp_path, sessions=2)
    before = data_hash(tmp_path)
    array = tmp_path / "floor.npy"
    array.write_bytes(array.read_bytes()[:-1] + b"\x09")
    assert data_hash(tmp_path) != before

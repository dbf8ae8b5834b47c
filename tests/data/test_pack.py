from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.data.pack import TICK_ARRAYS, Pack, Packs, PackWriter, SessionTicks


def session(n_ticks: int, seed: int, *, silent: bool = False) -> SessionTicks:
    rng = np.random.default_rng(seed)
    rows = {
        name: rng.integers(0, 16, (n_ticks, *shape)).astype(kind)
        for name, (kind, shape) in TICK_ARRAYS.items()
    }
    counts = rng.integers(0, 1 if silent else 4, (2, n_ticks))
    input_end, text_end = np.cumsum(counts, axis=1)
    return SessionTicks(
        about={"id": f"s{seed}"},
        **rows,
        input_ids=rng.integers(0, 49_152, counts[0].sum()).astype(np.uint16),
        input_kinds=rng.integers(0, 4, counts[0].sum()).astype(np.uint8),
        input_end=input_end,
        text_ids=rng.integers(0, 49_152, counts[1].sum()).astype(np.uint16),
        text_end=text_end,
    )


def equal(a: SessionTicks, b: SessionTicks) -> bool:
    names = [field.name for field in fields(SessionTicks) if field.name != "about"]
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


@pytest.mark.parametrize("silent", [False, True])
def test_what_was_packed_comes_back(tmp_path: Path, silent: bool) -> None:
    sessions = [session(n, seed, silent=silent) for seed, n in enumerate((7, 1, 30))]
    with PackWriter(tmp_path) as writer:
        for each in sessions:
            writer.add(each)
        writer.finish({"recipe": "test"})
    pack = Pack(tmp_path)
    assert (pack.about["recipe"], pack.about["ticks"], len(pack)) == ("test", 38, 3)
    assert all(equal(a, b) for a, b in zip(pack, sessions, strict=True))
    assert [each.about["id"] for each in pack] == ["s0", "s1", "s2"]


def test_a_half_written_pack_is_refused(tmp_path: Path) -> None:
    with PackWriter(tmp_path) as writer:
        writer.add(session(3, 0))
    with pytest.raises(BadInput, match="finished pack"):
        Pack(tmp_path)


@pytest.mark.parametrize("about", ["[]", '{"pack": 0}', '{"pack": 1}', "{"])
def test_a_folder_that_is_no_pack_is_refused(about: str, tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text(about)
    with pytest.raises(BadInput, match=f"expected .* in {tmp_path}"):
        Pack(tmp_path)


def test_an_array_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    rows = {field.name: getattr(session(3, 0), field.name) for field in fields(SessionTicks)}
    wrong = SessionTicks(**{**rows, "dmel": np.zeros((3, 80), np.uint8)})
    with PackWriter(tmp_path) as writer, pytest.raises(ValueError, match="expected dmel"):
        writer.add(wrong)


def test_several_packs_are_one_in_a_row(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, lengths in zip(folders, ((3, 5), (4,)), strict=True):
        with PackWriter(folder) as writer:
            for n in lengths:
                writer.add(session(n, n))
            writer.finish({})
    both = Packs(folders)
    assert len(both) == 3
    assert [len(each) for each in both] == [3, 5, 4]
    assert [len(both[i]) for i in range(3)] == [3, 5, 4]
    with pytest.raises(IndexError, match="expected a session below 3"):
        both[3]

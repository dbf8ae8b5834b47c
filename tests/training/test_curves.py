import json
from pathlib import Path

from hocket.training.curves import FILE, PICTURE, Curves, Row, picture


def trained(step: int) -> Row:
    return {"kind": "train", "step": step, "floor_loss": 1 / step, "ahead_loss": 0.5}


def validated(step: int, auc: float | None) -> Row:
    return {
        "kind": "validation",
        "step": step,
        "floor_loss": 1.0,
        "ahead_loss": 0.6,
        "accuracy": 0.8,
        "recall": {"listen": 0.9, "speak": 0.7},
        "auc": {"0.2": {"auc": auc, "ends": 3, "pauses": 4}},
    }


def steps(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / FILE).read_text().splitlines()]


def test_rows_are_written_as_they_come(tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    for step in (1, 2, 3):
        curves.add(trained(step))
        assert steps(tmp_path) == list(range(1, step + 1))


def test_a_resumed_training_drops_what_it_will_do_again(tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    for step in (1, 2, 3):
        curves.add(trained(step))
    with (tmp_path / FILE).open("a") as stream:
        stream.write('{"kind": "train", "st')  # the process ended as it wrote
    resumed = Curves(tmp_path, up_to_step=2)
    resumed.add(trained(3))
    assert steps(tmp_path) == [1, 2, 3] == [row["step"] for row in resumed.rows]


def test_a_new_training_starts_a_new_file(tmp_path: Path) -> None:
    Curves(tmp_path).add(trained(1))
    Curves(tmp_path)
    assert steps(tmp_path) == []


def test_the_picture_shows_whatever_there_is(tmp_path: Path) -> None:
    rows = [trained(1), validated(1, None), trained(2), validated(2, 0.75)]
    pictures = {picture(rows[:n]) for n in range(5)}
    assert len(pictures) == 5 and all(each.startswith(b"\x89PNG") for each in pictures)
    curves = Curves(tmp_path)
    curves.add(trained(1))
    curves.draw()
    assert (tmp_path / PICTURE).read_bytes() in pictures

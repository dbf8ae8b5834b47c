import io
from pathlib import Path

import pytest
from rich.console import Console

from hocket.core.errors import ModelFileError
from hocket.weights import store
from hocket.weights.catalogue import Catalogue, ModelFile
from hocket.weights.progress import ProgressBar, Silent
from hocket.weights.store import State
from tests.weights.files import Remembers, http, model_file, some_bytes
from tests.weights.shelf import Answer, Shelf

BODY = some_bytes(1_000)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOCKET_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def file(home: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    """The only model file of a catalogue; the shelf has it."""
    file = model_file(BODY, http(shelf.put("/x", Answer(body=BODY))))
    monkeypatch.setattr(store, "catalogue", lambda: Catalogue(files=(file,)))
    return file


def put(file: ModelFile, body: bytes) -> Path:
    path = store.path_of(file.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def test_a_path_is_told_without_touching_the_disk(home: Path) -> None:
    path = store.path_of("moonshine-tiny-en/encoder_model.ort")
    assert path == home / "weights/moonshine-tiny-en/encoder_model.ort"
    assert not home.exists()


def test_without_hocket_home_the_cache_is_in_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HOCKET_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store.home() == tmp_path / ".cache/hocket"


def test_a_path_of_an_unknown_file_is_refused(home: Path) -> None:
    with pytest.raises(ModelFileError, match="got 'nope/x'"):
        store.path_of("nope/x")


def test_what_is_missing_is_pulled_and_then_left_alone(file: ModelFile, shelf: Shelf) -> None:
    for _ in range(2):
        (path,) = store.ensure([file.id], reporter=Silent())
        assert path.read_bytes() == BODY
    assert len(shelf.asked) == 1


def test_ensuring_what_is_there_writes_nothing(file: ModelFile, home: Path) -> None:
    path = put(file, BODY)
    store.ensure([file.id])
    assert [entry for entry in home.rglob("*") if entry.is_file()] == [path]


def test_a_truncated_file_is_pulled_again(file: ModelFile) -> None:
    path = put(file, BODY[:-1])
    store.ensure([file.id], reporter=Silent())
    assert path.read_bytes() == BODY


def test_pulling_mends_an_altered_file(file: ModelFile) -> None:
    path = put(file, bytes(len(BODY)))
    store.pull(["talk"], reporter=Silent())
    assert path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (None, State.MISSING),
        (BODY, State.RIGHT),
        (BODY[:-1], State.TRUNCATED),
        (b"", State.TRUNCATED),
        (BODY + b"!", State.ALTERED),
        (bytes(len(BODY)), State.ALTERED),
    ],
)
def test_verify_tells_what_lies_there(file: ModelFile, body: bytes | None, state: State) -> None:
    if body is not None:
        put(file, body)
    (verdict,) = store.verify(["talk"])
    assert verdict.state is state
    assert verdict.found_bytes == len(body or b"")


def test_a_folder_in_a_files_place_is_not_the_file(file: ModelFile) -> None:
    store.path_of(file.id).mkdir(parents=True)
    (verdict,) = store.verify(["talk"])
    assert verdict.state is State.MISSING


def test_the_bar_goes_to_the_terminal_and_leaves_a_line_a_file(file: ModelFile, home: Path) -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=120)
    with ProgressBar(console) as bar:
        store.ensure([file.id], reporter=bar)
        bar.note("a note")
    assert "some-model/some.onnx ← http://127.0.0.1" in terminal.getvalue()
    assert "\x1b[2ma note" in terminal.getvalue()


def test_a_reporter_is_told_start_and_end(file: ModelFile) -> None:
    reporter = Remembers()
    store.ensure(["some-model"], reporter=reporter)
    assert reporter.started == [file.id]
    assert reporter.finished[0][0] == file.id


@pytest.mark.models
def test_the_smallest_real_file_comes_from_nothing(home: Path) -> None:
    (path,) = store.ensure(["silero-vad/silero_vad.onnx"], reporter=Silent())
    assert path.stat().st_size == 2_327_524
    assert store.verify(["silero-vad"])[0].state is State.RIGHT

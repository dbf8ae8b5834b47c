from pathlib import Path

import pytest

from hocket import cli
from hocket.cli import main, models
from hocket.cli.main import outcome, run
from hocket.weights import store
from hocket.weights.catalogue import Catalogue, ModelFile
from tests.weights.files import http, model_file, some_bytes
from tests.weights.shelf import Answer, Shelf, serve

BODY = some_bytes(1_000)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOCKET_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def one_file(monkeypatch: pytest.MonkeyPatch, shelf: Shelf, body: bytes = BODY) -> ModelFile:
    file = model_file(BODY, http(shelf.put("/x", Answer(body=body))))
    for module in (store, models):
        monkeypatch.setattr(module, "catalogue", lambda: Catalogue(files=(file,)))
    return file


def test_pull_then_verify_then_list(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as shelf:
        file = one_file(monkeypatch, shelf)
        assert outcome(["models", "pull"]) == 0
        assert outcome(["models", "verify"]) == 0
        assert outcome(["models", "list", "--files"]) == 0
    out = capsys.readouterr().out
    assert "sha256 right: 1 of 1" in out
    assert f"{file.id}: right" in out
    assert " yes" in out


@pytest.mark.parametrize(
    ("body", "word"), [(BODY[:10], "truncated: 10 of 1000"), (bytes(len(BODY)), "altered")]
)
def test_verify_answers_no_for_a_spoilt_file(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: bytes,
    word: str,
) -> None:
    with serve() as shelf:
        file = one_file(monkeypatch, shelf)
    path = store.path_of(file.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(body)
    assert outcome(["models", "verify"]) == 1
    assert f"{file.id}: {word}" in capsys.readouterr().out


def test_verify_of_nothing_is_no_success(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["models", "verify"]) == 1
    assert "hocket models pull" in capsys.readouterr().out
    assert outcome(["models", "verify", "silero-vad"]) == 1
    assert "silero-vad/silero_vad.onnx: missing" in capsys.readouterr().out


def test_a_failed_pull_is_one_line_and_exit_2(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as shelf:
        one_file(monkeypatch, shelf, body=some_bytes(1_000, seed=8))
        assert outcome(["models", "pull"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("hocket: cannot get some-model/some.onnx from any source: http://")


def test_list_tells_size_licence_and_group(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["models", "list"]) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert rows["silero-vad"] == ["2.3", "MIT", "talk", "no"]
    assert rows["whisper-base"] == ["147.9", "MIT", "evaluate", "no"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-command"], "no-such-command"),
        (["main"], "main"),
        (["--no-such-option"], "--no-such-option"),
        (["models", "pull", "--no-such-option"], "Try: hocket models pull --help"),
        (["models", "pull", "no-such-model"], "expected a group (talk,"),
    ],
)
def test_bad_usage_is_one_helpful_line_and_exit_2(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert outcome(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("hocket: ")
    assert words in line


def test_without_arguments_the_commands_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome([]) == 0
    out = capsys.readouterr().out
    assert "Usage: hocket" in out
    assert "models" in out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("hocket 0.")


SINGING = '''
import typer
from hocket.core.errors import Overloaded
app = typer.Typer()
@app.command()
def sing(mood: str, loud: bool = False) -> None:
    """Sing."""
    if mood == "hoarse":
        raise Overloaded("expected a voice,\\ngot none")
    if mood == "silent":
        raise typer.Exit(1)
    if mood == "cut":
        raise KeyboardInterrupt
    typer.echo("la" * (1 + loud))
'''


@pytest.fixture
def singing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of commands with one more module in it, and a helper that is no command."""
    (tmp_path / "sing_for_tests.py").write_text(SINGING)
    (tmp_path / "helper_for_tests.py").write_text("x = 1")
    (tmp_path / "needy_for_tests.py").write_text("import no_such_package")
    monkeypatch.setattr(cli, "__path__", [*cli.__path__, str(tmp_path)])


@pytest.mark.usefixtures("singing")
def test_a_module_with_an_app_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["sing_for_tests", "glad", "--loud"]) == 0
    assert capsys.readouterr().out == "lala\n"
    assert outcome(["helper_for_tests"]) == 2
    assert main.app.info.cls is main.CommandsByModule


@pytest.mark.usefixtures("singing")
def test_a_command_whose_package_is_not_installed_says_so_and_harms_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert outcome(["needy_for_tests"]) == 2
    assert "needs the package no_such_package" in capsys.readouterr().err
    assert outcome(["--help"]) == 0
    out = capsys.readouterr().out
    assert "sing_for_tests" in out
    assert "needy_for_tests" not in out


@pytest.mark.usefixtures("singing")
@pytest.mark.parametrize(
    ("mood", "code", "err"),
    [
        ("hoarse", 2, "hocket: expected a voice, got none\n"),
        ("silent", 1, ""),
        ("cut", 130, "hocket: interrupted\n"),
    ],
)
def test_errors_become_one_line_and_their_exit_code(
    capsys: pytest.CaptureFixture[str], mood: str, code: int, err: str
) -> None:
    assert outcome(["sing_for_tests", mood]) == code
    assert capsys.readouterr().err == err

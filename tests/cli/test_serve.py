import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx
import pytest

from hocket.cli.main import outcome
from hocket.core.errors import ModelFileError
from hocket.recipes import engines
from hocket.transports.server import listen
from hocket.weights import store
from tests.transports.serving import answers, fake_worker, native_client


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ensure", lambda names: [])
    monkeypatch.setattr(engines, "served", lambda path_of, name: fake_worker(answers()))


@pytest.fixture
def survives_signals() -> Iterator[None]:
    """A signal that comes when no server is there any more must not end the tests."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


def free_port() -> int:
    with listen(0) as listener:
        port: int = listener.getsockname()[1]
        return port


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


def test_a_port_in_use_is_one_line_and_exit_2(
    fake_models: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen(0) as other:
        port = other.getsockname()[1]
        assert outcome(["serve", "--port", str(port)]) == 2
    assert complaint(capsys) == f"hocket: expected a free port, got {port}: Address already in use"


def test_models_that_cannot_be_had_are_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ensure(names: Iterable[str]) -> list[Path]:
        raise ModelFileError("expected ears/encoder.ort from any source, got none")

    monkeypatch.setattr(store, "ensure", ensure)
    port = free_port()
    assert outcome(["serve", "--port", str(port)]) == 2
    assert complaint(capsys) == "hocket: expected ears/encoder.ort from any source, got none"
    listen(port).close()  # the port was given back


@pytest.mark.parametrize(
    "options",
    [
        ["--model", "none"],
        ["--port", "70000"],
        ["--port", "x"],
        ["--sessions", "0"],
        ["--mode", "loud"],
        ["--background", "http://127.0.0.1"],
    ],
)
def test_bad_options_are_one_line_and_exit_2(
    options: list[str], fake_models: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(["serve", *options]) == 2
    assert complaint(capsys).startswith("hocket: ")


def test_a_scores_folder_that_cannot_be_made_is_one_line_and_exit_2(
    fake_models: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert outcome(["serve", "--scores", str(tmp_path / "file" / "scores")]) == 2
    assert "expected a folder for scores" in complaint(capsys)


def beside(port: int, visit: Callable[[], None]) -> threading.Thread:
    """Visits the server once it is up, then sends this process SIGTERM."""

    def run() -> None:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=50)) as client:
                client.get(f"http://127.0.0.1:{port}/healthz")
            visit()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_it_says_where_it_is_and_a_signal_ends_it_gently(
    fake_models: None, survives_signals: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    codes: list[int | None] = []
    talking = threading.Event()

    async def talk() -> None:
        async with native_client(port) as client:
            await client.say("hello")
            while not client.of("words"):
                await client.next()
            talking.set()
            codes.append(await client.close_code())
            said = [w["text"] for found in client.of("words") for w in found["words"]]
            assert "three." in said

    talker = threading.Thread(target=lambda: asyncio.run(talk()))

    def visit() -> None:
        talker.start()
        talking.wait(10)

    visitor = beside(port, visit)
    assert outcome(["serve", "--port", str(port), "--scores", str(tmp_path)]) == 0
    visitor.join()
    talker.join()
    assert codes == [1001]
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out
    assert len(list(tmp_path.glob("*.jsonl"))) == len(list(tmp_path.glob("*.wav"))) == 1


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["serve", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in ("--port", "--model", "--mode", "--sessions", "--scores"):
        assert option in shown

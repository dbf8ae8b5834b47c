import socket
import threading
from pathlib import Path

import pytest

from hocket.weights.catalogue import HttpSource, ModelFile
from hocket.weights.fetch import Fetcher, UnreachableError, dial
from hocket.weights.part_file import BrokeOffError, OtherBytesError, SourceError
from tests.weights.files import Remembers, http, model_file, some_bytes
from tests.weights.shelf import Answer, Shelf

BODY = some_bytes(300_000)
HALF = 150_000


class Bench:
    """A fetcher, and the places it writes to."""

    def __init__(self, folder: Path, stall_s: float = 5.0) -> None:
        self.part = folder / "some.onnx.part"
        self.target = folder / "some.onnx"
        self.reporter = Remembers()
        self.fetcher = Fetcher(self.reporter, dial_s=2.0, stall_s=stall_s)

    def fetch(self, url: str, file: ModelFile | None = None) -> None:
        file = file or model_file(BODY, http(url))
        self.fetcher.fetch(HttpSource(kind="http", url=url), file, self.part, self.target)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_arrives_under_its_name_and_nothing_else_stays(bench: Bench, shelf: Shelf) -> None:
    bench.fetch(shelf.put("/a", Answer(body=BODY)))
    assert bench.target.read_bytes() == BODY
    assert not bench.part.exists()
    assert bench.reporter.positions[-1] == len(BODY)


def test_an_earlier_beginning_is_continued(bench: Bench, shelf: Shelf) -> None:
    bench.part.write_bytes(BODY[:HALF])
    bench.fetch(shelf.put("/a", Answer(body=BODY)))
    assert shelf.asked == [("/a", f"bytes={HALF}-")]
    assert bench.target.read_bytes() == BODY


def test_a_server_without_ranges_starts_over(bench: Bench, shelf: Shelf) -> None:
    bench.part.write_bytes(BODY[:HALF])
    bench.fetch(shelf.put("/a", Answer(body=BODY, ranges=False)))
    assert bench.target.read_bytes() == BODY


def test_a_whole_beginning_needs_no_request(bench: Bench, shelf: Shelf) -> None:
    bench.part.write_bytes(BODY)
    bench.fetch(shelf.put("/a", Answer(body=BODY)))
    assert shelf.asked == []
    assert bench.target.read_bytes() == BODY


@pytest.mark.parametrize("beginning", [b"x" * HALF, b"x" * len(BODY), b"x" * (len(BODY) + 1)])
def test_a_false_beginning_costs_a_second_try(bench: Bench, shelf: Shelf, beginning: bytes) -> None:
    bench.part.write_bytes(beginning)
    bench.fetch(shelf.put("/a", Answer(body=BODY)))
    assert bench.target.read_bytes() == BODY
    assert shelf.asked[-1] == ("/a", None)


def test_a_broken_transfer_is_continued_as_long_as_bytes_come(bench: Bench, shelf: Shelf) -> None:
    bench.fetch(shelf.put("/a", Answer(body=BODY, break_after=[100_000, 100_000])))
    assert bench.target.read_bytes() == BODY
    assert shelf.asked == [("/a", None), ("/a", "bytes=100000-"), ("/a", "bytes=200000-")]


def test_a_transfer_that_brings_nothing_more_is_given_up_and_kept(
    bench: Bench, shelf: Shelf
) -> None:
    url = shelf.put("/a", Answer(body=BODY, break_after=[100_000, 0]))
    with pytest.raises(BrokeOffError, match="100000 of 300000 bytes"):
        bench.fetch(url)
    assert bench.part.read_bytes() == BODY[:100_000]
    assert not bench.target.exists()


def test_other_bytes_of_the_same_length_are_refused_and_removed(bench: Bench, shelf: Shelf) -> None:
    url = shelf.put("/a", Answer(body=some_bytes(len(BODY), seed=8)))
    with pytest.raises(OtherBytesError, match="expected sha256"):
        bench.fetch(url)
    assert not bench.target.exists()
    assert not bench.part.exists()
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("size", [0, len(BODY) - 1, len(BODY) + 1])
def test_another_size_is_refused_before_a_byte_is_taken(
    bench: Bench, shelf: Shelf, size: int
) -> None:
    url = shelf.put("/a", Answer(body=BODY, promised_bytes=size))
    with pytest.raises(SourceError, match=f"expected 300000 bytes, got {size}"):
        bench.fetch(url)
    assert bench.reporter.positions == []


def test_a_body_that_stalls_is_given_up(tmp_path: Path, shelf: Shelf) -> None:
    bench = Bench(tmp_path, stall_s=0.1)
    url = shelf.put("/a", Answer(body=BODY, ranges=False, stall_after=HALF))
    with pytest.raises(BrokeOffError, match=r"no byte for 0\.1 s"):
        bench.fetch(url)
    assert bench.part.read_bytes()[:HALF] == BODY[:HALF]
    assert not bench.target.exists()


def test_a_missing_file_is_no_word_against_its_host(bench: Bench, shelf: Shelf) -> None:
    with pytest.raises(SourceError, match="HTTP 404"):
        bench.fetch(shelf.url("/missing"))
    bench.fetch(shelf.put("/a", Answer(body=BODY)))
    assert bench.target.exists()


def test_a_host_that_refuses_is_not_asked_again(bench: Bench, shelf: Shelf) -> None:
    url = shelf.put("/a", Answer(status=503))
    for _ in range(2):
        with pytest.raises(UnreachableError, match="HTTP 503"):
            bench.fetch(url)
    assert len(shelf.asked) == 1


def test_a_host_that_does_not_answer_is_dialled_once(tmp_path: Path) -> None:
    dialled = []

    def dead(host: str, port: int, timeout_s: float) -> str:
        dialled.append((host, port, timeout_s))
        return "no answer"

    fetcher = Fetcher(Remembers(), dial_s=3.0, dial=dead)
    for path in ("/a", "/b"):
        source = HttpSource(kind="http", url=f"https://models.invalid{path}")
        with pytest.raises(UnreachableError, match=r"models\.invalid cannot be reached"):
            fetcher.fetch(source, model_file(BODY), tmp_path / "x.part", tmp_path / "x")
    assert dialled == [("models.invalid", 443, 3.0)]
    assert list(tmp_path.iterdir()) == []


def test_behind_a_proxy_the_proxy_is_dialled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    dialled = []

    def dead(host: str, port: int, timeout_s: float) -> str:
        dialled.append((host, port))
        return "no answer"

    source = HttpSource(kind="http", url="https://models.invalid/a")
    with pytest.raises(UnreachableError):
        Fetcher(Remembers(), dial=dead).fetch(
            source, model_file(BODY), tmp_path / "x.part", tmp_path / "x"
        )
    assert dialled == [("proxy.invalid", 3128)]


def test_dialling_says_why_nobody_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert "refused" in dial("127.0.0.1", closed.getsockname()[1], 2.0)


def test_dialling_a_name_that_hangs_takes_no_longer_than_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def hanging(*_: object) -> socket.socket:
        release.wait()
        raise OSError("late")

    monkeypatch.setattr(socket, "create_connection", hanging)
    assert dial("models.invalid", 443, 0.05) == "no answer in 0.05 s"
    release.set()

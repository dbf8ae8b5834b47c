"""A web server on this machine that serves model files well or badly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True, kw_only=True)
class Answer:
    """How a path is answered."""

    body: bytes = b""
    status: int = 200
    ranges: bool = True
    promised_bytes: int | None = None  # Content-Length, where it is not the truth
    break_after: list[int] = field(default_factory=list)  # bytes of each answer before it breaks
    stall_after: int | None = None  # bytes before silence


@dataclass(slots=True)
class Shelf:
    """What is served, and what was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range
    stalled: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.url(path)


def _handler(shelf: Shelf) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked_range = self.headers["Range"]
            shelf.asked.append((self.path, asked_range))
            answer = shelf.answers.get(self.path, Answer(status=404))
            start = 0
            if asked_range and answer.ranges and answer.status == 200:
                start = int(asked_range.removeprefix("bytes=").removesuffix("-"))
            self._head(answer, start, partial=start > 0)
            self._body(answer, answer.body[start:])

        def _head(self, answer: Answer, start: int, *, partial: bool) -> None:
            size = len(answer.body)
            self.send_response(206 if partial else answer.status)
            if partial:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            promised = size - start if answer.promised_bytes is None else answer.promised_bytes
            self.send_header("Content-Length", str(promised))
            self.end_headers()

        def _body(self, answer: Answer, body: bytes) -> None:
            self.close_connection = True
            if answer.break_after:
                body = body[: answer.break_after.pop(0)]
            self.wfile.write(body[: answer.stall_after])
            if answer.stall_after is not None:
                self.wfile.flush()
                shelf.stalled.set()
                shelf.closing.wait()

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    return Handler


@contextmanager
def serve() -> Iterator[Shelf]:
    """A shelf on a free port of the loop-back address."""
    shelf = Shelf()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(shelf)) as server:
        server.daemon_threads = True
        shelf.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield shelf
        finally:
            shelf.closing.set()
            server.shutdown()
            thread.join()

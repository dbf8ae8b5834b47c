"""Pull a file from an address, continuing what an earlier try left.

Law: an address that does not answer costs seconds, once a run: the host is remembered as dead.
Proxies and certificates are those of the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``).
Source: RFC 9110 sections 14 (range requests) and 15.
"""

import re
import socket
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, getproxies, proxy_bypass, urlopen

from hocket.weights.catalogue import HttpSource, ModelFile
from hocket.weights.part_file import BrokeOffError, OtherBytesError, PartFile, SourceError
from hocket.weights.progress import Reporter

DIAL_S = 3.0  # name look-up and TCP connection together
STALL_S = 10.0  # no byte for so long: broken off
READ_BYTES = 1 << 16
TRIES = 5  # continuations of one transfer, each of which must bring bytes
HOST_STATUSES = frozenset({403, 407, 429, 500, 502, 503, 504})  # the host's word, not the file's

Dial = Callable[[str, int, float], str]


class UnreachableError(SourceError):
    """The host does not answer; nothing else of it is tried in this run."""


def dial(host: str, port: int, timeout_s: float) -> str:
    """Why no TCP connection can be made within ``timeout_s``; empty if one can.

    A thread, because a name look-up takes no timeout and behind some networks hangs for a minute.
    """
    outcome: list[str] = []

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout_s).close()
            outcome.append("")
        except OSError as error:
            outcome.append(error.strerror or str(error))

    thread = Thread(target=connect, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return outcome[0] if outcome else f"no answer in {timeout_s:g} s"


class Fetcher:
    """Downloads of one run."""

    def __init__(
        self,
        reporter: Reporter,
        *,
        dial_s: float = DIAL_S,
        stall_s: float = STALL_S,
        dial: Dial = dial,
    ) -> None:
        self._reporter = reporter
        self._dial_s = dial_s
        self._stall_s = stall_s
        self._dial = dial
        self._dead: dict[str, str] = {}  # host -> why
        self._alive: set[str] = set()

    def fetch(self, source: HttpSource, file: ModelFile, part_path: Path, target: Path) -> None:
        """Bring ``file`` to ``target``; what a broken transfer leaves stays at ``part_path``.

        Raises:
            SourceError: this source cannot give the file.
            StorageError: the disk refused.
        """
        self._expect_alive(source.url)
        for tries_left in reversed(range(TRIES)):
            with PartFile(part_path, file, resume=True) as part:
                start = part.size
                try:
                    self._transfer(source.url, file, part)
                    part.commit(target)
                    return
                except BrokeOffError:
                    if part.size == start or not tries_left:
                        raise
                except OtherBytesError:
                    if not start:  # an earlier beginning may be what was wrong: try without it
                        raise

    def _expect_alive(self, url: str) -> None:
        """Raise UnreachableError if the host, or the proxy before it, takes no connection."""
        host = urlsplit(url).netloc
        if host in self._alive:
            return
        if host not in self._dead and (why := self._dial(*_next_hop(url), self._dial_s)):
            self._dead[host] = why
        if host in self._dead:
            raise UnreachableError(f"{host} cannot be reached ({self._dead[host]})")
        self._alive.add(host)

    def _lost(self, url: str, why: str) -> UnreachableError:
        host = urlsplit(url).netloc
        self._alive.discard(host)
        self._dead[host] = why
        return UnreachableError(f"{host} cannot be reached ({why})")

    def _transfer(self, url: str, file: ModelFile, part: PartFile) -> None:
        if part.size == file.bytes:
            return
        with self._open(url, part.size) as response:
            self._place(response, file, part)
            while chunk := self._read(response, part.size, file.bytes):
                part.write(chunk)
                self._reporter.at(part.size)

    def _open(self, url: str, start: int) -> HTTPResponse:
        headers = {"User-Agent": "hocket", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            return cast(HTTPResponse, urlopen(Request(url, headers=headers), timeout=self._stall_s))
        except HTTPError as error:
            error.close()
            if error.code in HOST_STATUSES:
                raise self._lost(url, f"HTTP {error.code}") from error
            raise SourceError(f"HTTP {error.code}") from error
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise self._lost(url, str(why) or type(error).__name__) from error

    @staticmethod
    def _place(response: HTTPResponse, file: ModelFile, part: PartFile) -> None:
        """Check the size that the answer promises, and start over if it is not a continuation."""
        promised = response.headers.get("Content-Length")
        first, total = 0, promised
        if response.status == 206:
            span = re.fullmatch(
                r"bytes (\d+)-\d+/(\d+|\*)", response.headers["Content-Range"] or ""
            )
            if span is None or int(span[1]) != part.size:
                raise SourceError("answered with a range that was not asked for")
            first, total = part.size, None if span[2] == "*" else span[2]
        if total is not None and total != str(file.bytes):
            raise SourceError(f"other bytes: expected {file.bytes} bytes, got {total}")
        if part.size and not first:
            part.restart()

    def _read(self, response: HTTPResponse, done: int, total: int) -> bytes:
        try:
            return response.read1(READ_BYTES)
        except TimeoutError as error:
            raise BrokeOffError(
                f"no byte for {self._stall_s:g} s at {done} of {total} bytes"
            ) from error
        except (OSError, HTTPException) as error:
            raise BrokeOffError(f"broke off at {done} of {total} bytes ({error})") from error


def _next_hop(url: str) -> tuple[str, int]:
    """Host and port of the first connection: the proxy's where one is set."""
    address = urlsplit(url)
    proxy = getproxies().get(address.scheme)
    if proxy and not proxy_bypass(address.netloc):
        address = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return address.hostname or "", address.port or (443 if address.scheme == "https" else 80)

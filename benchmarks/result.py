"""The envelope of every benchmark's JSON: command, machine, date, versions, results."""

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hocket.core.provenance import machine

PACKAGES = ("numpy", "onnxruntime", "hocket")


def write(path: Path | None, name: str, results: dict[str, Any]) -> None:
    """Print the results, and write them with their envelope if a path is given."""
    envelope = {
        "command": " ".join(["python", "-m", f"benchmarks.{name}", *sys.argv[1:]]),
        "machine": machine(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": {package: version(package) for package in PACKAGES},
        "results": results,
    }
    text = json.dumps(envelope, indent=1)
    print(text)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")

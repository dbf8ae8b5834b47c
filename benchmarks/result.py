"""The envelope of every benchmark's JSON: command, machine, date, versions, results."""

import json
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "onnxruntime", "hocket")


def machine() -> str:
    """Processor and number of cores, as the system names them."""
    info = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    cores = 0
    if info.exists():
        lines = info.read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model, cores = (names[0], len(names)) if names else (model, 0)
    return f"{model}, {cores} cores, {platform.system()} {platform.machine()}"


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

"""Where a result was made: by which code, on which machine.

Law: what cannot be found out is said to be unknown; nothing here fails.
"""

import platform
import subprocess
from pathlib import Path


def commit() -> str:
    """The commit of this code, "+" behind it when files differ; "unknown" outside a repository."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return "unknown"
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def machine() -> str:
    """Processor and number of cores, as the system names them."""
    info = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    cores = 0
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model, cores = (names[0], len(names)) if names else (model, 0)
    return f"{model}, {cores} cores, {platform.system()} {platform.machine()}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

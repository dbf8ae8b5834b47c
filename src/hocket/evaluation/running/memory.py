"""What a process holds. Law: read from Linux's /proc, None where there is none; nothing is estimated."""

import os
from pathlib import Path


def rss_mb(pid: int | None = None) -> float | None:
    """Resident memory of a process (default: this one) in MiB."""
    try:
        pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()[1])
    except FileNotFoundError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files(pid: int) -> int | None:
    """How many files a process has open."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except FileNotFoundError:
        return None

"""What a training came from: the code's commit and a hash of the data.

Law: the same pack gives the same hash wherever it lies; a commit with changes on top is marked so.
"""

import hashlib
import subprocess
from pathlib import Path
from typing import Final

CHUNK_BYTES: Final = 1 << 22


def data_hash(folder: Path) -> str:
    """Sixteen hex digits of all files directly in a pack's folder, names and contents."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode())
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def commit() -> str:
    """The commit of this code, "+" behind it when files differ; "unknown" outside a repository."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return "unknown"
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


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

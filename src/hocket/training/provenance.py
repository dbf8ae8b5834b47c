"""What a training came from: a hash of its data.

Law: the same pack gives the same hash wherever it lies.
"""

import hashlib
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

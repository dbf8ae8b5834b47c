"""Moonshine's tokenizer file: token ids to text and words.

Law: every id maps to bytes; text is their join, ``▁`` is a space and ``<0xNN>`` is one byte.
Source: the published ``tokenizer.bin``: length-prefixed pieces, in id order. A length byte b >= 128
is followed by a second byte c, and the length is ``128 c + b - 128``; length 0 is an unused id.
"""

import re
from pathlib import Path
from typing import Final

from hocket.core.errors import ModelFileError

BOS: Final = 1
EOS: Final = 2
_BYTE = re.compile(rb"<0x([0-9A-Fa-f]{2})>")
_SPACE = "▁".encode()


class Tokens:
    """Pieces of text by token id."""

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self._pieces = pieces

    @classmethod
    def load(cls, path: Path) -> "Tokens":
        """Read a ``tokenizer.bin``.

        Raises:
            ModelFileError: no such file, or its lengths do not add up.
        """
        if not path.is_file():
            raise ModelFileError(f"expected Moonshine's tokenizer at {path}, found nothing")
        return cls(tuple(_pieces(path.read_bytes(), path)))

    def __len__(self) -> int:
        return len(self._pieces)

    def text(self, ids: tuple[int, ...]) -> str:
        """Ids as text; control tokens are nothing, broken UTF-8 becomes U+FFFD."""
        return b"".join(map(self._bytes, ids)).decode("utf-8", "replace").strip()

    def words(self, ids: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
        """Whitespace-separated words, each with the ids that spell it."""
        groups: list[list[int]] = []
        for token in ids:
            if not groups or self._bytes(token).startswith(b" "):
                groups.append([])
            groups[-1].append(token)
        spelled = [(self.text(tuple(group)), tuple(group)) for group in groups]
        return [(word, group) for word, group in spelled if word]

    def _bytes(self, token: int) -> bytes:
        piece = self._pieces[token]
        if byte := _BYTE.fullmatch(piece):
            return bytes([int(byte[1], 16)])
        if piece.startswith(b"<") and piece.endswith(b">"):
            return b""
        return piece.replace(_SPACE, b" ")


def _pieces(data: bytes, path: Path) -> list[bytes]:
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        size = data[at]
        at += 1
        if size >= 128:
            if at == len(data):
                raise ModelFileError(f"expected a whole length at the end of {path}")
            size = data[at] * 128 + size - 128
            at += 1
        if at + size > len(data):
            raise ModelFileError(f"expected {size} bytes at byte {at} of {path}, it ends before")
        pieces.append(data[at : at + size])
        at += size
    return pieces

"""Keys of rows, and how a row is known to be whole. Pure."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any, TypeVar

from localdigest.codec import canonical_json, decode, encode

__all__ = ["content_key", "dumps", "loads", "row_checksum", "unpacked"]

T = TypeVar("T")


def content_key(*parts: Any) -> str:
    """The hash of all that a stored value depends on."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


def row_checksum(*columns: object) -> int:
    """SQLite keeps none: a flipped bit in a long text would be read as if it had been written.

    Told apart by accident only; whoever can write to the file can write a checksum too.
    """
    return zlib.crc32("\x1f".join(map(str, columns)).encode("utf-8", "surrogatepass"))


def dumps(value: Any) -> str:
    return json.dumps(encode(value), ensure_ascii=False)


def loads(kind: type[T], text: object) -> T | None:
    """A row that this version cannot read is as good as none: it is made again."""
    try:
        return decode(kind, json.loads(text)) if isinstance(text, str) else None
    except (ValueError, TypeError, RecursionError):
        return None


def unpacked(body: object, *, sha256: object) -> bytes | None:
    """The bytes that were stored under this hash; None: they are others, or none at all."""
    try:
        found = zlib.decompress(body) if isinstance(body, bytes) else b""
    except zlib.error:
        return None
    return found if hashlib.sha256(found).hexdigest() == sha256 else None

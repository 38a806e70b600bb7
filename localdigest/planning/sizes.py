"""Sizes of memory, as people write them and as they read them."""

from __future__ import annotations

import re

__all__ = ["parse_size", "size_text"]

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)
_STEPS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_GIB, _MIB = 1 << 30, 1 << 20


def parse_size(text: str) -> int:
    """Bytes of `8GiB`, `8G` (both 8 · 2³⁰), `8GB` (8 · 10⁹), `8192MiB`, or a plain number of bytes.

    Raises:
        ValueError: it is no size.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no size of memory: write it as in 8GiB")
    number, prefix, binary = match.groups()
    decimal = bool(prefix) and not binary and text.strip().lower().endswith("b")
    step: int = 1000 if decimal else 1024
    return round(float(number) * float(step) ** _STEPS[prefix.lower()])


def size_text(num_bytes: int) -> str:
    return f"{num_bytes / _GIB:.1f} GiB" if num_bytes >= _GIB else f"{num_bytes / _MIB:.0f} MiB"

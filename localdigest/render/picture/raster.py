"""The door to resvg, which turns SVG into pixels: the same bytes from the same text, with no font but the given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import resvg_py

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["to_png"]


def to_png(svg: str, *, fonts: Iterable[Path]) -> bytes:
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[str(path) for path in fonts])
    )

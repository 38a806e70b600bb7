"""The two faces that pictures are set in: their files, which characters they have, how wide those are.

The faces come with the program. So a picture is the same on every machine, whatever is installed there.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_tw
from PIL import ImageFont

from localdigest.render.picture.values import Face

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FAMILIES", "Typeface", "typeface"]

FAMILIES = {Face.SANS: "Noto Sans TC", Face.SERIF: "Noto Serif TC"}
_UNITS = 1_000  # to the em, of both faces: at this size widths are whole numbers
_PROBE = 48  # pixels: small enough to be quick, large enough to tell any sign from the box of a missing one
_NONE_HAS_IT = "\U0010fffd"


class Typeface:
    """A face. Widths are sums of its characters' own, without kerning: so a sum is exact, and quick."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Pillow's other engine is not there on every machine, and gives other widths.
        self._font = ImageFont.truetype(str(path), _UNITS, layout_engine=ImageFont.Layout.BASIC)
        self._probe = ImageFont.truetype(str(path), _PROBE, layout_engine=ImageFont.Layout.BASIC)
        self._missing = bytes(self._probe.getmask(_NONE_HAS_IT))
        self._widths: dict[str, float] = {}
        self._known: dict[str, bool] = {}

    def has(self, char: str) -> bool:
        if char not in self._known:
            self._known[char] = char == " " or bytes(self._probe.getmask(char)) != self._missing
        return self._known[char]

    def width(self, text: str, size: float) -> float:
        """Of the text in pixels."""
        widths = self._widths
        for char in text:
            if char not in widths:
                widths[char] = self._font.getlength(char) / _UNITS
        return size * sum(widths[char] for char in text)


@cache
def typeface(face: Face) -> Typeface:
    files = {Face.SANS: pylopdf_fonts_zh_tw.sans_path, Face.SERIF: pylopdf_fonts_zh_tw.serif_path}
    return Typeface(files[face]())

"""Whether the letters of a PDF can be seen: their ink, their size, their place on the page."""

from __future__ import annotations

import ctypes
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from pypdfium2 import raw

if TYPE_CHECKING:
    import pypdfium2

__all__ = ["Ink", "PageInk"]

_TINY: Final = 2.0  #: points from the lowest to the highest that letters of a font can be: print has 6 and more
_WHITE: Final = 243  #: of 255, in each colour
_FAINT: Final = 13  #: of 255, alpha
_AWAY: Final = 0.05  #: of the page's side beyond its edge
_PAINTED: Final = frozenset(
    (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_FORM)
)
_Box = tuple[float, float, float, float]  # left, bottom, right, top


class Ink(Enum):
    """How a letter stands on its page."""

    SEEN = auto()
    NONE = auto()  #: drawn in the mode that leaves no ink, as the text under a scanned picture is
    UNSEEN = auto()  #: too small, beyond the page, clear, or white on nothing


class PageInk:
    """Judges the letters of one page. All letters that were drawn at once are judged by the first of them."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> None:
        self._page = page
        self._text = text_page
        self._bounds: _Box = page.get_bbox()
        self._grounds: list[_Box] | None = None
        self._known: dict[int | None, Ink] = {}

    def of(self, index: int) -> Ink:
        """The ink of the character with this index."""
        item = raw.FPDFText_GetTextObject(self._text, index)
        if not item:  # a space that PDFium put in
            return Ink.SEEN
        address = ctypes.cast(item, ctypes.c_void_p).value
        if address not in self._known:
            self._known[address] = self._judged(item, index)
        return self._known[address]

    def _judged(self, item: raw.FPDF_PAGEOBJECT, index: int) -> Ink:
        if raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return Ink.NONE
        box = self._box(index)
        if 0 < box[3] - box[1] < _TINY or self._is_away(box):
            return Ink.UNSEEN
        return Ink.UNSEEN if self._is_white(index) and not self._has_ground(box) else Ink.SEEN

    def _box(self, index: int) -> _Box:
        """The place that a letter's font gives it, so that a dot is no smaller than a word."""
        rectangle = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(self._text, index, ctypes.byref(rectangle))
        return rectangle.left, rectangle.bottom, rectangle.right, rectangle.top

    def _is_away(self, box: _Box) -> bool:
        left, bottom, right, top = self._bounds
        across, up = _AWAY * (right - left), _AWAY * (top - bottom)
        return box[2] < left - across or box[0] > right + across or box[3] < bottom - up or box[1] > top + up

    def _is_white(self, index: int) -> bool:
        parts = [ctypes.c_uint() for _ in range(4)]
        if not raw.FPDFText_GetFillColor(self._text, index, *map(ctypes.byref, parts)):
            return False
        red, green, blue, alpha = (part.value for part in parts)
        return alpha <= _FAINT or min(red, green, blue) >= _WHITE

    def _has_ground(self, box: _Box) -> bool:
        """Whether something is painted where the letter stands: then nobody can tell here that it does not show."""
        if self._grounds is None:
            self._grounds = list(filter(None, map(self._ground, range(raw.FPDFPage_CountObjects(self._page)))))
        across, up = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(left <= across <= right and bottom <= up <= top for left, bottom, right, top in self._grounds)

    def _ground(self, number: int) -> _Box | None:
        item = raw.FPDFPage_GetObject(self._page, number)
        if raw.FPDFPageObj_GetType(item) not in _PAINTED:
            return None
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_PATH and self._is_white_path(item):
            return None
        sides = [ctypes.c_float() for _ in range(4)]
        raw.FPDFPageObj_GetBounds(item, *map(ctypes.byref, sides))
        left, bottom, right, top = (side.value for side in sides)
        return left, bottom, right, top

    def _is_white_path(self, item: raw.FPDF_PAGEOBJECT) -> bool:
        parts = [ctypes.c_uint() for _ in range(4)]
        if not raw.FPDFPageObj_GetFillColor(item, *map(ctypes.byref, parts)):
            return False
        return min(part.value for part in parts[:3]) >= _WHITE

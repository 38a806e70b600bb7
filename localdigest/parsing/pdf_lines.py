"""The lines of a PDF's pages with their size and place, by PDFium."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

from localdigest.parsing.pdf_ink import Ink, PageInk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["HYPHEN", "Line", "PdfError", "pages_with_pictures", "read_lines"]

PdfError = pypdfium2.PdfiumError

HYPHEN = "\ufffe"  #: PDFium's mark for a hyphen at the end of a line, in place of the line's end
_NOT_SHOWN = {ord("\r"): None, ord("\n"): None, 0: None, 2: HYPHEN}
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|cmssbx|sfbx|-medi(?![a-z])", re.IGNORECASE)  #: in the name of a font
_NAME_LIMIT = 128  #: bytes of it
_SAMPLES = 5  #: letters of a line that tell its size and weight: one alone may be an index or a sign
_LINE_ENDS = (ord("\n"), 2, ord(HYPHEN))  # a character alone has the code 2 where a text has U+FFFE


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; places are shares of the page's width and height, from the top left."""

    text: str  #: ends with `HYPHEN` where a word was divided, with a space where the file has one
    page: int  #: from 0
    size: float  #: of its letters, in points
    left: float
    right: float
    top: float
    ink: Ink = Ink.SEEN  #: of all of its letters
    bold: bool = False  #: most of its letters


def read_lines(body: bytes, *, max_pages: int, max_characters: int) -> Iterator[Line]:
    """The lines in reading order, until a limit. The caller has vetted the file."""
    pdf = pypdfium2.PdfDocument(body)
    try:
        left = max_characters
        for number in range(min(len(pdf), max_pages)):
            for line in _page_lines(pdf, number, left):
                left -= len(line.text)
                yield line
            if left <= 0:
                return
    finally:
        pdf.close()


def pages_with_pictures(body: bytes, numbers: Sequence[int]) -> int:
    """How many of these pages hold a picture. The caller has vetted the file."""
    pdf = pypdfium2.PdfDocument(body)
    try:
        return sum(_has_picture(pdf, number) for number in numbers)
    finally:
        pdf.close()


def _has_picture(pdf: pypdfium2.PdfDocument, number: int) -> bool:
    page = pdf[number]
    try:
        return any(True for _ in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)))
    finally:
        page.close()


def _page_lines(pdf: pypdfium2.PdfDocument, number: int, max_characters: int) -> list[Line]:
    page = pdf[number]
    try:
        text_page = page.get_textpage()
        try:
            ink = PageInk(page, text_page)
            return list(_lines(text_page, number, page.get_size(), max_characters, ink))
        finally:
            text_page.close()
    finally:
        page.close()


def _lines(
    text_page: pypdfium2.PdfTextPage, number: int, size: tuple[float, float], limit: int, ink: PageInk
) -> Iterator[Line]:
    width, height = (max(side, 1.0) for side in size)
    count = min(max(text_page.count_chars(), 0), limit)
    chars = [raw.FPDFText_GetUnicode(text_page, index) for index in range(count)]
    start = 0
    for index in range(count + 1):
        if index < count and chars[index] not in _LINE_ENDS:
            continue
        inks = {at: ink.of(at) for at in range(start, index) if chars[at] > ord(" ") and chars[at] != ord(HYPHEN)}
        for kind in sorted(set(inks.values()), key=list(Ink).index):  # a line of both kinds is two
            shown = [at for at, other in inks.items() if other is kind]
            hidden = {at for at, other in inks.items() if other is not kind}
            text = _decoded([chars[at] for at in range(start, min(index + 1, count)) if at not in hidden])
            if not text.strip(" \u3000"):
                continue
            left, right = (_place(text_page, shown[at])[0] / width for at in (0, -1))
            top = 1 - _place(text_page, shown[0])[1] / height
            points, bold = _type_of(text_page, shown)
            yield Line(text, number, points, left, right, top, kind, bold)
        start = index + 1


def _decoded(codes: list[int]) -> str:
    """Characters of a line; halves of a surrogate pair that PDFium gives apart are put together."""
    text = "".join(map(chr, codes)).translate(_NOT_SHOWN)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _type_of(text_page: pypdfium2.PdfTextPage, indices: Sequence[int]) -> tuple[float, bool]:
    """The size in points that most letters of a line have, and whether most are bold."""
    step = max(1, len(indices) // _SAMPLES)
    sampled = [_size_and_weight(text_page, index) for index in indices[step // 2 :: step]]
    (size, _), _ = Counter(sampled).most_common(1)[0]
    return size, 2 * sum(bold for _, bold in sampled) > len(sampled)


def _size_and_weight(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, bool]:
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(text_page, index)
    if raw.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix)):
        size *= math.hypot(matrix.c, matrix.d)  # many files set their type at one point and enlarge it
    name = ctypes.create_string_buffer(_NAME_LIMIT)
    length = raw.FPDFText_GetFontInfo(text_page, index, name, _NAME_LIMIT, None)
    known = name.raw[: min(max(length - 1, 0), _NAME_LIMIT)].decode("utf-8", "replace")
    return round(size, 1), bool(_BOLD.search(known))


def _place(text_page: pypdfium2.PdfTextPage, index: int) -> tuple[float, float]:
    """Where a character stands on its baseline, in points from the bottom left."""
    across, up = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, index, ctypes.byref(across), ctypes.byref(up))
    return across.value, up.value

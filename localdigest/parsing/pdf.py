"""A PDF: the text of its pages in reading order, without what repeats on every page."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from localdigest.parsing.parsed import Parsed, Unusable, has_text
from localdigest.records import Block, Reason

__all__ = ["read_pdf"]


def read_pdf(body: bytes, *, not_after: str = "") -> Parsed | Unusable:
    """The text layer of a PDF."""
    del not_after
    try:
        pages = [page.extract_text() for page in PdfReader(BytesIO(body)).pages]
    except (PyPdfError, ValueError, KeyError, TypeError) as error:
        return Unusable(Reason.UNREADABLE, str(error))
    blocks = tuple(Block(page) for page in pages if page.strip())
    return Parsed(blocks) if has_text(blocks) else Unusable(Reason.SCANNED, "its pages hold no text")

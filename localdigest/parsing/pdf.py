"""A PDF: vetted, read line by line, laid out as blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localdigest.parsing.dates import iso_date
from localdigest.parsing.page_kind import looks_like_paper
from localdigest.parsing.parsed import Parsed, Unusable, has_text
from localdigest.records import Block, Concern, DateEvidence, DocumentKind, Reason, Role

if TYPE_CHECKING:
    from localdigest.parsing.pdf_lines import Line
    from localdigest.parsing.pdf_vet import Vetted

__all__ = ["read_pdf"]

MAX_PAGES = 300  #: a book is no source of a digest; 300 pages take a few seconds
MAX_CHARACTERS = 2_000_000
_SCAN_SHARE = 0.5  #: of the characters: more without ink, and the file is a scan with its text beneath
_MIN_LETTERS_A_PAGE = 25  #: fewer on average, and the pages are pictures with a stamp or a number

_NO_TITLE = re.compile(
    r"\A(?:untitled.*|microsoft (?:word|powerpoint|excel) - .*|.*\.(?:docx?|pptx?|xlsx?|tex|dvi|pdf|indd|rtf)"
    r"|document\d*"
    r"|title|slide \d+|powerpoint.*|no title|none|print|文檔\d*|文档\d*|\W*|\d+"
    r"|(?=\S*\d)[\w.:/+-]*[a-z][\w.:/+-]*)\Z",  # one "word" of letters and figures is a number in somebody's system
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"\A(?:admin\w*|user|owner|author|unknown|anonymous|none|root|windows.*|microsoft.*|\W*)\Z|\A[a-z]\w*\Z",
    re.IGNORECASE,
)
_ARXIV = re.compile(r"arXiv:\S+\s+\[[\w.-]+\]\s+(\d{1,2} \w{3} \d{4})")
_STAMP = re.compile(r"D:(\d{4})(\d\d)(\d\d)")


def read_pdf(body: bytes, *, not_after: str = "") -> Parsed | Unusable:
    """The text layer of a PDF as blocks, with the title, author and date that its information names."""
    # Imported here: half a second that a run without PDFs need not pay.
    from localdigest.parsing.pdf_lines import PdfError, read_lines  # noqa: PLC0415 - see above
    from localdigest.parsing.pdf_vet import vet_pdf  # noqa: PLC0415 - see above

    vetted = vet_pdf(body, max_pages=MAX_PAGES)
    if isinstance(vetted, Unusable):
        return vetted
    try:
        lines = list(read_lines(body, max_pages=MAX_PAGES, max_characters=MAX_CHARACTERS))
    except PdfError as error:
        return Unusable(Reason.UNREADABLE, f"the PDF cannot be read: {error}")
    return _parsed(body, vetted, lines, not_after)


def _seen(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines that a reader sees, and those that none does.

    Text without ink is what a scan was read as, where it is most of the file: then all of it is text.
    """
    from localdigest.parsing.pdf_ink import Ink  # noqa: PLC0415 - it needs PDFium's module

    inkless = sum(len(line.text) for line in lines if line.ink is Ink.NONE)
    is_scan = inkless > _SCAN_SHARE * sum(len(line.text) for line in lines)
    shown = {Ink.SEEN, Ink.NONE} if is_scan else {Ink.SEEN}
    return [line for line in lines if line.ink in shown], [line for line in lines if line.ink not in shown]


def _parsed(body: bytes, vetted: Vetted, found: list[Line], not_after: str) -> Parsed | Unusable:
    from localdigest.parsing.pdf_layout import lay_out  # noqa: PLC0415 - it needs PDFium's module

    lines, unseen = _seen(found)
    pages = min(vetted.pages, MAX_PAGES)
    letters = sum(char.isalnum() for line in lines for char in line.text)
    if letters < pages * _MIN_LETTERS_A_PAGE:
        return Unusable(
            Reason.SCANNED, f"its {pages} page{'s' * (pages > 1)} hold pictures and {letters} letters of text"
        )
    laid = lay_out(lines)
    if not has_text(laid.blocks):
        return Unusable(Reason.EMPTY, "there is no text in it")
    published = iso_date(_stamped(lines) or _day(vetted.created), not_after=not_after)
    text = "\n".join(line.text for line in lines)
    title = laid.title if _NO_TITLE.match(vetted.title) else vetted.title
    # What the first page has in big letters is text where the file calls itself otherwise.
    other = laid.title and " ".join(laid.title.lower().split()) != " ".join(title.lower().split())
    return Parsed(
        blocks=(Block(laid.title, Role.HEADING), *laid.blocks) if other else laid.blocks,
        title=title,
        byline=laid.byline if _NO_AUTHOR.match(vetted.author) else vetted.author,
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
        kind=DocumentKind.PAPER if looks_like_paper(text) else None,
        warnings=(*_warnings(vetted, lines, unseen), *_pictures(body, pages, lines), *laid.warnings),
        hidden=" ".join(" ".join(line.text.split()) for line in unseen),
    )


def _stamped(lines: list[Line]) -> str:
    """The day in the stamp that arXiv prints on the first page: the file itself may have been made anew later."""
    return next((match[1] for line in lines if line.page == 0 and (match := _ARXIV.match(line.text))), "")


def _day(stamp: str) -> str:
    match = _STAMP.match(stamp)
    return "-".join(match.groups()) if match else ""


def _warnings(vetted: Vetted, lines: list[Line], unseen: list[Line]) -> list[str]:
    found = []
    if letters := sum(char.isalnum() for line in unseen for char in line.text):
        found.append(f"{Concern.HIDDEN}: letters that nobody sees on the pages were left out: {letters:,}")
    if vetted.pages > MAX_PAGES:
        found.append(f"only the first {MAX_PAGES} of {vetted.pages} pages were read")
    if sum(len(line.text) for line in lines) >= MAX_CHARACTERS:
        found.append(f"only the first {MAX_CHARACTERS:,} characters were read")
    return found


def _pictures(body: bytes, pages: int, lines: list[Line]) -> list[str]:
    """That some pages hold a picture and no text, as scanned ones among others do."""
    from localdigest.parsing.pdf_lines import pages_with_pictures  # noqa: PLC0415 - it needs PDFium's module

    if sum(len(line.text) for line in lines) >= MAX_CHARACTERS:
        return []  # pages were not read at all, and that is told
    empty = sorted(set(range(pages)) - {line.page for line in lines})
    count = pages_with_pictures(body, empty) if empty else 0
    return [f"{count} of {pages} pages hold a picture and no text"] if count else []

"""Lines of a PDF that are no text of it: running headers and footers, page numbers, stamps, tables of contents."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localdigest.parsing.pdf_lines import Line

__all__ = ["is_contents_line", "without_furniture"]

# Shares are of the page.
_EDGE = 0.10  #: of the height, at the top and bottom: where running headers and page numbers stand
_WIDE_EDGE = 0.17  #: a header of one page, and numbers that count: journals have wide margins
_REPEATED = 0.4  #: of the pages, from which an edge line is a running one (odd and even pages may differ)
_COUNTED = 0.5  #: of the pages, from which numbers that grow with the pages are theirs
_SMALLER = 0.95  #: times the body's size
_LINE_LIMIT = 300  #: characters: no header or line of a table of contents is longer
_KEYS = 50  #: running lines that others are compared with in part
_LONG = 15  #: characters: so much of a running line tells another that has more or less of it

_PAGE_NUMBER = re.compile(
    r"\W*(?:page|p\.|seite|第)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:of|/|von|共)\s*\d{1,4})?\s*(?:頁|页)?\W*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,4}\s+\S.*|.*\S\s+\d{1,4}\s*")
_ISSUE = re.compile(r"\(#\)|\bvol\b")  #: of a journal, whose name is a banner over its papers' titles
_STAMP = re.compile(r"arXiv:\d{4}\.\d{4,5}")  #: printed up the margin of each preprint
_LEADERS = re.compile(r".*(?:\.\s?){5,}\s*[\divxlc]{0,5}\s*")


def without_furniture(lines: Sequence[Line], body: float) -> list[Line]:
    """Without what stands at the edge of many pages, page numbers, and a header with its number on a single page."""
    keys = _running_keys(lines)
    journals = {key for key in keys if _ISSUE.search(key)} if len(keys) <= _KEYS else set()
    offset = _page_offset(lines)
    tops: dict[int, float] = {}
    for line in lines:
        tops[line.page] = min(line.top, tops.get(line.page, 1.0))

    def is_furniture(line: Line) -> bool:
        if len(line.text) > _LINE_LIMIT:
            return False
        key = _key(line)
        if _STAMP.match(line.text) or (line.page == 0 and _is_banner(key, journals)):
            return True
        heads_page = line.top == tops[line.page] and line.size < body * _SMALLER and _NUMBERED.fullmatch(line.text)
        if (heads_page or _counts_pages(line, offset)) and _is_at_edge(line, _WIDE_EDGE):
            return True
        return _is_at_edge(line) and bool(_PAGE_NUMBER.fullmatch(line.text) or _runs(key, keys))

    return [line for line in lines if not is_furniture(line)]


def is_contents_line(line: Line) -> bool:
    """Whether dots lead to the number of a page."""
    return len(line.text) <= _LINE_LIMIT and bool(_LEADERS.fullmatch(line.text))


def _running_keys(lines: Sequence[Line]) -> set[str]:
    pages = len({line.page for line in lines})
    seen: Counter[str] = Counter()
    for _, key in {(line.page, _key(line)) for line in lines if _is_at_edge(line)}:
        seen[key] += 1
    return {key for key, times in seen.items() if times >= max(2, pages * _REPEATED)}


def _runs(key: str, keys: set[str]) -> bool:
    """Whether a line is a running one, or has one whole in it, or a long part of one."""
    if key in keys or len(keys) > _KEYS:
        return key in keys
    return any((len(key) > _LONG and key in other) or (len(other) > _LONG and other in key) for other in keys)


def _is_banner(key: str, journals: set[str]) -> bool:
    """Whether a line is the name of the journal that the running lines of other pages have with its issue."""
    return len(key) > _LONG and any(len(key) < len(other) and key in other for other in journals)


def _counts_pages(line: Line, offset: int | None) -> bool:
    number = line.text.strip()
    return offset is not None and number.isdecimal() and int(number) - line.page == offset


def _page_offset(lines: Sequence[Line]) -> int | None:
    """What the number printed on a page has more than its index, where many pages agree."""
    pages = len({line.page for line in lines})
    offsets = {
        (line.page, int(line.text) - line.page)
        for line in lines
        if _is_at_edge(line, _WIDE_EDGE) and line.text.strip().isdecimal() and len(line.text) <= _LINE_LIMIT
    }
    seen = Counter(offset for _, offset in offsets)
    best, times = max(seen.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
    return best if times >= max(2, pages * _COUNTED) else None


def _is_at_edge(line: Line, share: float = _EDGE) -> bool:
    return line.top < share or line.top > 1 - share


def _key(line: Line) -> str:
    return re.sub(r"\d+", "#", " ".join(line.text.lower().split()))

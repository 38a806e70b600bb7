"""A paper as LaTeXML writes it: the HTML of arXiv and of ar5iv."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from selectolax.lexbor import LexborHTMLParser

from localdigest.parsing.dates import iso_date
from localdigest.parsing.formulas import line_of_formula
from localdigest.parsing.html import read_fragment
from localdigest.parsing.html_limits import html_excess
from localdigest.parsing.html_part import take_out
from localdigest.parsing.paper import left_out_warning, without_back_matter
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, DocumentKind, Reason

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

__all__ = ["read_latexml"]

_NO_TEXT: Final = (
    "nav, .ltx_authors, .ltx_dates, .ltx_pubnotes, .ltx_classification, .ltx_keywords, .ltx_ERROR, .ltx_note_mark,"
    " .ltx_page_footer, .ltx_role_institutetext, .ltx_role_thanks"
)
#: What is told by its size, and by its number. Removed in this order: an appendix may hold footnotes.
_BACK: Final = {
    "references": ".ltx_bibliography",
    "appendix": ".ltx_appendix",
    "acknowledgements": ".ltx_acknowledgements",
}
_COUNTED: Final = {"footnotes": ".ltx_note", "displayed formulas": "table.ltx_equation, table.ltx_equationgroup"}
#: What stands on the page of a conversion that broke off.
_FAILED: Final = "Conversion to HTML had a Fatal error"
_TERM = re.compile(r"[^\W\d_]{3}")  #: in the label of an item: a dot or a number is none
_STAMP = re.compile(r"arXiv:\S+\s+\[[\w.-]+\]\s+(\d{1,2} \w{3} \d{4})")


def read_latexml(html: str, *, not_after: str = "") -> Parsed | Unusable:
    """The paper on a page; `Unusable` where there is none. `not_after` is when it was received."""
    if excess := html_excess(html):
        return Unusable(Reason.UNREADABLE, excess)
    if _FAILED in html:
        return Unusable(Reason.UNREADABLE, "it says that its conversion to HTML broke off")
    tree = LexborHTMLParser(html)
    article = tree.css_first("article.ltx_document, .ltx_document")
    if article is None:
        return Unusable(Reason.NOT_FOUND, "the page holds no paper")
    stamp = _STAMP.search(tree.body.text() if tree.body else "")
    published = iso_date(stamp[1], not_after=not_after) if stamp else ""
    return _read(article, published)


def _read(article: LexborNode, published: str) -> Parsed | Unusable:
    take_out(article, _NO_TEXT)
    left = {name: sum(map(len, take_out(article, kind))) for name, kind in _BACK.items()}
    counted = {name: len(take_out(article, kind)) for name, kind in _COUNTED.items()}
    for formula in article.css("math"):
        formula.replace_with(_words_of(formula))
    title = "".join(take_out(article, ".ltx_title_document")[:1])
    for label in article.css(".ltx_tag_item"):
        if not _TERM.search(label.text()):
            label.decompose()
    parsed = read_fragment(article.html or "", is_clean=True)
    if isinstance(parsed, Unusable):
        return parsed
    blocks, more = without_back_matter(parsed.blocks)
    for name, characters in more.items():
        left[name] = left.get(name, 0) + characters
    return Parsed(
        blocks,
        title=title,
        published=published,
        published_by=DateEvidence.DOCUMENT if published else DateEvidence.NONE,
        kind=DocumentKind.PAPER,
        warnings=(*parsed.warnings, *left_out_warning(left, counted)),
        hidden=parsed.hidden,
    )


def _words_of(formula: LexborNode) -> str:
    latex = formula.attributes.get("alttext")
    return line_of_formula(latex) if latex else " ".join(formula.text(separator=" ").split())

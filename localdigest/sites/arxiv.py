"""arXiv: the paper from its HTML, what it is from the interface.

Asked:  `export.arxiv.org/api/query` for title, authors and date (documented, no key, CC0); `arxiv.org/html/ID`, else
        ar5iv, else the PDF, else the abstract's page.
Limits: one request in three seconds, all hosts together (`net.policy.SLOW_SITES`).
Traps:  not every paper has HTML: 404 "No HTML for". ar5iv knows no versions, lags by months, and leads to the abstract
        where it has nothing. Since December 2023 arXiv converts with the same program: ar5iv has older ones only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.parsing.paper import left_out_warning, without_back_matter
from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DateEvidence, DocumentKind
from localdigest.sites.reading import iso_of, paper_of_html, parsed_html, part_of, pdf_of, text_of, xml_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["ARXIV"]

_HOSTS = frozenset(
    {"arxiv.org", "www.arxiv.org", "export.arxiv.org", "ar5iv.labs.arxiv.org", "ar5iv.org", "www.ar5iv.org"}
)
#: `/abs/2512.16473v2`, `/pdf/2512.16473.pdf`, `/html/hep-th/9901001`
_PATH = re.compile(
    r"/(?:abs|pdf|html|format)/(?P<id>(?P<month>\d{4})\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?P<version>v\d{1,2})?"
    r"(?:\.pdf|\.html)?/?"
)
_OWN_HTML_SINCE = 2312  #: YYMM
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_DAY = re.compile(r"\d{1,2} \w{3} \d{4}")


def _steps(address: SplitResult) -> tuple[Step, ...]:
    found = _PATH.fullmatch(address.path)
    if address.hostname not in _HOSTS or not found:
        return ()
    paper = f"{found['id']}{found['version'] or ''}"
    is_old = not found["month"] or int(found["month"]) < _OWN_HTML_SINCE
    asks = (
        Ask("html", f"https://arxiv.org/html/{paper}"),
        *((Ask("html", f"https://ar5iv.labs.arxiv.org/html/{paper}"),) if is_old and not found["version"] else ()),
        Ask("pdf", f"https://arxiv.org/pdf/{paper}"),
        Ask("abstract", f"https://arxiv.org/abs/{paper}"),
    )
    about = Ask("api", f"https://export.arxiv.org/api/query?id_list={paper}", for_programs=True)
    return (Step((about,), is_needed=False, what="what arXiv's interface says of its authors and its date"), Step(asks))


def _read_api(answer: Page) -> Parsed:
    """Title, authors and date. The text comes with the paper."""
    entry = xml_of(answer).find(f"{_ATOM}entry")
    if "/abs/" not in entry.findtext(f"{_ATOM}id"):
        raise ValueError(entry.findtext(f"{_ATOM}summary"))
    return Parsed(
        (),
        title=" ".join(entry.findtext(f"{_ATOM}title").split()),
        byline=", ".join(" ".join(name.text.split()) for name in entry.iterfind(f"{_ATOM}author/{_ATOM}name")),
        published=iso_of(entry.findtext(f"{_ATOM}published"), answer),
        published_by=DateEvidence.DOCUMENT,
        site="arXiv",
        kind=DocumentKind.PAPER,
    )


def _read_html(answer: Page) -> Parsed | Unusable:
    return _of_arxiv(paper_of_html(answer), answer)


def _read_pdf(answer: Page) -> Parsed | Unusable:
    parsed = pdf_of(answer)
    if isinstance(parsed, Unusable):
        return parsed
    blocks, left = without_back_matter(parsed.blocks)
    warnings = (*parsed.warnings, *left_out_warning(left))
    return _of_arxiv(replace(parsed, blocks=blocks, warnings=warnings), answer)


def _read_abstract(answer: Page) -> Parsed | Unusable:
    html = text_of(answer)
    abstract = parsed_html(part_of(html, "blockquote.abstract", drop=".descriptor"))
    authors = parsed_html(part_of(html, ".authors", drop=".descriptor"))
    dated = _DAY.search(" ".join(block.text for block in parsed_html(part_of(html, ".dateline")).blocks))
    published = iso_of(dated[0], answer) if dated else ""
    title = parsed_html(part_of(html, "h1.title", drop=".descriptor"))
    return _of_arxiv(
        replace(
            abstract,
            title=" ".join(block.text for block in title.blocks),
            byline=" ".join(block.text for block in authors.blocks),
            published=published,
            published_by=DateEvidence.MARKUP if published else DateEvidence.NONE,
            warnings=("only the abstract was read: the paper itself could not be had",),
        ),
        answer,
    )


def _of_arxiv(parsed: Parsed | Unusable, answer: Page) -> Parsed | Unusable:
    if isinstance(parsed, Unusable):
        return parsed
    return replace(parsed, site="arXiv", url=answer.url, kind=DocumentKind.PAPER)


ARXIV: Final = Site(
    "arxiv",
    "arXiv",
    _steps,
    {"api": _read_api, "html": _read_html, "pdf": _read_pdf, "abstract": _read_abstract},
)

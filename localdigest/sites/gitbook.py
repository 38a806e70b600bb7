"""Documentation by GitBook: every page is Markdown under its address and `.md`.

Asked: the page's address with `.md`, else the page. Known here by host and path; others are found by what their page
       says of itself (`alternates.py`).
Traps: GitBook puts a line for machines in front, and instructions to them behind the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localdigest.parsing.parsed import Parsed, Unusable
from localdigest.records import DocumentKind
from localdigest.sites.reading import page_of, parsed_markdown, text_of
from localdigest.sites.site import Ask, Site, Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from urllib.parse import SplitResult

    from localdigest.records import Page

__all__ = ["GITBOOK", "read_markdown_form"]

#: Besides `*.gitbook.io`: host, and what its paths begin with.
_ELSEWHERE: Final = (("unsloth.ai", "/docs/"), ("docs.unsloth.ai", "/"), ("gitbook.com", "/docs/"))
_FOR_MACHINES_ABOVE = re.compile(r"\A\s*> [^\n]*\bllms\.txt\b[^\n]*\n")
#: A page may have such a heading of its own: GitBook's stands below a line, and tells of itself.
_FOR_MACHINES_BELOW = re.compile(
    r"\n-{3,}[ \t]*\n[\n \t]*#{1,3} Agent Instructions\b(?=.{0,800}(?:`ask`|GitBook)).*\Z", re.DOTALL
)
_FENCE = re.compile(r"\s*(?:```|~~~)")
_TITLE_OF_TAB = re.compile(r"\{%\s*tab\s+title=\"([^\"]*)\"[^%]*%\}")
_TEMPLATE = re.compile(r"\{%[^%]*%\}")
_CELL_END = re.compile(r"</t[dh]>\s*(?=<t[dh])", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")


def _steps(address: SplitResult) -> tuple[Step, ...]:
    path = address.path.rstrip("/").removesuffix(".md")
    if not path or not _is_gitbook(address.hostname or "", f"{path}/"):
        return ()
    page = f"https://{address.hostname}{path}"
    return (Step((Ask("markdown", f"{page}.md"), Ask("page", page))),)


def _is_gitbook(host: str, path: str) -> bool:
    is_known = any(host.removeprefix("www.") == known and path.startswith(begin) for known, begin in _ELSEWHERE)
    return is_known or host.endswith(".gitbook.io")


def read_markdown_form(answer: Page) -> Parsed:
    """The Markdown of a page, without what generators of documentation put in for machines."""
    if answer.media_type in _HTML:
        raise ValueError("it is a web page")
    text = _FOR_MACHINES_BELOW.sub("\n", _FOR_MACHINES_ABOVE.sub("", text_of(answer)))
    return parsed_markdown("\n".join(_without_templates(text.split("\n"))))


def _without_templates(lines: Iterable[str]) -> Iterable[str]:
    """GitBook's blocks are marked by lines such as `{% hint style="info" %}`."""
    is_listing = False
    for line in lines:
        is_listing ^= bool(_FENCE.match(line))
        shown = line if is_listing else _TEMPLATE.sub("", _TITLE_OF_TAB.sub(r"\n\1\n", line))
        yield _CELL_END.sub(" | ", shown)


def _read_markdown(answer: Page) -> Parsed:
    return replace(read_markdown_form(answer), url=answer.url.removesuffix(".md"), kind=DocumentKind.DOCS)


def _read_page(answer: Page) -> Parsed | Unusable:
    parsed = page_of(answer)
    return replace(parsed, kind=DocumentKind.DOCS) if isinstance(parsed, Parsed) else parsed


GITBOOK: Final = Site("gitbook", "GitBook", _steps, {"markdown": _read_markdown, "page": _read_page})

"""An HTML page: its metadata, its main text, and whether it is an article at all."""

from __future__ import annotations

import re

from localdigest.parsing.html_body import extract_blocks
from localdigest.parsing.html_head import Head, read_head
from localdigest.parsing.html_limits import html_excess
from localdigest.parsing.html_metadata import guess_published, read_metadata
from localdigest.parsing.page_gate import judge_page
from localdigest.parsing.page_kind import kind_of_page
from localdigest.parsing.parsed import Parsed, Unusable, has_text
from localdigest.records import Block, Reason

__all__ = ["read_fragment", "read_html"]

_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>", re.IGNORECASE)
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d{4}\)(https?://[^\s<>\"]{4,2000})\s*-->")
_SAVED_FROM_WITHIN = 4096  #: characters: it stands behind the document type
_NOSCRIPT_PAGE = 600  #: characters: forum software keeps whole threads there, others one line that asks for JavaScript


def read_html(html: str, *, url: str = "", not_after: str = "", guess_date: bool = True) -> Parsed | Unusable:
    """A whole page. `not_after` is when it was received; `guess_date` allows to search its words for a date."""
    if excess := html_excess(html):
        return Unusable(Reason.UNREADABLE, excess)
    url = _saved_from(html, url)
    head = read_head(html)
    blocks = _blocks(html, head, url)
    if unusable := judge_page(head, blocks):
        return unusable
    meta = read_metadata(head, url=url, not_after=not_after)
    dated = meta.dated
    if guess_date and not dated.published:
        dated = guess_published(head, html, url=url, not_after=not_after)
    return Parsed(
        blocks=blocks,
        title=meta.title,
        byline=meta.byline,
        published=dated.published,
        published_by=dated.by,
        site=meta.site,
        url=meta.url,
        kind=kind_of_page(meta.types, meta.url),
        language_hint=head.language,
    )


def _saved_from(html: str, url: str) -> str:
    """The address that a browser wrote into a page as it saved it; a page from the network may not claim one."""
    found = _SAVED_FROM.search(html[:_SAVED_FROM_WITHIN]) if url.startswith("file:") else None
    return found[1] if found else url


def _blocks(html: str, head: Head, url: str) -> tuple[Block, ...]:
    """The main text; that of a page whose script shows it is taken from what it keeps for browsers without script."""
    blocks = extract_blocks(html, url=url)
    if not has_text(blocks) and len(head.noscript) > _NOSCRIPT_PAGE:
        return extract_blocks(_NOSCRIPT.sub("", html), url=url)
    return blocks


def read_fragment(html: str) -> Parsed | Unusable:
    """A piece of HTML that is all content, as a feed or a mail carries it: whatever text it has is taken."""
    if excess := html_excess(html):
        return Unusable(Reason.UNREADABLE, excess)
    blocks = extract_blocks(f"<html><body><article>{html}</article></body></html>")
    if not has_text(blocks):
        blocks = _as_one(read_head(html))
    return Parsed(blocks) if has_text(blocks) else Unusable(Reason.EMPTY, "there is no text in it")


def _as_one(head: Head) -> tuple[Block, ...]:
    return (Block(head.visible),) if head.visible else ()

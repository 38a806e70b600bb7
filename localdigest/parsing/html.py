"""An HTML page: its metadata, its main text, and whether it is an article at all."""

from __future__ import annotations

import re

from localdigest.parsing.html_body import Body, read_body, read_whole
from localdigest.parsing.html_head import Head, read_head
from localdigest.parsing.html_limits import html_excess
from localdigest.parsing.html_metadata import guess_published, read_metadata
from localdigest.parsing.html_unseen import unseen_words
from localdigest.parsing.page_gate import judge_page
from localdigest.parsing.page_kind import kind_of_page
from localdigest.parsing.parsed import Parsed, Unusable, has_text
from localdigest.records import Block, Concern, Reason

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
    body = _body(html, head)
    if unusable := judge_page(head, body.blocks):
        return unusable
    meta = read_metadata(head, url=url, not_after=not_after)
    dated = meta.dated
    if guess_date and not dated.published:
        dated = guess_published(head, html, url=url, not_after=not_after)
    return Parsed(
        blocks=body.blocks,
        title=meta.title,
        byline=meta.byline,
        published=dated.published,
        published_by=dated.by,
        site=meta.site,
        url=meta.url,
        kind=kind_of_page(meta.types, meta.url),
        language_hint=head.language,
        warnings=_warnings(body),
        hidden="\n".join(filter(None, (body.unseen.text, unseen_words(html)))),
    )


def _saved_from(html: str, url: str) -> str:
    """The address that a browser wrote into a page as it saved it; a page from the network may not claim one."""
    found = _SAVED_FROM.search(html[:_SAVED_FROM_WITHIN]) if url.startswith("file:") else None
    return found[1] if found else url


def _body(html: str, head: Head) -> Body:
    """The main text; that of a page whose script shows it is taken from what it keeps for browsers without script."""
    body = read_body(html)
    if not has_text(body.blocks) and len(head.noscript) > _NOSCRIPT_PAGE:
        return read_body(_NOSCRIPT.sub("", html))
    return body


def _warnings(body: Body) -> tuple[str, ...]:
    """A page whose script shows it is read; what it hides and shows nobody can tell, so that it is said."""
    if not body.unseen.left:
        return ()
    return (f"{Concern.HIDDEN}: {body.unseen.left:,} characters of the page are hidden until its script shows them",)


def read_fragment(html: str, *, is_clean: bool = False) -> Parsed | Unusable:
    """A piece of HTML that is all content, as a feed or a mail carries it: whatever text it has is taken.

    `is_clean`: there is no furniture in it to look for.
    """
    if excess := html_excess(html):
        return Unusable(Reason.UNREADABLE, excess)
    read = read_whole if is_clean else read_body
    body = read(f"<html><body><article>{html}</article></body></html>")
    blocks = body.blocks
    if not has_text(blocks) and not body.unseen.text:
        blocks = _as_one(read_head(html))
    if not has_text(blocks):
        return Unusable(Reason.EMPTY, "there is no text in it")
    hidden = "\n".join(filter(None, (body.unseen.text, unseen_words(html))))
    return Parsed(blocks, warnings=_warnings(body), hidden=hidden)


def _as_one(head: Head) -> tuple[Block, ...]:
    return (Block(head.visible),) if head.visible else ()

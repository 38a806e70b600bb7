"""Whether a page is a list of posts rather than one, and of which: a blog's index, a section of a newspaper.

A page is taken for an article in doubt: what its address says must agree with how it is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

from localdigest.parsing.body_candidates import candidates_of
from localdigest.parsing.body_signs import says_article
from localdigest.parsing.body_wide import wide_blocks
from localdigest.parsing.html_limits import html_excess
from localdigest.parsing.html_tree import content_of, parse_html
from localdigest.parsing.page_kind import kind_of_page
from localdigest.parsing.post_links import FEW, PostLinks, find_post_links
from localdigest.parsing.results import Listing
from localdigest.records import DocumentKind
from localdigest.urls import canonical_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

__all__ = ["listing_of"]

# Set on the real pages beside this repository (tests/test_listing.py has the counts).
_SOME = 4  #: posts that a front page without a feed must show with their dates
_MANY = 5  #: posts that a list without dates must show
_PROSE = 100  #: characters of a paragraph
_MAX_OUTSIDE_SHARE = 0.5  #: of what is said of the posts: prose beside them
_MAX_OUTSIDE = 600  #: characters more, where the address says that it is a list
_DISTINCT = 0.8  #: of the headlines: threads repeat theirs

#: Kinds that an address tells, whose pages are read as they are.
_NO_LISTS = (DocumentKind.DOCS, DocumentKind.REFERENCE, DocumentKind.APP, DocumentKind.SOCIAL, DocumentKind.PAPER)
_NAMES = r"posts?|blogs?|news(?:room)?|articles?|archives?|stories|latest|press(?:-releases)?"
_WHOLE = re.compile(rf"/(?:[a-z]{{2}}(?:-[a-z]{{2}})?/)?(?:{_NAMES})", re.IGNORECASE)
_NAMED = re.compile(rf"(?:/.*)?/(?:{_NAMES})", re.IGNORECASE)
_PART = re.compile(
    r"(?:/.*)?/(?:categor(?:y|ies)|tags?|topics?|sections?|authors?|archives?|series)/[^/]+", re.IGNORECASE
)
_DAY = re.compile(r"/(?:19|20)\d\d/\d{1,2}(?:/|\Z)|(?:19|20)\d{2}-?\d\d-?\d\d")
_INDEX_FILE = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_LATER_PAGE = re.compile(r"/page/\d+\Z", re.IGNORECASE)
_OF_LISTS = frozenset({"page", "paged", "sort", "order", "lang", "hl"})  #: parameters
_SLUG_WORDS = 3  #: more words in the last part of a path are a headline
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_COMMENTS = re.compile(r"comment|kommentar|留言|评论|評論", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Address:
    """What an address says of its page."""

    path: str
    is_front: bool
    is_whole: bool  #: of all posts: the front page, `/blog`
    is_named: bool  #: `/harbour/news`
    is_list: bool  #: the same, or `/category/ships`, which may be a shelf of a shop
    is_post: bool  #: a headline or a day stands in it


def listing_of(html: str, *, url: str, not_after: str = "") -> Listing | None:
    """The posts and feeds of a page that is a list; None: it is a page of its own.

    Args:
        html: the whole page.
        url: its address.
        not_after: when it was received.
    """
    address = _address_of(url)
    if address is None or address.is_post or html_excess(html):
        return None
    if kind_of_page((), url) in _NO_LISTS and not address.is_named:  # `developer.example.com/blog` is no documentation
        return None
    tree = parse_html(html)
    if tree is None:
        return None
    found = find_post_links(tree, url=url, not_after=not_after)
    feeds = tuple(_feeds(tree, url, address))
    if not _is_list(address, found, _Build.of(tree, found, address), has_feed=bool(feeds)):
        return None
    fitting = tuple(feed for feed in feeds if address.is_whole or urlsplit(feed).path.startswith(address.path))
    return Listing(fitting if fitting or _shows_dates(found) else feeds, found.posts)


def _address_of(url: str) -> _Address | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    path = _LATER_PAGE.sub("", _INDEX_FILE.sub("", parts.path).rstrip("/"))
    slug = path.rpartition("/")[2].rpartition(".")[0] or path.rpartition("/")[2]
    words = [word for word in re.split(r"[-_+]|%20", slug) if word]
    asks = {name for name, _ in parse_qsl(urlsplit(canonical_url(url)).query)} - _OF_LISTS  # `/?p=41` is a post
    is_named = bool(_NAMED.fullmatch(path))
    is_list = not asks and (is_named or not path or bool(_PART.fullmatch(path)))
    return _Address(
        path=path,
        is_front=not path,
        is_whole=not path or bool(_WHOLE.fullmatch(path)),
        is_named=is_named,
        is_list=is_list,
        is_post=not is_list
        and (bool(asks) or bool(_DAY.search(path)) or len(words) > _SLUG_WORDS or any(map(str.isdigit, slug))),
    )


# ── judgement ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Build:
    """How much of a page is a list."""

    has_prose: bool  #: any of its own
    is_mostly_list: bool
    says_article: bool

    @classmethod
    def of(cls, tree: HtmlElement, found: PostLinks, address: _Address) -> Self:
        outside = _prose_outside(tree, found)
        most = _MAX_OUTSIDE_SHARE * sum(map(len, found.card_texts)) + (_MAX_OUTSIDE if address.is_list else 0)
        return cls(outside > 0, outside <= most, says_article(tree))


def _is_list(address: _Address, found: PostLinks, build: _Build, *, has_feed: bool) -> bool:
    count = len(found.posts)
    may_be = build.is_mostly_list or (address.is_list and not build.says_article)
    if address.is_list and has_feed and may_be and (count >= FEW or not build.has_prose):
        return True  # a page that its scripts fill shows no posts
    if count < FEW or len({post.title for post in found.posts}) < _DISTINCT * count:
        return False
    if _shows_dates(found):
        return (count >= _SOME or not address.is_front) and may_be
    return address.is_named and build.is_mostly_list and count >= _MANY


def _shows_dates(found: PostLinks) -> bool:
    dated = sum(bool(post.published) for post in found.posts)
    return dated >= FEW and 2 * dated > len(found.posts)


def _prose_outside(tree: HtmlElement, found: PostLinks) -> int:
    """Characters of the page's own prose, what it says of its posts not counted."""
    said = "\n".join(found.card_texts)
    blocks = wide_blocks(candidates_of(content_of(tree)))
    texts = (" ".join(block.text.split()) for block in blocks)
    return sum(len(text) for text in texts if len(text) >= _PROSE and text not in said)


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _feeds(tree: HtmlElement, url: str, address: _Address) -> Iterator[str]:
    """Of the page's own site; comments are no posts. Those of the page itself come first."""
    found: dict[str, None] = {}
    for link in tree.iter("link"):
        kind = link.get("type", "").partition(";")[0].strip().lower()
        if "alternate" not in link.get("rel", "").lower().split() or kind not in _FEED_TYPES:
            continue
        try:
            feed = urljoin(url, link.get("href", "").strip())
        except ValueError:  # a bracket that is no IPv6 address
            continue
        if site_of(feed) == site_of(url) and not _COMMENTS.search(f"{link.get('title', '')} {urlsplit(feed).path}"):
            found[feed] = None
    yield from sorted(found, key=lambda feed: not urlsplit(feed).path.startswith(address.path))

"""Feeds and outlines to sources: what the addresses in a list mean, and which of them a list may not name."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from localdigest.records import Failure, Page, Reason, Source
from localdigest.sourcing.paths import exists, flaw_of_name, real_path
from localdigest.urls import flaw_of_url, site_of
from localdigest.values import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localdigest.parsing.results import Entry, Feed, Listing, OutlineList

__all__ = ["entries_of", "feeds_of", "is_dated_ahead", "outlines_of", "posts_of"]

_WEB = ("http://", "https://")
_MOST_FEEDS = 4  #: that a page is asked for: each that is none costs a request, and up to half a minute
_AHEAD = timedelta(days=2)  #: a feed may be dated ahead by its time zone, not more


def entries_of(page: Page, feed: Feed) -> Iterator[Source | Failure]:
    """A source for each entry, in the feed's order."""
    for entry in feed.entries:
        hints = _hints(page, entry)
        if not entry.link:
            yield Failure(hints, Reason.BAD_URL, f"the entry {entry.title!r} names no page")
        else:
            yield _resolved(page, entry.link, hints, home=feed.home)


def outlines_of(page: Page, outline: OutlineList) -> Iterator[Source | Failure]:
    """A source for each address, in the outline's order."""
    via = f"outline {page.source.locator}"
    for item in outline.outlines:
        yield _resolved(page, item.address, Source(page.source.locator, via=via, title=item.title))


def feeds_of(page: Page, listing: Listing) -> Iterator[Source]:
    """The feeds that a list on a web page names for itself: of its own site, whoever says what."""
    for feed in listing.feeds[:_MOST_FEEDS]:
        if site_of(feed) == site_of(page.url) and feed.lower().startswith(_WEB):
            yield Source(feed, via=f"page {page.source.locator}")


def posts_of(page: Page, listing: Listing) -> Iterator[Source | Failure]:
    """A source for each of its posts, in its order."""
    via = f"page {page.source.locator}"
    for post in listing.posts:
        hints = Source(page.source.locator, via=via, title=post.title, published=post.published)
        if site_of(post.link) == site_of(page.url):
            yield _resolved(page, post.link, hints)
        else:
            yield Failure(_at(hints, post.link), Reason.BAD_URL, "a list on a web page names pages of its site only")


def is_dated_ahead(page: Page, entry: Entry) -> bool:
    """Whether an entry is dated after its feed was read: such a date would keep it the newest for ever."""
    try:
        day, latest = (date.fromisoformat(text[: len("2025-12-30")]) for text in (entry.published, page.fetched_at))
    except ValueError:  # no date
        return False
    return day - latest > _AHEAD


def _hints(page: Page, entry: Entry) -> Source:
    return Source(
        locator=page.source.locator,
        via=f"feed {page.source.locator}",
        title=entry.title,
        byline=entry.byline,
        published="" if is_dated_ahead(page, entry) else entry.published,
        feed_html=entry.html,
    )


def _resolved(page: Page, reference: str, hints: Source, *, home: str = "") -> Source | Failure:
    """The hints with the address in place of the list's own."""
    try:
        locator = _in_folder(page, reference, home) if page.source.is_local else urljoin(page.url, reference)
    except ValueError as error:
        return Failure(_at(hints, reference), Reason.BAD_URL, str(error))
    # A list from the network may name no file of this machine, whatever the spelling.
    if not page.source.is_local and not locator.lower().startswith(_WEB):
        return Failure(_at(hints, reference), Reason.BAD_URL, "neither http nor https")
    # Whoever prints a list of addresses prints one a line, and reads them back so.
    if flaw := _flaw_of_name(locator):
        return Failure(_at(hints, locator), Reason.BAD_URL, flaw)
    return _at(hints, locator)


def _flaw_of_name(locator: str) -> str:
    return flaw_of_url(locator) if is_url(locator) else flaw_of_name(locator)


def _at(hints: Source, locator: str) -> Source:
    return Source(locator, hints.via, hints.title, hints.byline, hints.published, hints.feed_html)


def _in_folder(page: Page, reference: str, home: str) -> str:
    """An address in a local list: a web address, else a file in the list's folder or below.

    A list may come from anybody, and what it names is published: it shall not reach for the rest of the disk.
    """
    if is_url(reference):
        if not reference.lower().startswith(_WEB):
            raise ValueError("neither http nor https; a file is named by its path")
        return reference
    folder = Path(page.source.locator).parent
    path = _named_file(folder, reference)
    is_inside = Path(real_path(path)).is_relative_to(real_path(str(folder)))
    if is_inside and exists(path):
        return path
    if home.lower().startswith(_WEB):  # a saved feed, whose links are relative to its site
        return urljoin(home, reference)
    if not is_inside:
        raise ValueError("a list may name only files in its own folder or below; name this file yourself")
    return path


def _named_file(folder: Path, reference: str) -> str:
    """The file as it is written, else as an address: without query, fragment and percent signs."""
    as_written = str(folder / reference)
    return as_written if exists(as_written) else str(folder / unquote(urlsplit(reference).path))

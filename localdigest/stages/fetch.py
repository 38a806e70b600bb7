"""Sources to pages: every source ends in one `Page` or one `Failure`, and none stops the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.net.crawl import Crawl
from localdigest.net.policy import FetchPolicy
from localdigest.net.seams import Clock, PageCache
from localdigest.records import Failure, Page, PageOrigin, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from localdigest.net.client import Client

__all__ = ["Clock", "FetchPolicy", "PageCache", "feed_page", "fetch"]


def fetch(
    sources: Iterable[Source],
    *,
    client: Client,
    cache: PageCache,
    policy: FetchPolicy,
    on_result: Callable[[Page | Failure], None] | None = None,
    clock: Clock | None = None,
) -> Iterator[Page | Failure]:
    """One result for each source, as they complete; pages are in the cache before they are handed out.

    A copy from the cache stands in for a page offline only: a digest of today shall not quietly hold an old text.
    """
    for result in Crawl(client, cache, policy, clock or Clock()).results(sources):
        if on_result is not None:
            on_result(result)
        yield result


def feed_page(source: Source, *, fetched_at: str) -> Page | None:
    """What the feed itself carries of an entry, for an entry whose page cannot be had; None when it carries nothing."""
    if not source.feed_html.strip():
        return None
    return Page(
        source=source,
        body=source.feed_html.encode("utf-8", errors="replace"),
        media_type="text/html",
        charset="utf-8",
        url=source.locator,
        fetched_at=fetched_at,
        origin=PageOrigin.FEED,
    )

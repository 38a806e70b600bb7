"""Sources to pages: every source ends in one `Page` or one `Failure`, and none stops the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localdigest.net.crawl import Crawl
from localdigest.net.policy import FetchPolicy
from localdigest.net.seams import Clock, PageCache, ReadRobots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from localdigest.net.client import Client
    from localdigest.records import Failure, Page, Source

__all__ = ["Clock", "FetchPolicy", "PageCache", "ReadRobots", "fetch"]


def fetch(
    sources: Iterable[Source],
    *,
    client: Client,
    cache: PageCache,
    policy: FetchPolicy,
    robots: ReadRobots,
    for_programs: frozenset[str] = frozenset(),
    clock: Clock | None = None,
) -> Iterator[Page | Failure]:
    """One result for each source, as they complete; pages are in the cache before they are handed out.

    `for_programs` are the addresses that a site offers to programs, for which robots.txt is not asked.
    A copy from the cache stands in for a page offline only: a digest of today shall not quietly hold an old text.
    """
    return Crawl(client, cache, policy, robots, clock or Clock()).results(sources, for_programs)

"""What is known of the robots.txt of each site in one run; RFC 9309 decides what a missing one means."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from localdigest.net.answers import fetch_time, is_misdated
from localdigest.net.outcome import FetchError
from localdigest.net.policy import USER_AGENT_TOKEN
from localdigest.net.seams import Rules
from localdigest.records import Page, PageOrigin, Reason, Source

if TYPE_CHECKING:
    from localdigest.net.seams import Clock, PageCache, ReadRobots

__all__ = ["ROBOTS_MAX_BYTES", "RobotsBook", "robots_url"]

#: RFC 9309, 2.5: at least 500 KiB must be read.
ROBOTS_MAX_BYTES = 2**20
#: RFC 9309, 2.4: not longer, unless the site cannot be reached.
_FRESH = timedelta(hours=24)
_CLIENT_ERRORS = range(400, 500)


def robots_url(url: str) -> str:
    """Where the rules for an address stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


class RobotsBook:
    """The rules of each site, from the cache while they are fresh. Used by one thread; asks nobody."""

    def __init__(self, cache: PageCache, clock: Clock, read: ReadRobots) -> None:
        self._cache = cache
        self._clock = clock
        self._read = read
        self._known: dict[str, bytes | FetchError] = {}

    def rules(self, url: str) -> Rules | FetchError | None:
        """What the site of an address asks, why that cannot be known, or None: its robots.txt must be fetched first."""
        where = robots_url(url)
        if where not in self._known:
            stored = self._cache.page(where)
            if stored is not None and self._is_fresh(stored):
                self._keep(where, stored)
        known = self._known.get(where)
        return self._told(where, known, url) if isinstance(known, bytes) else known

    def learn(self, where: str, result: Page | FetchError) -> None:
        """Take in what asking for a robots.txt brought."""
        if isinstance(result, Page):
            self._put(where, result.body)
        elif _says_that_there_is_none(result):
            self._put(where, b"")
        elif (stale := self._cache.page(where)) is not None:
            self._keep(where, stale)
        else:
            self._known[where] = _closed(result)

    def _put(self, where: str, body: bytes) -> None:
        page = Page(
            source=Source(where, via="robots.txt"),
            body=body,
            media_type="text/plain",
            charset="utf-8",
            url=where,
            fetched_at=self._clock.now().isoformat(timespec="seconds"),
            origin=PageOrigin.NETWORK,
        )
        self._cache.put_page(page)
        self._keep(where, page)

    def _keep(self, where: str, page: Page) -> None:
        self._known[where] = page.body

    def _is_fresh(self, stored: Page) -> bool:
        now, time = self._clock.now(), fetch_time(stored)
        return time is not None and not is_misdated(stored, now=now) and now - time < _FRESH

    def _told(self, where: str, body: bytes, url: str) -> Rules | FetchError:
        if not body.strip():
            return Rules(allowed=True, crawl_delay_s=0.0)
        rules = self._read(body, url, USER_AGENT_TOKEN)
        if rules is None:
            closed = self._known[where] = _closed(FetchError(Reason.ROBOTS, "reading it fails"))
            return closed
        return rules


def _says_that_there_is_none(error: FetchError) -> bool:
    """RFC 9309, 2.3.1.2 and 2.3.1.3. A site that says 429 has rules, and no time to tell them."""
    if error.reason in (Reason.EMPTY, Reason.REDIRECTS):
        return True
    return error.answer is not None and error.answer.status in _CLIENT_ERRORS and error.reason != Reason.RATE_LIMITED


def _closed(error: FetchError) -> FetchError:
    """RFC 9309, 2.3.1.4: who cannot read the rules assumes that everything is disallowed."""
    if error.reason == Reason.ADDRESS:
        return error
    detail = f"robots.txt could not be read ({error.detail}), so the site is left alone"
    return FetchError(error.reason, detail, answer=error.answer)

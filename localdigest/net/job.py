"""One source on its way to its page, through redirects and retries: a frozen value with what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from localdigest.net.outcome import FetchError
from localdigest.net.policy import SLOW_SITES
from localdigest.records import Failure, Page, Reason, Source
from localdigest.redact import redacted
from localdigest.urls import flaw_of_url, site_of

if TYPE_CHECKING:
    from http.cookiejar import Cookie
    from typing import Self

__all__ = ["Job"]

_WEB_PORTS = (None, 80, 443)
_Visit: TypeAlias = "tuple[str, frozenset[tuple[str, ...]]]"


def _visit(url: str, cookies: tuple[Cookie, ...]) -> _Visit:
    """Asking the same address with the same cookies can only give the same answer."""
    return url, frozenset((cookie.domain, cookie.path, cookie.name, cookie.value or "") for cookie in cookies)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be asked next for a source, and what was asked so far."""

    source: Source
    url: str  #: to ask next
    stored: Page | None = None
    came_by: tuple[_Visit, ...] = ()  #: addresses that redirected here, with the cookies that they were asked with
    cookies: tuple[Cookie, ...] = ()  #: for this page only: some publishers send readers in a circle to set one
    tries: int = 0  #: of this address
    spent_s: float = 0.0  #: on the network, all tries and redirects together
    not_before: float = 0.0
    is_robots: bool = False
    #: An interface that the site offers to programs: robots.txt, which tells crawlers where to go, has no say.
    for_programs: bool = False

    @property
    def host(self) -> str:
        """Whose turn it takes. Another port is another server; http and https are one, and so are some sites."""
        if (site := site_of(self.url)) in SLOW_SITES:
            return site
        parts = urlsplit(self.url)
        return (parts.hostname or "") + ("" if parts.port in _WEB_PORTS else f":{parts.port}")

    def asked(self, took_s: float) -> Self:
        """After one more request."""
        return replace(self, tries=self.tries + 1, spent_s=self.spent_s + took_s)

    def redirected(self, url: str, *, cookies: tuple[Cookie, ...], limit: int) -> Self | FetchError:
        """On its way to the next address, or why it goes no further."""
        came_by = (*self.came_by, _visit(self.url, self.cookies))
        if flaw := flaw_of_url(url):
            return FetchError(Reason.BAD_URL, f"it redirects to {redacted(url)!r}: {flaw}")
        if _visit(url, cookies) in came_by:
            return FetchError(Reason.REDIRECTS, f"it redirects in a circle, back to {url}")
        if len(came_by) > limit:
            return FetchError(Reason.REDIRECTS, f"more than {limit} redirects, the last to {url}")
        stays = urlsplit(url).netloc == urlsplit(self.url).netloc
        return replace(
            self,
            url=url,
            came_by=came_by,
            cookies=cookies,
            tries=0,
            not_before=0.0,
            for_programs=self.for_programs and stays,
        )

    def failure(self, error: FetchError) -> Failure:
        """The end of it, for a person; tells where an older copy could stand in."""
        detail = error.detail
        if self.stored is not None:
            detail += f"; a copy of {self.stored.fetched_at[:10]} is stored and can be read with --offline"
        return Failure(
            source=self.source,
            reason=error.reason,
            detail=detail,
            url="" if self.url == self.source.locator else self.url,
            status=error.answer.status if error.answer else 0,
        )

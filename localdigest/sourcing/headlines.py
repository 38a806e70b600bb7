"""Headlines without an address: whose front page may show them, and which of its posts each of them is. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from localdigest.facts.fold import squeeze
from localdigest.records import Source
from localdigest.sourcing.relevance import LEAST, relevance, terms_of
from localdigest.sourcing.selection import is_older
from localdigest.urls import flaw_of_url, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from localdigest.discovery.service import Hit
    from localdigest.sourcing.ranking import Finding

__all__ = ["front_pages", "with_addresses"]


def front_pages(findings: Iterable[Finding], *, topic: str, since: datetime | None, most: int) -> tuple[str, ...]:
    """Those of the sites whose headlines are on the topic and in the window, each once, as the services rank them."""
    terms = terms_of(topic)
    sites: dict[str, str] = {}
    for finding in findings:
        for hit in finding.hits:
            is_wanted = (
                not hit.url and not flaw_of_url(hit.site) and relevance(terms, title=hit.title, aside="") >= LEAST
            )
            if is_wanted and not is_older(Source(hit.site, published=hit.published), since):
                sites.setdefault(site_of(hit.site), hit.site)
    return tuple(sites.values())[:most]


def with_addresses(findings: Iterable[Finding], posts: Iterable[Source]) -> list[Finding]:
    """The findings, in which each headline that stands on its own site's list has the address from there.

    Only the very same headline counts, and only an address of that site: what is cited has to be what was found.
    """
    known = {(site_of(post.locator), squeeze(post.title)): post for post in posts if squeeze(post.title)}

    def located(hit: Hit) -> Hit:
        post = None if hit.url else known.get((site_of(hit.site), squeeze(hit.title)))
        return replace(hit, url=post.locator, html=post.feed_html, byline=post.byline) if post else hit

    return [replace(finding, hits=tuple(map(located, finding.hits))) for finding in findings]

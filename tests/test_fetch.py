from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from caches import MemoryCache
from conftest import HEEDING_PYTHON
from readers import READER
from servers import Answers, Asked, Route, redirect, serve

from localdigest.net.client import Client, open_client
from localdigest.net.guard import Guard
from localdigest.records import Document, Failure, Page, PageOrigin, Reason, Source
from localdigest.stages.fetch import Clock, FetchPolicy, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

POLICY = FetchPolicy(
    allow_hosts=frozenset({"127.0.0.1", "127.0.0.2", "127.0.0.3", "localhost"}),
    per_host_interval_s=0.0,
    retry_base_s=0.01,
)
ARTICLE = "<html><body><p>Mistral opens an office.</p></body></html>"


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


def fetch_all(
    locators: Iterable[str], cache: MemoryCache, *, policy: FetchPolicy = POLICY, clock: Clock | None = None
) -> list[Page | Failure]:
    sources = [Source(locator) for locator in locators]
    with open_client(policy) as client:
        return list(fetch(sources, client=client, cache=cache, policy=policy, robots=READER.robots, clock=clock))


def page_at(locator: str, cache: MemoryCache, *, policy: FetchPolicy = POLICY) -> Page:
    (result,) = fetch_all([locator], cache, policy=policy)
    assert isinstance(result, Page), result
    return result


def failure_at(
    locator: str, cache: MemoryCache, *, policy: FetchPolicy = POLICY, clock: Clock | None = None
) -> Failure:
    (result,) = fetch_all([locator], cache, policy=policy, clock=clock)
    assert isinstance(result, Failure), result
    return result


# ── a page ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_comes_with_what_the_server_says_of_it(cache: MemoryCache) -> None:
    """Bytes, media type, charset, address, validators; and it is stored."""
    route = Route(ARTICLE, content_type='Text/HTML; charset="Big5"', etag='"v1"', last_modified=1_700_000_000)
    with serve({"/a": route}) as site:
        page = page_at(site.url("/a"), cache)

    assert page.body == ARTICLE.encode()
    assert (page.media_type, page.charset) == ("text/html", "big5")
    assert (page.etag, page.last_modified) == ('"v1"', "Tue, 14 Nov 2023 22:13:20 GMT")
    assert page.url == page.source.locator
    assert page.origin is PageOrigin.NETWORK
    assert datetime.fromisoformat(page.fetched_at).tzinfo is UTC
    assert cache.page(page.source.locator) == page


def test_gzip_is_undone(cache: MemoryCache) -> None:
    with serve({"/a": Route(ARTICLE, gzip=True)}) as site:
        page = page_at(site.url("/a"), cache)

    assert page.body == ARTICLE.encode()


def test_a_page_that_did_not_change_is_not_sent_again(cache: MemoryCache) -> None:
    """The second run sends both validators and gives the stored bytes with their first time."""
    with serve({"/a": Route(ARTICLE, etag='"v1"', last_modified=1_700_000_000)}) as site:
        first = page_at(site.url("/a"), cache)
        second = page_at(site.url("/a"), cache)
        sent = site.asked("/a")[1].headers

    assert second == replace(first, origin=PageOrigin.UNCHANGED)
    assert sent["if-none-match"] == '"v1"'
    assert sent["if-modified-since"] == first.last_modified


def test_a_page_whose_bytes_are_lost_when_the_site_says_that_they_are_current_is_asked_for_again() -> None:
    class Damaged(MemoryCache):
        """Gives a page once, for its validators."""

        def page(self, locator: str) -> Page | None:
            return self.pages.pop(locator, None)

    cache = Damaged()
    with serve({"/a": Route(ARTICLE, etag='"v1"'), "/robots.txt": Route(status=404)}) as site:
        page_at(site.url("/a"), cache)
        page = page_at(site.url("/a"), cache)
        asked = [request.headers.get("if-none-match", "") for request in site.asked("/a")]

    assert (page.body, page.origin) == (ARTICLE.encode(), PageOrigin.NETWORK)
    assert asked == ["", '"v1"', ""]


def test_a_changed_page_takes_the_place_of_the_stored_one(cache: MemoryCache) -> None:
    with serve({"/a": [Route("<p>old", etag='"1"'), Route("<p>new", etag='"2"')]}) as site:
        page_at(site.url("/a"), cache)
        page = page_at(site.url("/a"), cache)

    assert (page.body, page.origin) == (b"<p>new", PageOrigin.NETWORK)
    assert cache.page(page.source.locator) == page


def test_validators_go_to_the_address_that_the_bytes_came_from(cache: MemoryCache) -> None:
    """Behind a redirect they are sent to its target, not to its start."""
    with serve({"/a": redirect("/b", 301), "/b": Route(ARTICLE, etag='"v1"')}) as site:
        page_at(site.url("/a"), cache)
        page = page_at(site.url("/a"), cache)
        start, target = site.asked("/a")[1], site.asked("/b")[1]

    assert page.origin is PageOrigin.UNCHANGED
    assert page.url == site.url("/b")
    assert "if-none-match" not in start.headers
    assert target.headers["if-none-match"] == '"v1"'


def test_a_304_that_nobody_asked_for_is_no_page(cache: MemoryCache) -> None:
    with serve({"/a": Route(status=304)}) as site:
        failure = failure_at(site.url("/a"), cache)

    assert (failure.reason, failure.status) == (Reason.HTTP_ERROR, 304)


# ── statuses, redirects, retries ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, Reason.NOT_FOUND),
        (410, Reason.NOT_FOUND),
        (401, Reason.FORBIDDEN),
        (403, Reason.FORBIDDEN),
        (451, Reason.FORBIDDEN),
        (418, Reason.HTTP_ERROR),
        (204, Reason.HTTP_ERROR),
        (302, Reason.HTTP_ERROR),  # without Location
        (501, Reason.SERVER_ERROR),
        (799, Reason.HTTP_ERROR),
    ],
)
def test_a_status_that_is_no_page_fails_at_once(status: int, reason: Reason, cache: MemoryCache) -> None:
    """The reason says which kind it is, the failure carries the status, and nobody asks twice."""
    with serve({"/a": Route(status=status)}) as site:
        failure = failure_at(site.url("/a"), cache)
        times = len(site.asked("/a"))

    assert (failure.reason, failure.status, times) == (reason, status, 1)
    assert str(status) in failure.detail


def test_an_answer_without_a_body_is_empty(cache: MemoryCache) -> None:
    with serve({"/a": Route("")}) as site:
        assert failure_at(site.url("/a"), cache).reason is Reason.EMPTY


def test_redirects_are_followed(cache: MemoryCache) -> None:
    """Relative ones too; the page knows its last address, its source the first."""
    with serve({"/a": redirect("b"), "/b": redirect("/c#part", 308), "/c": Route(ARTICLE)}) as site:
        page = page_at(site.url("/a"), cache)

    assert (page.source.locator, page.url) == (site.url("/a"), site.url("/c"))


@pytest.mark.parametrize("start", ["/a", "/self"])
def test_a_redirect_loop_ends(start: str, cache: MemoryCache) -> None:
    with serve({"/a": redirect("/b"), "/b": redirect("/a"), "/self": redirect("/self")}) as site:
        failure = failure_at(site.url(start), cache)

    assert failure.reason is Reason.REDIRECTS
    assert "circle" in failure.detail


def test_a_circle_that_sets_a_cookie_is_followed(cache: MemoryCache) -> None:
    """Publishers do so to see whether it is kept. It is, for this page: the next one starts without."""

    def article(request: Asked) -> Route:
        return Route(ARTICLE) if request.headers.get("cookie") == "seen=1" else redirect("/check")

    check = Route(status=302, headers={"Location": "/a", "Set-Cookie": "seen=1; Path=/"})
    with serve({"/a": article, "/check": check, "/b": Route(ARTICLE)}) as site:
        page = page_at(site.url("/a"), cache)
        page_at(site.url("/b"), cache)

    assert (page.body, page.url) == (ARTICLE.encode(), site.url("/a"))
    assert "cookie" not in site.asked("/b")[0].headers


def test_a_cookie_stays_with_the_host_that_set_it(cache: MemoryCache) -> None:
    with serve({"/b": Route(ARTICLE)}, host="127.0.0.2") as other:
        start = Route(status=302, headers={"Location": other.url("/b"), "Set-Cookie": "secret=1; Path=/"})
        with serve({"/a": start}) as site:
            page_at(site.url("/a"), cache)

        assert "cookie" not in other.asked("/b")[0].headers


def test_a_circle_that_sets_ever_new_cookies_ends(cache: MemoryCache) -> None:
    numbers = iter(range(100))

    def again(_: Asked) -> Route:
        return Route(status=302, headers={"Location": "/a", "Set-Cookie": f"n={next(numbers)}"})

    with serve({"/a": again}) as site:
        failure = failure_at(site.url("/a"), cache)

    assert (failure.reason, len(site.asked("/a"))) == (Reason.REDIRECTS, 6)


@pytest.mark.parametrize(("hops", "expected"), [(5, "page"), (6, Reason.REDIRECTS)])
def test_five_redirects_are_followed_and_not_six(hops: int, expected: str, cache: MemoryCache) -> None:
    routes: dict[str, Answers] = {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(hops)}
    routes[f"/{hops}"] = Route(ARTICLE)
    with serve(routes) as site:
        (result,) = fetch_all([site.url("/0")], cache)

    assert (result.reason if isinstance(result, Failure) else "page") == expected


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://127.0.0.9/secret", Reason.ADDRESS),
        ("http://[::1]/", Reason.ADDRESS),
        ("http://169.254.169.254/latest/meta-data", Reason.ADDRESS),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("http://good.example\\@127.0.0.9/", Reason.BAD_URL),
        ("http://[bad/", Reason.BAD_URL),
    ],
)
@pytest.mark.parametrize("respect_robots", [True, False])
def test_a_redirect_to_a_private_address_is_refused(
    target: str, reason: Reason, cache: MemoryCache, *, respect_robots: bool
) -> None:
    """A page cannot send the program to a place that the user did not name."""
    policy = replace(POLICY, allow_hosts=frozenset({"127.0.0.1"}), respect_robots=respect_robots)
    with serve({"/a": redirect(target)}) as site:
        failure = failure_at(site.url("/a"), cache, policy=policy)

    assert failure.reason is reason


def test_a_server_error_is_asked_again_and_then_given_up(cache: MemoryCache) -> None:
    """500 thrice is the end; the fourth answer, which would be good, is not asked for."""
    with serve({"/a": [Route(status=500)] * 3 + [Route(ARTICLE)]}) as site:
        failure = failure_at(site.url("/a"), cache)
        times = len(site.asked("/a"))

    assert (failure.reason, failure.status, times) == (Reason.SERVER_ERROR, 500, 3)


def test_retry_after_is_waited_for(cache: MemoryCache) -> None:
    """429 with Retry-After, then 200: the page comes, and not sooner than the server asked."""
    routes = {"/a": [Route(status=429, headers={"Retry-After": "1"}), Route(ARTICLE)]}
    with serve(routes) as site:
        page = page_at(site.url("/a"), cache)
        first, second = site.asked("/a")

    assert page.body == ARTICLE.encode()
    assert second.at - first.at >= 1.0


def test_a_host_that_asks_for_patience_is_left_alone_by_all(cache: MemoryCache) -> None:
    """While one page waits for Retry-After, no other page of the host is asked for."""
    busy = [Route(status=503, headers={"Retry-After": "1"}), Route(ARTICLE)]
    with serve({"/a": busy, "/b": Route(ARTICLE)}) as site:
        fetch_all([site.url("/a"), site.url("/b")], cache)
        first = site.asked("/a")[0].at

        assert all(entry.at - first >= 1.0 for entry in site.log if entry.at > first)


def test_too_long_a_retry_after_is_not_waited_for(cache: MemoryCache) -> None:
    with serve({"/a": Route(status=429, headers={"Retry-After": "3600"})}) as site:
        failure = failure_at(site.url("/a"), cache)

    assert (failure.reason, len(site.asked("/a"))) == (Reason.RATE_LIMITED, 1)


@pytest.mark.parametrize("respect_robots", [True, False])
def test_a_host_that_will_not_be_asked_today_is_asked_no_more(cache: MemoryCache, *, respect_robots: bool) -> None:
    """All its pages fail with the first answer, whether that came for robots.txt or for a page."""
    busy = Route(status=429, headers={"Retry-After": "3600"})
    paths = ["/a", "/b", "/c"]
    with serve({"/robots.txt": busy, **dict.fromkeys(paths, busy)}) as site:
        results = fetch_all(map(site.url, paths), cache, policy=replace(POLICY, respect_robots=respect_robots))

    for result in results:
        assert isinstance(result, Failure)
        assert (result.reason, result.status) == (Reason.RATE_LIMITED, 429)
        assert "3600 s" in result.detail
    assert (len(results), len(site.log)) == (3, 1)


def test_a_cut_connection_is_tried_again(cache: MemoryCache) -> None:
    """A body that breaks off is never taken for a page."""
    with serve({"/a": [Route(ARTICLE, cut_after=10), Route(ARTICLE)]}) as site:
        assert page_at(site.url("/a"), cache).body == ARTICLE.encode()


@pytest.mark.parametrize("route", [Route(ARTICLE, cut_after=10), Route(ARTICLE, length=10_000, cut_after=10_000)])
def test_a_body_shorter_than_promised_is_a_failure(route: Route, cache: MemoryCache) -> None:
    with serve({"/a": route}) as site:
        failure = failure_at(site.url("/a"), cache)
        times = len(site.asked("/a"))

    assert (failure.reason, times) == (Reason.CONNECTION, 3)


def test_nobody_listens(cache: MemoryCache) -> None:
    with serve({}) as site:
        url = site.url("/a")

    assert failure_at(url, cache).reason is Reason.CONNECTION


def test_an_unknown_name(cache: MemoryCache) -> None:
    """The detail names the host."""
    failure = failure_at("https://name.invalid/a", cache, policy=replace(POLICY, retries=0))

    assert failure.reason in (Reason.CONNECTION, Reason.TIMEOUT)
    assert "name.invalid" in failure.detail


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_gzip_bomb_stops_at_the_limit(cache: MemoryCache) -> None:
    """A megabyte that would become a gigabyte is counted as it unpacks."""
    with serve({"/a": Route(b"\0" * 2**26, gzip=True)}) as site:
        failure = failure_at(site.url("/a"), cache, policy=replace(POLICY, max_bytes=2**20))

    assert failure.reason is Reason.TOO_LARGE


def test_a_pdf_may_be_larger(cache: MemoryCache) -> None:
    """PDFs have a limit of their own, by media type or by name."""
    policy = replace(POLICY, max_bytes=10, max_pdf_bytes=100)
    routes = {
        "/a": Route(b"%" * 50, content_type="application/pdf"),
        "/b.pdf": Route(b"%" * 50, content_type="application/octet-stream"),
        "/c.pdf": Route(b"%" * 101, content_type="application/pdf"),
        "/d": Route(b"%" * 50),
    }
    with serve(routes) as site:
        results = {result.source.locator: result for result in fetch_all(map(site.url, routes), cache, policy=policy)}

    assert isinstance(results[site.url("/a")], Page)
    assert isinstance(results[site.url("/b.pdf")], Page)
    assert isinstance(results[site.url("/c.pdf")], Failure)
    assert isinstance(results[site.url("/d")], Failure)


@pytest.mark.parametrize("route", [Route("x" * 500, drip_s=0.05), Route("x", drip_headers_s=0.05), Route(delay_s=5)])
def test_a_dripping_server_meets_the_deadline(route: Route, cache: MemoryCache) -> None:
    """A byte now and then keeps no connection alive beyond the page's time, in the body or in the headers."""
    policy = replace(POLICY, deadline_s=0.5, respect_robots=False)
    with serve({"/a": route}) as site:
        started = time.monotonic()
        failure = failure_at(site.url("/a"), cache, policy=policy)

    assert failure.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("content_type", ["image/png", "video/mp4", "application/zip", "image/svg+xml", "font/woff2"])
def test_a_type_that_holds_no_text_is_not_read(content_type: str, cache: MemoryCache) -> None:
    """The decision falls on the header: the endless body behind it is never waited for."""
    with serve({"/a": Route(b"\0" * 1000, content_type=content_type, drip_s=1.0)}) as site:
        started = time.monotonic()
        failure = failure_at(site.url("/a"), cache)

    assert failure.reason is Reason.UNSUPPORTED
    assert content_type in failure.detail
    assert time.monotonic() - started < 5.0


def test_an_unknown_content_encoding_is_no_text(cache: MemoryCache) -> None:
    with serve({"/a": Route(b"\x1f\x9d", headers={"Content-Encoding": "compress"})}) as site:
        assert failure_at(site.url("/a"), cache).reason is Reason.UNREADABLE


def test_a_damaged_content_encoding_is_no_text(cache: MemoryCache) -> None:
    with serve({"/a": Route(b"not gzip", headers={"Content-Encoding": "gzip"})}) as site:
        assert failure_at(site.url("/a"), cache).reason is Reason.UNREADABLE


# ── robots.txt ───────────────────────────────────────────────────────────────────────────────────────────────────────


def robots(text: str) -> Route:
    return Route(text, content_type="text/plain")


def test_robots_txt_is_obeyed(cache: MemoryCache) -> None:
    """A disallowed page is never asked for."""
    with serve({"/robots.txt": robots("User-agent: *\nDisallow: /private"), "/private/a": Route(ARTICLE)}) as site:
        failure = failure_at(site.url("/private/a"), cache)

    assert failure.reason is Reason.ROBOTS
    assert site.asked("/private/a") == []


def test_robots_txt_may_name_this_program(cache: MemoryCache) -> None:
    rules = "User-agent: *\nAllow: /\n\nUser-agent: localdigest\nDisallow: /"
    with serve({"/robots.txt": robots(rules), "/a": Route(ARTICLE)}) as site:
        assert failure_at(site.url("/a"), cache).reason is Reason.ROBOTS


def test_robots_txt_can_be_left_aside(cache: MemoryCache) -> None:
    """Only when the policy says so; then it is not even asked for."""
    with serve({"/robots.txt": robots("User-agent: *\nDisallow: /"), "/a": Route(ARTICLE)}) as site:
        page_at(site.url("/a"), cache, policy=replace(POLICY, respect_robots=False))

    assert site.asked("/robots.txt") == []


def test_robots_txt_holds_for_the_target_of_a_redirect(cache: MemoryCache) -> None:
    """Also when the target is another site."""
    other_routes = {"/robots.txt": robots("User-agent: *\nDisallow: /b"), "/b": Route(ARTICLE)}
    with serve(other_routes, host="127.0.0.2") as other, serve({"/a": redirect(other.url("/b"))}) as site:
        failure = failure_at(site.url("/a"), cache)

    assert (failure.reason, failure.url) == (Reason.ROBOTS, other.url("/b"))
    assert other.asked("/b") == []


def test_robots_txt_is_asked_for_once(cache: MemoryCache) -> None:
    """Once for all pages of a run, and not again in the next run of the day."""
    with serve({"/robots.txt": robots("User-agent: *\nDisallow:"), "/a": Route(ARTICLE), "/b": Route(ARTICLE)}) as site:
        fetch_all([site.url("/a"), site.url("/b")], cache)
        fetch_all([site.url("/a"), site.url("/b")], cache)

        assert len(site.asked("/robots.txt")) == 1


def test_robots_txt_is_asked_for_again_the_next_day(cache: MemoryCache) -> None:
    """And the new rules hold."""
    tomorrow = Clock(now=lambda: datetime.now(UTC) + timedelta(hours=25))
    with serve(
        {"/robots.txt": [Route(status=404), robots("User-agent: *\nDisallow: /")], "/a": Route(ARTICLE)}
    ) as site:
        page_at(site.url("/a"), cache)
        failure = failure_at(site.url("/a"), cache, clock=tomorrow)

    assert failure.reason is Reason.ROBOTS


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)])
def test_what_was_fetched_by_a_wrong_clock_is_asked_for_anew(wrong: datetime, cache: MemoryCache) -> None:
    """Rules and pages: nobody knows how old they are. Offline they are still there."""
    with serve({"/robots.txt": robots("User-agent: *\nDisallow:"), "/a": Route(ARTICLE, etag='"1"')}) as site:
        fetch_all([site.url("/a")], cache, clock=Clock(now=lambda: wrong))
        stored = page_at(site.url("/a"), cache, policy=replace(POLICY, offline=True))
        anew, unchanged = page_at(site.url("/a"), cache), page_at(site.url("/a"), cache)

    assert len(site.asked("/robots.txt")) == 2
    assert ["if-none-match" in asked.headers for asked in site.asked("/a")] == [False, False, True]
    assert (stored.fetched_at[:4], stored.origin) == (str(wrong.year), PageOrigin.STORE)
    assert (anew.origin, unchanged.origin) == (PageOrigin.NETWORK, PageOrigin.UNCHANGED)
    assert anew.fetched_at[:4] == str(datetime.now(UTC).year)


def test_a_clock_that_jumps_to_and_fro_holds_nothing_up(cache: MemoryCache) -> None:
    """Pauses, deadlines and retries go by the clock that cannot be set."""
    years = iter([1970, 2100] * 1000)
    jumping = Clock(now=lambda: datetime(next(years), 1, 1, tzinfo=UTC))
    paths = [f"/{number}" for number in range(6)]
    routes: dict[str, Answers] = {path: [Route(status=503), Route(ARTICLE)] for path in paths}
    with serve({"/robots.txt": robots("User-agent: *\nCrawl-delay: 0.01"), **routes}) as site:
        results = fetch_all(map(site.url, paths), cache, clock=jumping)

    assert [type(result) for result in results] == [Page] * 6


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_no_robots_txt_allows_everything(status: int, cache: MemoryCache) -> None:
    """RFC 9309, 2.3.1.3."""
    with serve({"/robots.txt": Route(status=status), "/a": Route(ARTICLE)}) as site:
        page_at(site.url("/a"), cache)


@pytest.mark.parametrize(
    ("route", "reason"), [(Route(status=503), Reason.SERVER_ERROR), (Route("x", cut_after=0), Reason.CONNECTION)]
)
def test_unreadable_rules_close_the_site(route: Route, reason: Reason, cache: MemoryCache) -> None:
    """RFC 9309, 2.3.1.4: nothing of the site is fetched, and each failure says why."""
    with serve({"/robots.txt": route, "/a": Route(ARTICLE), "/b": Route(ARTICLE)}) as site:
        results = fetch_all([site.url("/a"), site.url("/b")], cache)

    for result in results:
        assert isinstance(result, Failure)
        assert result.reason is reason
        assert "robots.txt" in result.detail
    assert site.asked("/a") == []


def test_old_rules_serve_while_the_site_cannot_tell_its_own(cache: MemoryCache) -> None:
    """RFC 9309, 2.4: a cached copy may be used longer when robots.txt is unreachable."""
    tomorrow = Clock(now=lambda: datetime.now(UTC) + timedelta(hours=25))
    rules = [robots("User-agent: *\nDisallow: /private"), Route(status=500)]
    with serve({"/robots.txt": rules, "/a": Route(ARTICLE)}) as site:
        page_at(site.url("/a"), cache)
        (result,) = fetch_all([site.url("/a")], cache, clock=tomorrow)

    assert isinstance(result, Page)


def test_robots_txt_behind_a_redirect(cache: MemoryCache) -> None:
    rules = {"/robots.txt": redirect("/r"), "/r": robots("User-agent: *\nDisallow: /a"), "/a": Route(ARTICLE)}
    with serve(rules) as site:
        assert failure_at(site.url("/a"), cache).reason is Reason.ROBOTS


def test_robots_txt_of_another_site_learnt_by_a_redirect_is_not_asked_for_again(cache: MemoryCache) -> None:
    """As when http://… leads to https://… for the rules and for the page alike."""
    with serve({"/robots.txt": robots(""), "/a": Route(ARTICLE)}, host="127.0.0.2") as new:
        with serve({"/robots.txt": redirect(new.url("/robots.txt")), "/a": redirect(new.url("/a"))}) as old:
            page_at(old.url("/a"), cache)

        assert len(new.asked("/robots.txt")) == 1


def test_crawl_delay_is_honoured(cache: MemoryCache) -> None:
    """Also beyond the policy's own pause; here up to a limit of 0.3 s."""
    policy = replace(POLICY, max_crawl_delay_s=0.3)
    routes = {"/robots.txt": robots("User-agent: *\nCrawl-delay: 20"), "/a": Route(ARTICLE), "/b": Route(ARTICLE)}
    with serve(routes) as site:
        fetch_all([site.url("/a"), site.url("/b")], cache, policy=policy)
        first, second = site.asked("/a")[0].at, site.asked("/b")[0].at

    assert 0.3 <= second - first < 2.0


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_host_is_asked_one_thing_at_a_time(cache: MemoryCache) -> None:
    """And not before its pause is over, from one request to the next."""
    policy = replace(POLICY, per_host_interval_s=0.15)
    paths = ["/a", "/b", "/c"]
    with serve({path: Route(ARTICLE, delay_s=0.05) for path in paths}) as site:
        fetch_all(map(site.url, paths), cache, policy=policy)
        times = sorted(entry.at for entry in site.log)

    assert site.most_under_way == 1
    assert all(later - earlier >= 0.15 for earlier, later in pairwise(times))


def test_the_pause_holds_from_one_round_to_the_next(cache: MemoryCache) -> None:
    """Two rounds through one client ask one host no faster than one round would."""
    policy = replace(POLICY, per_host_interval_s=0.3, respect_robots=False)
    with serve({"/a": Route(ARTICLE), "/b": Route(ARTICLE)}) as site, open_client(policy) as client:
        list(fetch([Source(site.url("/a"))], client=client, cache=cache, policy=policy, robots=READER.robots))
        list(fetch([Source(site.url("/b"))], client=client, cache=cache, policy=policy, robots=READER.robots))
        first, second = (entry.at for entry in site.log)

    assert second - first >= 0.3


def test_the_hosts_of_a_slow_site_share_their_pause(cache: MemoryCache) -> None:
    """arXiv's rules count all its hosts together; here its pause is cut to 0.3 s."""
    hosts = ("arxiv.org", "export.arxiv.org")
    policy = replace(POLICY, max_crawl_delay_s=0.3, respect_robots=False)
    guard = Guard(allow_hosts=hosts, resolve=lambda *_: ("127.0.0.1",))
    with serve({"/a": Route(ARTICLE)}) as site, open_client(policy, guard=guard) as client:
        sources = [Source(site.url("/a").replace("127.0.0.1", host)) for host in hosts]
        results = list(fetch(sources, client=client, cache=cache, policy=policy, robots=READER.robots))
        first, second = (entry.at for entry in site.log)

    assert all(isinstance(result, Page) for result in results)
    assert second - first >= 0.3
    assert client.contacted_hosts == set(hosts)


def test_hosts_are_asked_at_the_same_time(cache: MemoryCache) -> None:
    """Eight slow hosts take the time of one, and results come as they complete."""
    with ExitStack() as stack:
        sites = [stack.enter_context(serve({"/a": Route(ARTICLE, delay_s=0.5)})) for _ in range(7)]
        quick = stack.enter_context(serve({"/a": Route(ARTICLE)}))
        started = time.monotonic()
        results = fetch_all([*(site.url("/a") for site in sites), quick.url("/a")], cache)
        took_s = time.monotonic() - started

    assert results[0].source.locator == quick.url("/a")
    assert took_s < 2.0  # 3.5 s one after the other


def test_no_more_than_the_policy_allows_are_under_way(cache: MemoryCache) -> None:
    policy = replace(POLICY, concurrency=2, respect_robots=False)
    with ExitStack() as stack:
        sites = [stack.enter_context(serve({"/a": Route(ARTICLE, delay_s=0.1)})) for _ in range(6)]
        started = time.monotonic()
        fetch_all([site.url("/a") for site in sites], cache, policy=policy)

    assert time.monotonic() - started >= 0.3


def test_one_dead_source_stops_no_other(cache: MemoryCache) -> None:
    """Every source ends in exactly one result."""
    with serve({"/a": Route(ARTICLE), "/loop": redirect("/loop"), "/cut": Route(ARTICLE, cut_after=3)}) as site:
        locators = [*map(site.url, ["/a", "/loop", "/cut", "/missing"]), "ftp://x/", "no/such/file", "https://"]
        with open_client(POLICY) as client:
            sources = [Source(locator) for locator in locators]
            results = list(fetch(sources, client=client, cache=cache, policy=POLICY, robots=READER.robots))

    assert sorted(result.source.locator for result in results) == sorted(locators)
    assert sum(isinstance(result, Page) for result in results) == 1


def test_whoever_stops_listening_stops_the_asking(cache: MemoryCache) -> None:
    """Closing the iteration early (as Ctrl-C does) comes back at once, and asks for nothing more."""
    slow = {f"/{number}": Route(ARTICLE, delay_s=3.0) for number in range(5)}
    with serve({"/first": Route(ARTICLE), **slow}) as site, open_client(POLICY) as client:
        sources = [Source(site.url(path)) for path in ("/first", *slow)]
        results = fetch(sources, client=client, cache=cache, policy=POLICY, robots=READER.robots)
        next(results)
        started = time.monotonic()
        results.close()  # type: ignore[attr-defined]  # a generator, as every caller may know
        took_s = time.monotonic() - started
        asked = len(site.log)
        time.sleep(0.3)

        assert took_s < 1.5
        assert len(site.log) <= asked + 1


def test_ctrl_c_ends_the_program_at_once() -> None:
    """Though a server still drips, and would for a minute."""
    program = """
import sys
from localdigest.net.client import open_client
from localdigest.records import Source
from localdigest.stages.fetch import FetchPolicy, fetch

class NoCache:
    def page(self, locator): return None
    def put_page(self, page): pass

policy = FetchPolicy(allow_hosts=frozenset({"127.0.0.1"}), respect_robots=False)
with open_client(policy) as client:
    print("ready", flush=True)
    list(fetch([Source(sys.argv[1])], client=client, cache=NoCache(), policy=policy, robots=lambda *_: None))
"""
    with (
        serve({"/a": Route("x" * 600, drip_s=0.1)}) as site,
        subprocess.Popen(
            [*HEEDING_PYTHON, "-c", program, site.url("/a")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child,
    ):
        assert child.stdout is not None
        child.stdout.readline()
        while not site.log:
            time.sleep(0.01)
        started = time.monotonic()
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
        took_s = time.monotonic() - started

    assert b"KeyboardInterrupt" in errors
    assert took_s < 10.0


def test_the_hosts_that_were_dialled_are_known(cache: MemoryCache) -> None:
    """For the manifest; a refused host is not among them."""
    with serve({"/a": Route(ARTICLE)}) as site, open_client(POLICY) as client:
        sources = [Source(site.url("/a")), Source("http://10.0.0.1/")]
        list(fetch(sources, client=client, cache=cache, policy=POLICY, robots=READER.robots))

    assert client.contacted_hosts == {"127.0.0.1"}


# ── offline ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def deaf_client() -> Iterator[Client]:
    """A client whose every look-up of a name would be heard of."""

    def refuse(host: str, _: int) -> tuple[str, ...]:
        raise AssertionError(f"{host} was looked up")

    with open_client(POLICY, guard=Guard(resolve=refuse)) as client:
        yield client


def test_offline_reads_what_is_stored(cache: MemoryCache, deaf_client: Client) -> None:
    """Stored pages come from the store, others are failures, and nothing is asked."""
    with serve({"/a": Route(ARTICLE)}) as site:
        stored = page_at(site.url("/a"), cache)
        asked = len(site.log)
        policy = replace(POLICY, offline=True)
        sources = [Source(site.url("/a"), title="hint"), Source(site.url("/b"))]
        page, failure = list(fetch(sources, client=deaf_client, cache=cache, policy=policy, robots=READER.robots))

    assert page == replace(stored, source=sources[0], origin=PageOrigin.STORE)
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.OFFLINE
    assert len(site.log) == asked
    assert deaf_client.contacted_hosts == frozenset()


def test_online_a_stored_copy_does_not_hide_a_failure(cache: MemoryCache) -> None:
    """The failure tells that an older copy is there."""
    with serve({"/a": [Route(ARTICLE), Route(status=404)]}) as site:
        page_at(site.url("/a"), cache)
        failure = failure_at(site.url("/a"), cache)

    assert failure.reason is Reason.NOT_FOUND
    assert "--offline" in failure.detail


# ── local files ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_local_file_is_a_page(tmp_path: Path, cache: MemoryCache) -> None:
    """Its media type comes from its name, its address is the one it was saved from where that is known."""
    path = tmp_path / "論文 1.PDF"
    path.write_bytes(b"%PDF-")
    with open_client(POLICY) as client:
        sources = [Source(str(path)), Source(str(path), url="https://example.com/paper")]
        plain, saved = list(
            fetch(sources, client=client, cache=cache, policy=replace(POLICY, offline=True), robots=READER.robots)
        )

    assert isinstance(plain, Page)
    assert isinstance(saved, Page)
    assert (plain.body, plain.media_type, plain.origin) == (b"%PDF-", "application/pdf", PageOrigin.FILE)
    assert plain.url == path.as_uri()
    assert saved.url == "https://example.com/paper"
    assert cache.pages == {}


def test_local_files_that_cannot_be_read(tmp_path: Path, cache: MemoryCache) -> None:
    """Each has its reason."""
    empty, large, folder, secret = tmp_path / "empty.md", tmp_path / "large.md", tmp_path / "folder", tmp_path / "pipe"
    empty.touch()
    large.write_bytes(b"x" * 101)
    folder.mkdir()
    os.mkfifo(secret)
    policy = replace(POLICY, max_bytes=100)
    expected = {
        str(empty): Reason.EMPTY,
        str(large): Reason.TOO_LARGE,
        str(folder): Reason.UNSUPPORTED,
        str(secret): Reason.UNSUPPORTED,
        str(tmp_path / "missing.md"): Reason.NOT_FOUND,
        str(empty / "below.md"): Reason.NOT_FOUND,
        "nul\0name": Reason.UNREADABLE,
        "n" * 5000: Reason.UNREADABLE,
    }
    results = fetch_all(expected, cache, policy=policy)

    assert {result.source.locator: result.reason for result in results if isinstance(result, Failure)} == expected


@pytest.mark.parametrize("modified", [0, 315_532_800, 4_102_444_800, 10.0**14])
def test_the_time_of_a_file_that_cannot_be_is_not_known(modified: float, tmp_path: Path, cache: MemoryCache) -> None:
    """Archives date files to 1970 and 1980: what stands in one is not of a time to come for that."""
    path = tmp_path / "a.html"
    text = "".join(f"<p>The harbour opened quay {number} on Monday, after years of work.</p>" for number in range(30))
    path.write_text(f'<meta property="article:published_time" content="2025-12-30"><article>{text}</article>')
    with suppress(OverflowError, OSError):  # the file system may not know such a time
        os.utime(path, (modified, modified))
        page = page_at(str(path), cache)
        read = READER.document(page)

        assert page.fetched_at == ""
        assert isinstance(read, Document)
        assert read.published == "2025-12-30"

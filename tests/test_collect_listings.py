"""A page that lists posts stands for them: for its feed where it names one, else for its links."""

from __future__ import annotations

from datetime import UTC, datetime

import internet
import pytest
from internet import Internet, Route
from listing_pages import FEED, POSTS, index, post
from readers import READER
from visits import visiting

from localdigest.records import Reason, Source
from localdigest.stages.collect import Collected, collect

HOST = "quay.example"
INDEX = f"https://{HOST}/posts/"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Quay notes</title><link>https://quay.example/</link>
<item><title>A third crane</title><link>/posts/a-third-crane/</link><pubDate>Sun, 28 Dec 2025 08:00:00 GMT</pubDate>
<description>The harbour ordered its third crane.</description></item>
<item><title>The ships</title><link>/posts/ships-of-the-year/</link><pubDate>Sat, 20 Dec 2025 08:00:00 GMT</pubDate>
</item></channel></rss>"""


def collected(url: str, web: Internet, *, since: datetime | None = None, per_source: int | None = None) -> Collected:
    with visiting(web) as fetching:
        return collect([Source(url)], fetch=fetching, read_list=READER.listing, since=since, per_source=per_source)


def locators(found: Collected) -> list[str]:
    return [source.locator for source in found.sources]


def test_its_feed_is_read_in_its_place() -> None:
    """The entries are found by what was named; relative links are relative to the feed."""
    with internet.internet({f"{HOST}/posts/": Route(index(head=FEED)), f"{HOST}/index.xml": internet.atom(RSS)}) as web:
        found = collected(INDEX, web)

    assert [(source.locator, source.via, source.published[:10]) for source in found.sources] == [
        (f"https://{HOST}/posts/a-third-crane/", f"feed {INDEX}", "2025-12-28"),
        (f"https://{HOST}/posts/ships-of-the-year/", f"feed {INDEX}", "2025-12-20"),
    ]
    assert found.sources[0].feed_html == "The harbour ordered its third crane."
    assert (found.pages, found.failures, found.warnings) == ((), (), ())
    assert [(feed.locator, feed.page.url) for feed in found.feeds] == [(INDEX, f"https://{HOST}/index.xml")]


def test_without_a_feed_its_links_are_taken() -> None:
    with internet.internet({f"{HOST}/posts/": Route(index())}) as web:
        found = collected(INDEX, web)

    assert [(source.title, source.via, source.published) for source in found.sources] == [
        (title, f"page {INDEX}", day) for _, title, day in POSTS
    ]
    assert found.pages == ()


def test_the_newest_are_taken_and_the_window_holds() -> None:
    posts = (POSTS[3], POSTS[0], POSTS[2], POSTS[1], ("undated", "A post that bears no date", "long ago"))
    with internet.internet({f"{HOST}/posts/": Route(index(posts=posts))}) as web:
        newest = collected(INDEX, web, per_source=2)
        window = collected(INDEX, web, since=datetime(2025, 12, 1, tzinfo=UTC))

    assert locators(newest) == [f"https://{HOST}/posts/{slug}/" for slug, _, _ in (POSTS[0], POSTS[1])]
    assert {failure.reason for failure in newest.failures} == {Reason.OVER_LIMIT}
    assert [source.title for source in window.sources][-1] == "A post that bears no date"
    assert [(failure.source.title, failure.reason) for failure in window.failures] == [
        (POSTS[3][1], Reason.OUT_OF_WINDOW)
    ]


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        (Route("gone", status=404), "status 404"),
        (Route("<html><body>Moved</body></html>"), "it holds no entries"),
        (internet.atom("<rss><channel><title>Quay</title></channel></rss>"), "it holds no entries"),
        (internet.json('{"version": "https://jsonfeed.org/version/1.1", "items": 1}'), "no list of items"),
    ],
)
def test_a_feed_that_gives_nothing_is_told_and_the_links_are_taken(feed: Route, why: str) -> None:
    with internet.internet({f"{HOST}/posts/": Route(index(head=FEED)), f"{HOST}/index.xml": feed}) as web:
        found = collected(INDEX, web)

    assert len(found.sources) == len(POSTS)
    assert len(found.warnings) == 1
    assert f"its feed https://{HOST}/index.xml was not used" in found.warnings[0]
    assert why in found.warnings[0]


def test_a_feed_that_robots_txt_closes_is_left_alone() -> None:
    routes = {
        f"{HOST}/posts/": Route(index(head=FEED)),
        f"{HOST}/index.xml": internet.atom(RSS),
        f"{HOST}/robots.txt": internet.text("User-agent: *\nDisallow: /index.xml"),
    }
    with internet.internet(routes) as web:
        found = collected(INDEX, web)

    assert locators(found)[0] == f"https://{HOST}/posts/a-third-crane/"
    assert "robots.txt" in found.warnings[0]
    assert web.asked_addresses() == [f"{HOST}/posts/"]


def test_a_front_page_that_needs_scripts_and_has_a_dead_feed_is_a_page() -> None:
    """There is nothing to take in its place: that it gives no text is told when it is read."""
    html = f"<html><head>{FEED}</head><body><div id=app></div><script></script></body></html>"
    with internet.internet({f"{HOST}/": Route(html)}) as web:
        found = collected(f"https://{HOST}/", web)

    assert [page.source.locator for page in found.pages] == [f"https://{HOST}/"]
    assert found.sources == ()


def test_an_article_with_the_feed_of_its_site_is_a_page() -> None:
    url = f"https://{HOST}/posts/a-third-crane/"
    with internet.internet({f"{HOST}/posts/a-third-crane/": Route(post())}) as web:
        found = collected(url, web)

    assert [page.source.locator for page in found.pages] == [url]
    assert web.asked_addresses() == [f"{HOST}/posts/a-third-crane/"]


def test_a_list_of_posts_is_not_asked_for_in_another_form() -> None:
    """WordPress names the data of the page that a list stands on."""
    data = '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">'
    few = [(slug, title, "") for slug, title, _ in POSTS]
    html = index(head=FEED + data, posts=few).replace("<p>A teaser of some words on it.</p>", "")
    with internet.internet({f"{HOST}/posts/": Route(html), f"{HOST}/index.xml": internet.atom(RSS)}) as web:
        found = collected(INDEX, web)

    assert len(found.sources) == 2
    assert web.asked_addresses() == [f"{HOST}/posts/", f"{HOST}/index.xml"]


def test_a_list_that_was_saved_is_the_page_that_was_wanted(tmp_path: object) -> None:
    """As a file it is one document; the network is not asked."""
    path = f"{tmp_path}/posts"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a name without a suffix
        file.write(index(head=FEED))
    with internet.internet({}) as web:
        found = collected(path, web)

    assert [page.source.locator for page in found.pages] == [path]
    assert web.log == []


def test_a_list_that_names_hundreds_of_feeds_is_asked_for_a_few() -> None:
    """Each that is none costs a request, and a slow one half a minute."""
    head = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{number}.xml">' for number in range(300))
    with internet.internet({f"{HOST}/posts/": Route(index(head=head))}) as web:
        found = collected(INDEX, web)
        asked = [entry.path for entry in web.log if entry.path.endswith(".xml")]

    assert len(asked) == len(found.warnings) == 4
    assert len(found.sources) == len(POSTS)

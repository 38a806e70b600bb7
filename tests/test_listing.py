"""Lists of posts are told from posts, and say which posts they list."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest
from conftest import REPOSITORY
from listing_pages import FEED, POSTS, index, post, related

from localdigest.parsing.listing import listing_of
from localdigest.parsing.results import Listing

CORPUS = REPOSITORY.parent / "shared" / "corpus"
HOST = "https://quay.example"


def listing(html: str, path: str = "/posts/") -> Listing:
    found = listing_of(html, url=HOST + path, not_after="2025-12-30")
    assert found is not None
    return found


def titles(found: Listing) -> list[str]:
    return [entry.title for entry in found.posts]


def test_a_list_names_its_posts_with_their_dates() -> None:
    """Navigation, footer and other sites are no posts of it."""
    found = listing(index())

    assert [(entry.title, entry.link, entry.published) for entry in found.posts] == [
        (title, f"{HOST}/posts/{slug}/", day) for slug, title, day in POSTS
    ]
    assert found.feeds == ()


@pytest.mark.parametrize("path", ["/", "/index.html", "/blog", "/en/news/", "/posts/page/2"])
def test_its_feed_is_that_of_its_site(path: str) -> None:
    assert listing(index(head=FEED), path).feeds == (f"{HOST}/index.xml",)


def test_a_section_has_a_feed_of_its_own_or_none() -> None:
    """The feed of all sections is not what was named."""
    own = '<link rel="alternate" type="application/atom+xml" href="/category/ships/feed/">'

    assert listing(index(head=FEED + own), "/category/ships/").feeds == (f"{HOST}/category/ships/feed/",)
    assert listing(index(head=FEED), "/category/ships/").feeds == ()
    assert listing(index(head=FEED, dates=False), "/category/ships/").feeds == (f"{HOST}/index.xml",)


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/rss+xml" title="Quay: Comments Feed" href="/feed2/">',
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">',
        '<link rel="alternate" type="application/rss+xml" href="https://feeds.elsewhere.example/quay">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/categories/3">',
        '<link rel="alternate" type="application/rss+xml" href="http://[broken">',
    ],
)
def test_other_feeds_are_none(link: str) -> None:
    """Comments, other sites, and what is no feed."""
    assert listing(index(head=link)).feeds == ()


def test_dates_are_read_as_they_are_shown() -> None:
    shown = ("December 28, 2025", "2025 年 12 月 20 日", "Published 1 Dec 2025 by Ada", "15.11.2025", "long ago")
    posts = [(slug, title, text) for (slug, title, _), text in zip(POSTS, shown, strict=True)]
    html = index(posts=posts).replace("<time datetime=", "<span title=").replace("</time>", "</span>")

    assert [entry.published for entry in listing(html).posts] == [
        "2025-12-28", "2025-12-20", "2025-12-01", "2025-11-15", "",
    ]  # fmt: skip


def test_a_short_headline_among_others_is_one() -> None:
    posts = (*POSTS, ("cranes", "Cranes", "2025-10-30"), ("tow", "On towing", "2025-10-28"))

    assert titles(listing(index(posts=posts))) == [title for _, title, _ in POSTS] + ["Cranes", "On towing"]


def test_a_list_without_dates_is_one_where_its_address_says_so() -> None:
    assert len(listing(index(dates=False)).posts) == 5
    assert listing_of(index(dates=False), url=f"{HOST}/harbour/") is None
    assert listing_of(index(dates=False), url=f"{HOST}/") is None


def test_a_card_that_is_all_link_is_called_by_its_heading() -> None:
    cards = "".join(
        f'<a href="/posts/{slug}"><div><h3>{title}</h3><p>{day}. A teaser of some words on it.</p></div></a>'
        for slug, title, day in POSTS
    )
    found = listing(f"<html><body><main>{cards}</main></body></html>")

    assert titles(found) == [title for _, title, _ in POSTS]
    assert found.posts[0].published == "2025-12-28"


def test_a_front_page_that_its_scripts_fill_has_its_feed() -> None:
    html = f"<html><head>{FEED}</head><body><div id=app></div><script></script></body></html>"

    assert listing(html, "/") == Listing((f"{HOST}/index.xml",), ())


def test_posts_in_full_are_a_list_too() -> None:
    """A front page that shows the newest in full, and the feed of all."""
    full = (
        "<article><h2><a href='/posts/a-third-crane/'>A third crane</a></h2><p>"
        + "Words of it. " * 200
        + "</p></article>"
    )

    assert listing(index(head=FEED, above=full), "/").feeds == (f"{HOST}/index.xml",)


# ── articles ──


@pytest.mark.parametrize(
    "path",
    [
        "/posts/a-third-crane/",
        "/2025/12/28/crane/",
        "/posts/crane",
        "/crane.html",
        "/p/41",
        "/?p=41",
        "/?utm_id=7&p=41",
    ],
)
@pytest.mark.parametrize("below", ["", related()])
def test_an_article_with_the_feed_of_its_site_stays_one(path: str, below: str) -> None:
    assert listing_of(post(below=below), url=HOST + path) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://docs.example.org/",
        "https://quay.example/docs/",
        "https://en.wikipedia.org/wiki/Ships",
        "https://play.google.com/store/apps",
        "https://arxiv.org/list/cs.CL/recent",
        "file:///home/ada/posts.html",
        "https://[broken/",
    ],
)
def test_pages_of_other_kinds_are_read_as_they_are(url: str) -> None:
    try:
        assert listing_of(index(head=FEED), url=url) is None
    except ValueError:
        pytest.fail("an address that is none raises")


@pytest.mark.parametrize("url", ["https://developer.example.org/blog/", "https://docs.example.org/en/news"])
def test_a_blog_beside_documentation_is_a_blog(url: str) -> None:
    found = listing_of(index(head=FEED), url=url)

    assert found is not None
    assert found.feeds == (f"https://{url.split('/')[2]}/index.xml",)


def test_a_shop_is_no_list_of_posts() -> None:
    products = "".join(
        f'<li><h2><a href="/products/{n}-stone">A stone of the old quay, number {n}</a></h2><span>{n}9 €</span></li>'
        for n in range(9)
    )

    assert (
        listing_of(
            f"<html><head>{FEED}</head><body><ul>{products}</ul></body></html>", url=f"{HOST}/collections/stones"
        )
        is None
    )


def test_a_thread_is_no_list_of_posts() -> None:
    """Its posts are dated and headed alike."""
    thread = "".join(
        f"<div><h3><a href='?p={n}'>Re: A third crane</a></h3><time>2025-12-0{n}</time><p>So I say.</p></div>"
        for n in range(1, 9)
    )

    assert listing_of(f"<html><head>{FEED}</head><body>{thread}</body></html>", url=f"{HOST}/crane") is None


@pytest.mark.parametrize(
    "html", ["", "x", "<a href='http://[x'>A broken link of words</a>" * 9, "<a>" * 9000, "<base href='http://['>"]
)
def test_no_page_makes_it_fail(html: str) -> None:
    assert listing_of(html, url=f"{HOST}/blog") is None


# ── real pages ──


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real pages are not beside this repository")
def test_of_the_real_pages_no_article_is_taken_for_a_list() -> None:
    """Nor any of 100 pages of other kinds; of the ten sections and front pages among them, eight are found."""
    lists: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for name in ("articles-en", "articles-zh", "mixed"):
        for entry in json.loads((CORPUS / name / "manifest.json").read_text(encoding="utf-8")):
            html = gzip.decompress((CORPUS / name / "html" / f"{entry['id']}.html.gz").read_bytes()).decode()
            kind = entry.get("page_type", "article")
            pages[kind] += 1
            lists[kind] += listing_of(html, url=entry.get("url") or "https://unknown.example/story") is not None

    assert pages["article"] == 166
    assert {kind: lists[kind] for kind in pages if kind not in ("listing", "collection")} == dict.fromkeys(
        ("article", "documentation", "forum", "product", "service"), 0
    )
    assert lists["collection"] == 1, "a newspaper's page on a subject; the other 24 are shelves of shops"
    assert lists["listing"] >= 7
